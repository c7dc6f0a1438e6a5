// Rooms: venue journal base
// Files: salvage/rebuild_act.cc
// The act of rebuilding a cluster. One that is read, written again, is read as the same act.
#include <cstdint>

#include "base/assert.h"
#include "salvage/rebuild_act.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace okiagari;
  const auto act =
      salvage::RebuildAct::parse({reinterpret_cast<const char*>(data), size}, "the fuzzer's act");
  if (!act) return 0;
  const auto again = salvage::RebuildAct::parse(act.value().to_json(), "the act written again");
  ASSERT(again.ok(), "{}", again.error().message);
  ASSERT(again.value().digest() == act.value().digest(), "another act");
  ASSERT(again.value().approvals() == act.value().approvals(), "other approvals");
  return 0;
}
