// The level of formats that a command is of: what a program must understand to apply it. A leader
// lets a command into the log only when every server understands its level
// (node/level_in_force.h), so that the servers of a market can be renewed one after the other.
// Whoever adds a command, or gives a meaning to a field of one, adds a level here, a line to the
// table in format_level.cc (the compiler asks for it) and one to that in docs/operating.md; for a
// command of a session's stream also a stand-in (node/level_in_force.h).
#pragma once

#include <cstdint>

#include "base/bytes.h"
#include "venue/command.h"

namespace okiagari::wire {

using FormatLevel = std::uint16_t;

inline constexpr FormatLevel kLowestFormatLevel = 1;  // what is older than calls
inline constexpr FormatLevel kCallsLevel = 2;         // rules of calls, orders for one call
inline constexpr FormatLevel kStopsLevel = 3;         // stop orders, the plan of a day
inline constexpr FormatLevel kDayEndLevel =
    4;  // ends of days, orders of a date, steps of checkpoints
inline constexpr FormatLevel kIcebergsLevel = 5;
inline constexpr FormatLevel kTrailingStopsLevel = 6;
inline constexpr FormatLevel kNewestFormatLevel = kTrailingStopsLevel;
// Of a command that this program does not know.
inline constexpr FormatLevel kUnknownFormatLevel = UINT16_MAX;

// The snapshots that this program writes, and the newest that it reads, were new with this level.
inline constexpr FormatLevel kSnapshotFormatLevel = kTrailingStopsLevel;

// Of one whole command. One that says which level is in force is of that level.
[[nodiscard]] FormatLevel level_of(base::Bytes command);

// The leader's word that from here on commands of that level are in the log: a no_operation that
// names it as its epoch, for which servers from before there were levels do not look.
[[nodiscard]] venue::NoOperation level_statement(FormatLevel level);
[[nodiscard]] bool is_level_statement(const venue::CommandHeader& command);

}  // namespace okiagari::wire
