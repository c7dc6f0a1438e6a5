// The judgement of one run: history and journals against each other, against the market model, and
// against what members may rely on. A function of its inputs; runs nothing and waits for nothing.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/result.h"
#include "check/findings.h"
#include "check/history.h"
#include "check/journal_file.h"

namespace okiagari::check {

struct Evidence {
  const History* history = nullptr;
  std::vector<Journal> journals;
  // What the cluster was rebuilt from, when its majority was lost in the run.
  std::optional<Journal> survivor;
  std::vector<std::string> unreadable_journals;  // in words
  std::vector<std::string> troubles;             // of the run itself: what cannot be judged for it
  // Sessions of somebody who is not in the history, a canary: what they sent is not judged, what
  // the market made of it is.
  std::set<std::uint16_t> other_sessions;
  // By term: how often gateways came back to its leader, having lost their connection to it. Each
  // time they send again what they do not know to be decided.
  std::map<std::uint64_t, std::uint64_t> returns;
  [[nodiscard]] std::size_t nodes() const { return journals.size() + unreadable_journals.size(); }
};

// What was looked at: a verdict without evidence is none.
struct VerdictFigures {
  std::uint64_t messages_sent = 0;
  std::uint64_t orders_acknowledged = 0;  // accepted or replaced
  std::uint64_t answers = 0;
  std::uint64_t replayed_answers = 0;
  std::uint64_t refused_by_gateways = 0;
  std::uint64_t trades = 0;
  std::uint64_t feed_messages = 0;
  std::uint64_t logged_commands = 0;
  std::uint64_t repeats_in_journal = 0;
  std::uint64_t refusals_for_funds = 0;  // taken from the venue, not predicted
  std::uint64_t connections_lost = 0;
  double ack_gap_ms_max = 0;  // longest time without an acknowledgement to anybody
  double ack_us_p50 = 0;      // from first sending to acknowledgement
  double ack_us_p99 = 0;
};

struct Verdict {
  Findings findings;
  VerdictFigures figures;
};

[[nodiscard]] Verdict judge(const Evidence& evidence);

}  // namespace okiagari::check
