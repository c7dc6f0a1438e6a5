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
  // The last entry before the cluster was rebuilt; 0 when it never was. What is behind it is the
  // new cluster's.
  std::uint64_t rebuilt_after = 0;
};

// `nodes`: how many there are, also those whose journal could not be read. The log begins at index
// 1 or is empty. `survivor`: the journal that the cluster was rebuilt from, null when it never was;
// the log is then all of that and the new cluster's behind it.
[[nodiscard]] AgreedLog agree_on_log(const std::vector<Journal>& journals, std::size_t nodes,
                                     const Journal* survivor, Findings& findings);

}  // namespace okiagari::check
