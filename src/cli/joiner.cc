#include "cli/joiner.h"

#include <fmt/format.h>

#include <boost/json.hpp>
#include <charconv>
#include <exception>

#include "client/operator_link.h"
#include "net/link_identity.h"
#include "net/loop.h"

namespace okiagari::cli {

namespace {

namespace json = boost::json;

struct Report {
  std::string text;
  std::string error = "no answer in time";
  bool is_lost = false;
};

JoinerAnswer refused(std::string trouble) { return {{}, std::move(trouble), true}; }

bool has_tls() { return net::link_security().identity != nullptr; }

std::string in_need_of_certificate(const std::string& node) {
  return fmt::format(
      "The links of this market are of TLS: make a certificate by its own authority, `okiagari "
      "certificate issue {} --data MARKET`, and name its files in the table [tls] of the server's "
      "configuration (docs/operating.md)",
      node);
}

// Throws what boost::json throws.
journal::Server server_in(const json::value& report) {
  journal::Server server;
  server.node = report.at("node").to_number<NodeId>();
  server.role = journal::ServerRole::standby;
  server.address = report.at("address").as_string();
  const json::string& storage = report.at("storage").as_string();
  std::from_chars(storage.data(), storage.data() + storage.size(), server.storage, 16);
  return server;
}

}  // namespace

JoinerAnswer ask_joiner(const net::Endpoint& gateways, journal::ClusterId cluster,
                        std::uint32_t timeout_ms) {
  net::Loop loop;
  Report report;
  std::unique_ptr<client::OperatorLink> link;
  client::OperatorLink::Handlers handlers;
  handlers.on_connected = [&] { link->request_report(); };
  handlers.on_report = [&](const std::string& text) { report.text = text; };
  handlers.on_lost = [&](const std::string& reason) {
    report.error = reason;
    report.is_lost = true;
  };
  link = std::make_unique<client::OperatorLink>(loop, gateways, std::move(handlers));
  const std::uint64_t end_ms = net::Loop::now_ms() + timeout_ms;
  while (report.text.empty() && !report.is_lost && net::Loop::now_ms() < end_ms) loop.turn(end_ms);
  const std::string place = net::to_string(gateways);
  if (report.text.empty()) {
    return {{},
            fmt::format("{} does not answer: {}. Start the new server first, formatted with "
                        "`okiagari node --format --join`{}",
                        place, report.error,
                        has_tls() ? ". " + in_need_of_certificate("node-NUMBER") : ""),
            false};
  }
  try {
    const json::value value = json::parse(report.text);
    if (const auto other = value.at("cluster").to_number<std::uint64_t>(); other != cluster) {
      return refused(fmt::format("{} is a node of another cluster, {}", place, other));
    }
    journal::Server server = server_in(value);
    const std::string name = net::link_name("node", server.node);
    if (!link->is_peer_named(name)) {
      return refused(
          fmt::format("{} says it is node {} and has the certificate of somebody else. {}", place,
                      server.node, in_need_of_certificate(name)));
    }
    return {std::move(server), "", true};
  } catch (const std::exception& error) {
    return refused(fmt::format("{} does not say who it is: {}", place, error.what()));
  }
}

}  // namespace okiagari::cli
