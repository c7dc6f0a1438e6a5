#include "deployment/deployment_file.h"

#include <fmt/format.h>
#include <unistd.h>

#include <boost/json.hpp>
#include <fstream>
#include <sstream>

#include "base/whole_file.h"

namespace okiagari::deployment {

namespace json = boost::json;

namespace {

constexpr std::size_t kSymbolCharactersMax = 8;

void add_endpoint(json::object& into, const char* key,
                  const std::optional<net::Endpoint>& endpoint) {
  if (endpoint) into[key] = net::to_string(*endpoint);
}

json::object json_of(const NodePlace& place) {
  json::object object{{"node", place.node},
                      {"folder", place.folder},
                      {"peers", net::to_string(place.peers)},
                      {"gateways", net::to_string(place.gateways)},
                      {"feed", net::to_string(place.feed)},
                      {"pid", place.pid},
                      {"restarts", place.restarts}};
  add_endpoint(object, "peers_b", place.peers_b);
  add_endpoint(object, "feed_line", place.feed_line);
  add_endpoint(object, "feed_requests", place.feed_requests);
  add_endpoint(object, "feed_images", place.feed_images);
  add_endpoint(object, "http", place.http);
  return object;
}

json::object json_of(const GatewayPlace& place) {
  json::object object{{"gateway", place.gateway},
                      {"folder", place.folder},
                      {"members", net::to_string(place.members)},
                      {"pid", place.pid},
                      {"restarts", place.restarts}};
  add_endpoint(object, "http", place.http);
  return object;
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
          {"low_ticks", place.low_ticks},   {"high_ticks", place.high_ticks},
          {"base_ticks", place.base_ticks}, {"auction_rules", place.auction_rules}};
}

json::object json_of(const OperatorPlace& place) {
  return {{"operator", place.id},
          {"name", place.name},
          {"public_key", place.public_key},
          {"key_file", place.key_file},
          {"stop_only", place.stop_only}};
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

std::optional<net::Endpoint> endpoint_if_there(const json::value& from, const char* key) {
  const json::value* found = from.as_object().if_contains(key);
  if (found == nullptr) return std::nullopt;
  return endpoint(*found);
}

void from_json(const json::value& from, NodePlace& into) {
  into.node = from.at("node").to_number<NodeId>();
  into.folder = from.at("folder").as_string();
  into.peers = endpoint(from.at("peers"));
  into.gateways = endpoint(from.at("gateways"));
  into.feed = endpoint(from.at("feed"));
  into.peers_b = endpoint_if_there(from, "peers_b");
  into.feed_line = endpoint_if_there(from, "feed_line");
  into.feed_requests = endpoint_if_there(from, "feed_requests");
  into.feed_images = endpoint_if_there(from, "feed_images");
  into.http = endpoint_if_there(from, "http");
  into.pid = from.at("pid").to_number<pid_t>();
  into.restarts = from.at("restarts").to_number<std::uint32_t>();
}

void from_json(const json::value& from, GatewayPlace& into) {
  into.gateway = from.at("gateway").to_number<GatewayId>();
  into.folder = from.at("folder").as_string();
  into.members = endpoint(from.at("members"));
  into.http = endpoint_if_there(from, "http");
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
  // A market from before there were auctions has none of these.
  if (const json::value* base = from.as_object().if_contains("base_ticks")) {
    into.base_ticks = base->to_number<PriceTicks>();
  }
  if (const json::value* rules = from.as_object().if_contains("auction_rules")) {
    into.auction_rules = rules->as_string();
  }
}

void from_json(const json::value& from, OperatorPlace& into) {
  into.id = from.at("operator").to_number<std::uint16_t>();
  into.name = from.at("name").as_string();
  into.public_key = from.at("public_key").as_string();
  into.key_file = from.at("key_file").as_string();
  into.stop_only = from.at("stop_only").as_bool();
}

template <typename Place>
void all_from_json(const json::value& from, std::vector<Place>& into) {
  for (const json::value& one : from.as_array()) from_json(one, into.emplace_back());
}

// Once: the file is read again and again by those that watch it.
base::Status join_links(const DeploymentFile& file) {
  if (!file.tls || net::link_security().identity != nullptr) return {};
  return net::use_link_files(file.tls, [](const std::string&) {});
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
  auto file = parse(text.str(), folder);
  if (!file) return file;
  if (base::Status joined = join_links(file.value()); !joined) return joined.error();
  return file;
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
    // Not in markets where no node has come yet.
    if (const json::value* highest = root.as_object().if_contains("highest_node")) {
      file.highest_node = highest->to_number<NodeId>();
    }
    all_from_json(root.at("gateways"), file.gateways);
    all_from_json(root.at("sessions"), file.sessions);
    all_from_json(root.at("instruments"), file.instruments);
    // Markets made before there were canaries have none.
    if (const json::value* canary = root.as_object().if_contains("canary")) {
      from_json(canary->at("instrument"), file.canary.instrument);
      all_from_json(canary->at("sessions"), file.canary.sessions);
    }
    if (root.as_object().contains("operators")) {
      all_from_json(root.at("operators"), file.operators);
    }
    if (const json::value* tls = root.as_object().if_contains("tls")) {
      file.tls =
          net::LinkIdentityFiles{.certificate = std::string(tls->at("certificate").as_string()),
                                 .key = std::string(tls->at("key").as_string()),
                                 .authority = std::string(tls->at("authority").as_string())};
    }
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
  json::object root{{"cluster", cluster},
                    {"supervisor", supervisor},
                    {"reference_data_loaded", reference_data_loaded},
                    {"nodes", all_json_of(nodes)},
                    {"gateways", all_json_of(gateways)},
                    {"instruments", all_json_of(instruments)},
                    {"operators", all_json_of(operators)},
                    {"sessions", all_json_of(sessions)}};
  if (highest_node != 0) root["highest_node"] = highest_node;
  if (tls) {
    root["tls"] = {
        {"certificate", tls->certificate}, {"key", tls->key}, {"authority", tls->authority}};
  }
  if (canary.instrument.instrument != 0) {
    root["canary"] = {{"instrument", json_of(canary.instrument)},
                      {"sessions", all_json_of(canary.sessions)}};
  }
  return json::serialize(root);
}

base::Status DeploymentFile::store() const {
  // Written at each start of a process, which shall not wait for the disk.
  constexpr bool kSynced = false;
  return base::write_whole_file(path_in(folder), to_json() + "\n", 0644, kSynced);
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

}  // namespace okiagari::deployment
