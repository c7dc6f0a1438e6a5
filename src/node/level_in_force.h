// Which level of formats (wire/format_level.h) is in force in a market: commands of it may be in
// the log. The log says so, and it never falls: a leader that finds that every server understands a
// higher one says it there before it lets the first such command in. Pure logic.
#pragma once

#include <map>
#include <string>

#include "base/bytes.h"
#include "base/result.h"
#include "base/types.h"
#include "journal/configuration.h"
#include "wire/format_level.h"

namespace okiagari::node {

class LevelInForce {
 public:
  explicit LevelInForce(wire::FormatLevel understood) : understood_(understood) {}

  // A batch of the log, before it is applied, and the level that a snapshot was taken at. An error
  // says what to install here; nothing of it may be applied then. A log from before there were
  // levels has no statements: what is in it says it. A command that this program does not know and
  // no statement stands before is no newer one: it is refused today as it was then.
  base::Status take_batch(base::Bytes batch);
  base::Status take_snapshot(std::uint32_t in_force);

  [[nodiscard]] wire::FormatLevel understood() const { return understood_; }
  [[nodiscard]] wire::FormatLevel in_force() const { return in_force_; }

  // The leader: commands up to this level are let in, because they come into the log behind the
  // statement that it is in force.
  [[nodiscard]] wire::FormatLevel let_in() const;
  void stated(wire::FormatLevel level) { stated_ = level; }
  // Whether what was stated gets into the log is up to another one.
  void leadership_lost() { stated_ = wire::kLowestFormatLevel; }

 private:
  base::Status raise(wire::FormatLevel to);

  wire::FormatLevel understood_;
  wire::FormatLevel in_force_ = wire::kLowestFormatLevel;
  wire::FormatLevel stated_ = wire::kLowestFormatLevel;
};

// The server that understands least, by what they told last; one that never told understands the
// lowest level, or as much as this one where nothing is in the log yet: there nobody is older.
struct LeastServer {
  NodeId node = 0;
  wire::FormatLevel level = wire::kLowestFormatLevel;
};
// By node: the level that it told last.
using ToldLevels = std::map<NodeId, wire::FormatLevel>;
[[nodiscard]] LeastServer least_server(const journal::Configuration& servers,
                                       const ToldLevels& told, const LeastServer& own,
                                       bool is_log_empty);
// 0: it told nothing.
[[nodiscard]] wire::FormatLevel level_told(const ToldLevels& told, NodeId node);

// Why a command is kept out of the log, for whoever sent it.
[[nodiscard]] std::string words_of_refusal(const LeastServer& least, wire::FormatLevel needed);

// For the stream of a session, which may have no gap, a command in the place of one that is kept
// out: the venue refuses it and uses its numbers up. Gateways that know levels send none such.
class StandIn {
 public:
  explicit StandIn(const venue::CommandHeader& command);
  [[nodiscard]] const venue::CommandHeader& command() const;

 private:
  bool is_replacement_;
  venue::NewOrder order_{};
  venue::ReplaceOrder replacement_{};
};
[[nodiscard]] bool has_stand_in(const venue::CommandHeader& command);

}  // namespace okiagari::node
