// A node's journal as its segment files hold it, read by docs/formats/log.md alone: every checksum,
// the chain and the numbering are checked again here. Reads cold files, and live ones up to the
// last group that is whole.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/hash.h"
#include "base/result.h"

namespace okiagari::check {

inline constexpr std::uint8_t kEntryCommand = 1;

struct JournalEntry {
  std::uint64_t index = 0;
  std::uint64_t term = 0;
  std::uint8_t type = 0;  // kEntryCommand: a batch of commands
  base::Digest chain{};
  std::vector<std::byte> payload;
};

struct Journal {
  std::string folder;
  std::uint16_t node = 0;
  std::uint64_t base_index = 0;  // what came before was replaced by a snapshot
  base::Digest base_chain{};     // up to and with that entry
  std::vector<JournalEntry> entries;

  [[nodiscard]] std::uint64_t last_index() const { return base_index + entries.size(); }
  // Null when the journal does not reach that far.
  [[nodiscard]] const JournalEntry* at(std::uint64_t index) const;
};

// Errors name the file, the offset and what is wrong.
[[nodiscard]] base::Result<Journal> read_journal(const std::string& folder, std::uint16_t node);

}  // namespace okiagari::check
