// LOBSTER recordings as order flow that members can send to a market.
//
// A submission becomes a limit order, a cancel or deletion lowers that order, and a visible
// execution an immediate-or-cancel order of the other side. Left out is what a member cannot do:
// hidden executions, halts, and rows that name an order from before the recording.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "recordings/flow_file.h"

namespace okiagari::recordings {

struct LobsterFlow {
  Flow flow;  // an instrument for each file
  std::uint64_t rows = 0;
  std::uint64_t hidden_executions = 0;
  std::uint64_t halts = 0;
  std::uint64_t rows_of_older_orders = 0;
};

// The message files (..._message_N.csv, plain or compressed) among `paths`, in order of their
// names; a folder stands for those in it.
[[nodiscard]] std::vector<std::string> lobster_message_files(const std::vector<std::string>& paths);

// Rows of all files in the order of their time of day. A file's symbol is what its name begins
// with; errors name file and line.
[[nodiscard]] base::Result<LobsterFlow> read_lobster_flow(const std::vector<std::string>& files);

}  // namespace okiagari::recordings
