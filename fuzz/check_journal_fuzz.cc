// Rooms: check journal
// Two segment files as the checker reads them. Whatever is in them, it ends with entries that are
// numbered without a gap or with an error that names the place.
#include <algorithm>
#include <cstdint>
#include <vector>

#include "base/assert.h"
#include "check/journal_file.h"
#include "fuzz/segments.h"
#include "journal/temporary_folder.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace okiagari;
  static journal::TemporaryFolder folder;
  for (const fuzz::SegmentFile& file : fuzz::segments_from(data, size)) {
    folder.replace(file.name, file.content);
  }
  const auto journal = check::read_journal(folder.path(), 1);
  if (!journal) {
    ASSERT(journal.error().message.starts_with(folder.path()));
    return 0;
  }
  std::uint64_t index = journal.value().base_index;
  for (const check::JournalEntry& entry : journal.value().entries) {
    ASSERT(entry.index == ++index);
    ASSERT(journal.value().at(index) == &entry);
  }
  return 0;
}
