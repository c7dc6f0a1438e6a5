// Rooms: check
// A batch as the checker finds it in a journal. What is read can also be told, and is never more
// than there are bytes for.
#include <cstdint>

#include "base/assert.h"
#include "check/logged_command.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace okiagari;
  check::LoggedBatch batch;
  const bool is_whole =
      check::decode_batch({reinterpret_cast<const std::byte*>(data), size}, batch);
  ASSERT(batch.commands.size() <= size);
  if (!is_whole) return 0;
  for (const check::LoggedCommand& command : batch.commands) {
    ASSERT(!check::describe(command).empty());
  }
  return 0;
}
