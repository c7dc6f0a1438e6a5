// What the journals of all nodes say together: the entries that a majority holds, which are those
// that can have been acknowledged, and where one node says something else.
#pragma once

#include <cstdint>
#include <vector>

#include "check/findings.h"
#include "check/journal_file.h"
#include "check/logged_command.h"

namespace okiagari::check {

struct AgreedEntry {
  std::uint64_t index = 0;
  std::uint64_t term = 0;
  LoggedBatch batch;
};

struct AgreedLog {
  std::vector<AgreedEntry> entries;  // batches only
  std::uint64_t last_index = 0;      // that a majority holds
};

// `nodes`: how many there are, also those whose journal could not be read. The log begins at index
// 1 or is empty.
[[nodiscard]] AgreedLog agree_on_log(const std::vector<Journal>& journals, std::size_t nodes,
                                     Findings& findings);

}  // namespace okiagari::check
