// Rooms: gateway journal
// A gateway's witness file. What is read, saved and read again, is the same.
#include <cstdint>

#include "base/assert.h"
#include "gateway/witness.h"
#include "journal/temporary_folder.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace okiagari;
  static journal::TemporaryFolder folder;
  const std::string name = gateway::witness_path(folder.path()).substr(folder.path().size() + 1);
  folder.replace(name, {reinterpret_cast<const std::byte*>(data), size});
  const auto read = gateway::load_witness(folder.path());
  if (!read) return 0;
  ASSERT(gateway::save_witness(folder.path(), read.value()).ok());
  const auto again = gateway::load_witness(folder.path());
  ASSERT(again.ok(), "{}", again.ok() ? "" : again.error().message);
  ASSERT(again.value().sessions.size() == read.value().sessions.size());
  ASSERT(again.value().sequence == read.value().sequence);
  return 0;
}
