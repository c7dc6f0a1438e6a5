#include "deployment/market_journals.h"

#include <fmt/format.h>

#include <optional>
#include <string>
#include <utility>

namespace okiagari::deployment {

namespace {
// A live journal is read while it is written; another look shows whether damage is real.
constexpr int kLooks = 3;
}  // namespace

void read_journals(const std::vector<NodePlace>& nodes, check::Evidence& evidence) {
  for (const NodePlace& place : nodes) {
    std::optional<check::Journal> journal;
    std::string why;
    for (int look = 0; look < kLooks && !journal; ++look) {
      auto read = check::read_journal(place.folder + "/journal", place.node);
      if (read) {
        journal = std::move(read.value());
      } else {
        why = read.error().message;
      }
    }
    if (journal) {
      evidence.journals.push_back(std::move(*journal));
    } else {
      evidence.unreadable_journals.push_back(fmt::format("node {}: {}", place.node, why));
    }
  }
}

check::Evidence evidence_of_run(const DeploymentFile& market, const check::History& history) {
  check::Evidence evidence;
  evidence.history = &history;
  for (const SessionAccess& access : market.canary.sessions) {
    evidence.other_sessions.insert(access.session);
  }
  read_journals(market.nodes, evidence);
  return evidence;
}

}  // namespace okiagari::deployment
