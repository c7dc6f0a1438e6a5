// Replays a LOBSTER recording through the venue's state machine and holds the venue's book to the
// recorded one after every row.
//
// Every submission is a limit order; every cancel and deletion a cancel; every visible execution an
// incoming immediate-or-cancel order of the other side, which must trade with the order that the
// row names. Where the recording itself did not trade with the first order of the queue, the row is
// taken as a reduction of the order it names, and counted. Levels deeper than the file are unseen:
// when one comes into view the book file may say once what is there (a seed), and what the file no
// longer shows is taken out; both are counted.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "base/report.h"
#include "base/result.h"

namespace okiagari::recordings {

struct LobsterCounts {
  std::uint64_t rows = 0;
  std::uint64_t rows_with_wrong_book = 0;
  std::uint64_t submissions = 0;
  std::uint64_t cancels = 0;
  std::uint64_t executions = 0;           // visible
  std::uint64_t executions_of_known = 0;  // of an order submitted in the file and still live
  std::uint64_t executions_at_best = 0;   // of those: at the best price of the venue's book
  std::uint64_t executions_of_first = 0;  // of those: the venue traded with the order named
  std::uint64_t executions_of_seed = 0;   // traded with a seed
  std::uint64_t executions_of_older = 0;  // name an order that is not in the book
  std::uint64_t hidden_executions = 0;    // leave the visible book as it is
  std::uint64_t halts = 0;
  std::uint64_t seeds = 0;  // levels set when they came into view
  std::uint64_t seed_lots = 0;
  std::uint64_t stale_levels = 0;  // taken out or lowered when they came into view
  std::uint64_t refused = 0;       // commands that the venue refused: none should be
  std::string first_mismatch;      // in words, empty when there is none
};

// Errors are about the files. `progress` is called with the rows done, every 10,000.
base::Result<LobsterCounts> replay_lobster(const std::string& message_file,
                                           const std::function<void(std::uint64_t)>& progress);

// The verdict on one recording, added to `report` under the file's name.
void judge_lobster(const std::string& message_file, bool has_book, const LobsterCounts& counts,
                   base::Report& report);

}  // namespace okiagari::recordings
