// Rooms: desk
// A batch of the desk's log, and what the desk makes of it. Entries that are read, written again,
// are the same entries; a desk takes whatever is in them or refuses it, and its timeline stays
// whole.
#include <cstdint>

#include "base/assert.h"
#include "desk/approvals.h"
#include "desk/desk.h"
#include "desk/halts.h"
#include "desk/incidents.h"
#include "desk/playbook_runs.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace okiagari;
  const auto read = desk::read_entries({reinterpret_cast<const std::byte*>(data), size});
  if (!read) return 0;
  base::ByteWriter again;
  for (const desk::Entry& entry : read.value()) {
    if (again.size() < (1u << 20)) desk::append_entry(again, entry);
  }
  ASSERT(desk::read_entries(again.view()).ok());
  desk::Desk desk;
  auto& incidents = desk.add(std::make_unique<desk::Incidents>(
      std::vector<desk::Trigger>{{"process.gone", 2, {"{entity} is gone", "{entity} が停止"}}}));
  desk.add(std::make_unique<desk::PlaybookRuns>(desk::Playbook{}, incidents));
  desk.add(std::make_unique<desk::Halts>());
  desk.add(std::make_unique<desk::Approvals>());
  std::uint64_t index = 0;
  for (const desk::Entry& entry : read.value()) (void)desk.apply(entry, ++index);
  ASSERT(desk::Timeline::first_broken(desk.timeline().items()) == 0);
  return 0;
}
