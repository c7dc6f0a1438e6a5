// Rows of LOBSTER message and order book files, as their ReadMe (lobsterdata.com, 1 September 2013)
// says.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/types.h"
#include "recordings/line_reader.h"

namespace okiagari::recordings {

enum class LobsterType : std::uint8_t {
  submission = 1,
  partial_cancel = 2,
  deletion = 3,
  visible_execution = 4,
  hidden_execution = 5,
  trading_halt = 7,
};

struct LobsterMessage {
  TimestampNs time_ns = 0;  // since midnight
  LobsterType type = LobsterType::submission;
  std::int64_t order = 0;
  QuantityLots size = 0;
  std::int64_t price_e4 = 0;  // for a halt: -1 halted, 0 quoting, 1 trading
  Side side = Side::buy;      // of the resting order, also for an execution
};

struct LobsterLevel {
  std::int64_t price_e4 = 0;
  std::uint64_t size = 0;
  friend bool operator==(const LobsterLevel&, const LobsterLevel&) = default;
};

// One row of an order book file; places without a level are left out.
struct LobsterBook {
  std::vector<LobsterLevel> levels[2];  // by side, best first
  std::size_t depth = 0;                // how many levels the file shows of each side
  // Whether a level of that price would be shown, given what is.
  [[nodiscard]] bool in_view(Side side, std::int64_t price_e4) const;
  // The size shown at that price, 0 when none.
  [[nodiscard]] std::uint64_t size_at(Side side, std::int64_t price_e4) const;
};

// Both return false at the end; errors name file, line and column.
base::Result<bool> read_message(LineReader& lines, LobsterMessage& message);
base::Result<bool> read_book(LineReader& lines, LobsterBook& book);

// The order book file that belongs to a message file by its name; nothing when there is none on
// disk.
[[nodiscard]] std::optional<std::string> book_file_of(const std::string& message_file);

}  // namespace okiagari::recordings
