#include "cli/rebuild_look.h"

#include <algorithm>
#include <boost/json.hpp>

#include "salvage/quorum_rebuild.h"

namespace okiagari::cli {

namespace {

namespace json = boost::json;

json::object survivor_json(const salvage::ColdNode& node) {
  return {{"node", node.identity.node},
          {"last_index", node.last_index},
          {"last_term", node.last_term},
          {"surely_committed", node.surely_committed},
          {"sequence", node.market->last_sequence()},
          {"live_orders", node.market->books().live_orders()},
          {"waiting_stops", node.market->waiting_stops().count()},
          {"first_difference", node.first_difference}};
}

json::object losses_json(const salvage::LossList& losses) {
  return {{"gateways", losses.gateways},
          {"commands", losses.commands},
          {"messages", losses.messages},
          {"unnamed", losses.unnamed},
          {"contradicted", losses.contradicted},
          {"feed_messages", losses.feed_messages},
          {"orders", losses.count(salvage::LostMessage::Kind::order)},
          {"replacements", losses.count(salvage::LostMessage::Kind::replacement)},
          {"triggers", losses.count(salvage::LostMessage::Kind::trigger)},
          {"cancels", losses.count(salvage::LostMessage::Kind::cancel)},
          {"trades", losses.trades()},
          {"unanswered", losses.unanswered.size()},
          {"troubles", json::array(losses.troubles.begin(), losses.troubles.end())}};
}

}  // namespace

json::object RebuildLook::look(const std::string& market_folder) {
  const auto failed = [](std::string why) {
    return json::object{{"state", "failed"}, {"error", std::move(why)}};
  };
  auto market = deployment::DeploymentFile::load(market_folder);
  if (!market) return failed(market.error().message);
  std::vector<std::string> nodes;
  std::vector<std::string> gateways;
  std::vector<NodeId> numbers;
  for (const deployment::NodePlace& place : market.value().nodes) {
    nodes.push_back(place.folder);
    numbers.push_back(place.node);
  }
  for (const deployment::GatewayPlace& place : market.value().gateways)
    gateways.push_back(place.folder);
  const auto found = salvage::look_at_survivors(nodes, gateways, [](const std::string&) {});
  if (!found) return failed(found.error().message);
  const std::vector<std::string> lines = found.value().losses.lines();
  const std::size_t shown = std::min(lines.size(), kLinesMax);
  json::array survivors;
  for (const salvage::ColdNode& node : found.value().survivors)
    survivors.push_back(survivor_json(node));
  json::object answer{
      {"state", "done"},
      {"nodes", numbers.size()},
      {"survivors", std::move(survivors)},
      {"damaged", json::array(found.value().damaged.begin(), found.value().damaged.end())},
      {"furthest", found.value().best().identity.node},
      {"losses", losses_json(found.value().losses)},
      {"lines", json::array(lines.begin(), lines.begin() + static_cast<std::ptrdiff_t>(shown))},
      {"lines_more", lines.size() - shown}};
  const auto act = salvage::propose_rebuild(found.value(), numbers);
  if (act) {
    answer["act"] = act.value().to_json();
  } else {
    answer["refusal"] = act.error().message;
  }
  return answer;
}

base::Status RebuildLook::begin(TimestampNs now_ns) {
  if (last_.at("state") == "looking") return base::Error{"a look is under way"};
  last_ = {{"state", "looking"}, {"at_ns", now_ns}};
  const bool is_taken =
      work_.add([this, folder = market_folder_, now_ns]() -> BackgroundWork::Afterwards {
        json::object answer = look(folder);
        answer["at_ns"] = now_ns;
        return [this, answer = std::move(answer)] { last_ = answer; };
      });
  ASSERT(is_taken, "nothing else waits here");
  return {};
}

}  // namespace okiagari::cli
