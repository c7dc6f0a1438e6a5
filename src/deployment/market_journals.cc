#include "deployment/market_journals.h"

#include <fmt/format.h>

#include <boost/json.hpp>
#include <fstream>
#include <map>
#include <optional>
#include <string>
#include <utility>

namespace okiagari::deployment {

namespace {
// A live journal is read while it is written; another look shows whether damage is real.
constexpr int kLooks = 3;

// By its log. A gateway that was started again in the same term counts as one that came back.
void count_returns(const GatewayPlace& gateway, check::Evidence& evidence) {
  std::ifstream log(gateway.folder + "/output.log");
  std::map<std::uint64_t, std::uint64_t> subscriptions;  // by term
  std::string line;
  while (std::getline(log, line)) {
    if (line.find("\"event\":\"follows_leader\"") == std::string::npos) continue;
    boost::system::error_code fault;
    const boost::json::value said = boost::json::parse(line, fault);
    if (fault || !said.is_object()) continue;
    const boost::json::value* term = said.as_object().if_contains("term");
    if (term == nullptr || !term->is_number()) continue;
    if (subscriptions[term->to_number<std::uint64_t>()]++ > 0) {
      ++evidence.returns[term->to_number<std::uint64_t>()];
    }
  }
}
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
  for (const GatewayPlace& gateway : market.gateways) count_returns(gateway, evidence);
  return evidence;
}

}  // namespace okiagari::deployment
