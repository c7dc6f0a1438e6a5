#include "cli/deployment_file.h"

#include <fmt/format.h>
#include <unistd.h>

#include <boost/json.hpp>
#include <cstdio>
#include <fstream>
#include <sstream>

namespace okiagari::cli {

namespace json = boost::json;

namespace {

constexpr std::size_t kSymbolCharactersMax = 8;

json::object json_of(const NodePlace& place) {
  return {{"node", place.node},
          {"folder", place.folder},
          {"peers", net::to_string(place.peers)},
          {"gateways", net::to_string(place.gateways)},
          {"feed", net::to_string(place.feed)},
          {"pid", place.pid},
          {"restarts", place.restarts}};
}

json::object json_of(const GatewayPlace& place) {
  return {{"gateway", place.gateway},
          {"folder", place.folder},
          {"members", net::to_string(place.members)},
          {"pid", place.pid},
          {"restarts", place.restarts}};
}

json::object json_of(const SessionAccess& access) {
  return {{"session", access.session},
          {"member", access.member},
          {"account", access.account},
          {"name", access.name},
          {"token", access.token}};
}

json::object json_of(const InstrumentPlace& place) {
  return {{"instrument", place.instrument}, {"symbol", place.symbol},
          {"tick_e4", place.tick_e4},       {"money_per_tick_lot", place.money_per_tick_lot},
          {"low_ticks", place.low_ticks},   {"high_ticks", place.high_ticks}};
}

template <typename Places>
json::array all_json_of(const Places& places) {
  json::array array;
  for (const auto& place : places) array.push_back(json_of(place));
  return array;
}

// Throws what boost::json throws; load() catches it.
net::Endpoint endpoint(const json::value& from) {
  auto parsed = net::parse_endpoint(std::string(from.as_string()));
  return parsed.ok() ? parsed.value() : net::Endpoint{};
}

void from_json(const json::value& from, NodePlace& into) {
  into.node = from.at("node").to_number<NodeId>();
  into.folder = from.at("folder").as_string();
  into.peers = endpoint(from.at("peers"));
  into.gateways = endpoint(from.at("gateways"));
  into.feed = endpoint(from.at("feed"));
  into.pid = from.at("pid").to_number<pid_t>();
  into.restarts = from.at("restarts").to_number<std::uint32_t>();
}

void from_json(const json::value& from, GatewayPlace& into) {
  into.gateway = from.at("gateway").to_number<GatewayId>();
  into.folder = from.at("folder").as_string();
  into.members = endpoint(from.at("members"));
  into.pid = from.at("pid").to_number<pid_t>();
  into.restarts = from.at("restarts").to_number<std::uint32_t>();
}

void from_json(const json::value& from, SessionAccess& into) {
  into.session = from.at("session").to_number<SessionId>();
  into.member = from.at("member").to_number<MemberId>();
  into.account = from.at("account").to_number<AccountId>();
  into.name = from.at("name").as_string();
  into.token = from.at("token").as_string();
}

void from_json(const json::value& from, InstrumentPlace& into) {
  into.instrument = from.at("instrument").to_number<InstrumentId>();
  into.symbol = from.at("symbol").as_string();
  into.tick_e4 = from.at("tick_e4").to_number<std::uint32_t>();
  into.money_per_tick_lot = from.at("money_per_tick_lot").to_number<std::int64_t>();
  into.low_ticks = from.at("low_ticks").to_number<PriceTicks>();
  into.high_ticks = from.at("high_ticks").to_number<PriceTicks>();
}

template <typename Place>
void all_from_json(const json::value& from, std::vector<Place>& into) {
  for (const json::value& one : from.as_array()) from_json(one, into.emplace_back());
}

}  // namespace

std::string DeploymentFile::path_in(const std::string& folder) {
  return folder + "/deployment.json";
}

base::Result<DeploymentFile> DeploymentFile::load(const std::string& folder) {
  const std::string path = path_in(folder);
  std::ifstream stream(path);
  if (!stream) {
    return base::Error{
        fmt::format("{}: cannot be read; is there a market in that folder? `okiagari up --data {}` "
                    "makes one",
                    path, folder)};
  }
  std::ostringstream text;
  text << stream.rdbuf();
  return parse(text.str(), folder);
}

base::Result<DeploymentFile> DeploymentFile::parse(std::string_view text,
                                                   const std::string& folder) {
  try {
    const json::value root = json::parse({text.data(), text.size()});
    DeploymentFile file;
    file.folder = folder;
    file.cluster = root.at("cluster").to_number<journal::ClusterId>();
    file.supervisor = root.at("supervisor").to_number<pid_t>();
    file.reference_data_loaded = root.at("reference_data_loaded").as_bool();
    all_from_json(root.at("nodes"), file.nodes);
    all_from_json(root.at("gateways"), file.gateways);
    all_from_json(root.at("sessions"), file.sessions);
    all_from_json(root.at("instruments"), file.instruments);
    for (const InstrumentPlace& place : file.instruments) {
      if (place.symbol.size() <= kSymbolCharactersMax) continue;
      return base::Error{fmt::format("{}: symbol '{}' has more than {} characters", path_in(folder),
                                     place.symbol, kSymbolCharactersMax)};
    }
    return file;
  } catch (const std::exception& error) {
    return base::Error{fmt::format("{}: is no deployment: {}", path_in(folder), error.what())};
  }
}

std::string DeploymentFile::to_json() const {
  const json::object root{{"cluster", cluster},
                          {"supervisor", supervisor},
                          {"reference_data_loaded", reference_data_loaded},
                          {"nodes", all_json_of(nodes)},
                          {"gateways", all_json_of(gateways)},
                          {"instruments", all_json_of(instruments)},
                          {"sessions", all_json_of(sessions)}};
  return json::serialize(root);
}

base::Status DeploymentFile::store() const {
  const std::string path = path_in(folder);
  const std::string unfinished = path + ".unfinished";
  std::ofstream stream(unfinished, std::ios::trunc);
  stream << to_json() << '\n';
  stream.close();
  if (!stream || std::rename(unfinished.c_str(), path.c_str()) != 0) {
    return base::Error{fmt::format("{}: cannot be written", path)};
  }
  return {};
}

NodePlace* DeploymentFile::find_node(NodeId node) {
  for (NodePlace& place : nodes) {
    if (place.node == node) return &place;
  }
  return nullptr;
}

GatewayPlace* DeploymentFile::find_gateway(GatewayId gateway) {
  for (GatewayPlace& place : gateways) {
    if (place.gateway == gateway) return &place;
  }
  return nullptr;
}

}  // namespace okiagari::cli
