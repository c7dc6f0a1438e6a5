#include "watch/node_facts.h"

#include <fmt/format.h>

#include <boost/json.hpp>

namespace okiagari::watch {

namespace json = boost::json;

namespace {

constexpr std::size_t kReportBytesMax = 256u << 10;
constexpr std::size_t kListMax = 64;
constexpr std::size_t kTextBytesMax = 200;

// Null when it is not there or not of that kind.
const json::array* list_of(const json::object& object, std::string_view key) {
  const json::value* value = object.if_contains(key);
  return value == nullptr ? nullptr : value->if_array();
}

std::uint64_t number_of(const json::object& object, std::string_view key) {
  const json::value* value = object.if_contains(key);
  if (value == nullptr) return 0;
  boost::system::error_code error;
  const auto number = value->to_number<std::uint64_t>(error);
  return error ? 0 : number;
}

std::string text_of(const json::object& object, std::string_view key) {
  const json::value* value = object.if_contains(key);
  if (value == nullptr || !value->is_string()) return {};
  return std::string(std::string_view(value->get_string()).substr(0, kTextBytesMax));
}

bool flag_of(const json::object& object, std::string_view key, bool otherwise) {
  const json::value* value = object.if_contains(key);
  return value == nullptr || !value->is_bool() ? otherwise : value->get_bool();
}

}  // namespace

base::Result<NodeFacts> parse_node_facts(std::string_view text) {
  if (text.size() > kReportBytesMax) {
    return base::Error{fmt::format("a node report of {} bytes", text.size())};
  }
  boost::system::error_code error;
  const json::value root = json::parse({text.data(), text.size()}, error);
  if (error || !root.is_object()) return base::Error{"a node report that is no JSON object"};
  const json::object& report = root.get_object();
  NodeFacts facts;
  facts.node = static_cast<NodeId>(number_of(report, "node"));
  if (facts.node == 0) return base::Error{"a node report without the node's number"};
  facts.verdict = text_of(report, "verdict");
  facts.ledger_conserved = flag_of(report, "ledger_conserved", true);
  facts.disk_low = flag_of(report, "disk_low", false);
  facts.pending_bytes = number_of(report, "pending_bytes");
  facts.deaths_at_one_command = number_of(report, "deaths_at_one_command");
  facts.first_index = number_of(report, "first_index");
  facts.last_index = number_of(report, "last_index");
  facts.synced_index = number_of(report, "synced_index");
  facts.commit_index = number_of(report, "commit_index");
  facts.log_bytes = number_of(report, "log_bytes");
  if (const json::array* list = list_of(report, "checkpoints")) {
    for (const json::value& one : *list) {
      if (!one.is_object() || facts.checkpoints.size() >= kListMax) break;
      const json::object& found = one.get_object();
      facts.checkpoints.push_back({number_of(found, "sequence"),
                                   text_of(found, "state_hash") + " " +
                                       text_of(found, "scrub_hash") + " " + text_of(found, "chain"),
                                   text_of(found, "state_hash")});
    }
  }
  if (const json::array* list = list_of(report, "links")) {
    for (const json::value& one : *list) {
      if (!one.is_object() || facts.peers.size() >= kListMax) break;
      const json::object& found = one.get_object();
      facts.peers.push_back({static_cast<NodeId>(number_of(found, "node")),
                             flag_of(found, "connected", false), number_of(found, "heard_ms_ago")});
    }
  }
  return facts;
}

}  // namespace okiagari::watch
