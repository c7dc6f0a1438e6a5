// A market's nodes that come and go while it runs.
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <set>

#include "deployment/deployment.h"
#include "deployment/free_ports.h"
#include "deployment/link_folder.h"
#include "deployment/wanted_nodes.h"
#include "journal/identity.h"
#include "journal/posix_disk.h"
#include "node/config.h"
#include "node/node.h"
#include "node/server_list.h"

namespace okiagari::deployment {

namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kWantedNodesMs = 100;

}  // namespace

void Deployment::watch_nodes() {
  std::vector<net::Endpoint> nodes;
  for (const NodePlace& place : file_.nodes) nodes.push_back(place.gateways);
  watch_ = std::make_unique<NodeWatch>(loop_, file_.cluster, nodes);
}

// The ports of a node that is down just now look free and are not.
base::Result<NodePlace> Deployment::make_place(const std::string& host) const {
  constexpr std::size_t kPorts = 8;
  NodePlace place;
  NodeId highest = file_.highest_node;
  for (const NodePlace& other : file_.nodes) highest = std::max(highest, other.node);
  place.node = static_cast<NodeId>(highest + 1);
  if (place.node == 0) return base::Error{"this market has used all numbers of nodes"};
  place.folder = fmt::format("{}/node-{}", options_.folder, place.node);
  std::set<std::uint16_t> used;
  for (const NodePlace& other : file_.nodes) {
    used.insert({other.peers.port, other.gateways.port, other.feed.port});
    for (const auto& more :
         {other.peers_b, other.http, other.feed_line, other.feed_requests, other.feed_images}) {
      if (more) used.insert(more->port);
    }
  }
  for (const GatewayPlace& other : file_.gateways) {
    used.insert(other.members.port);
    if (other.http) used.insert(other.http->port);
  }
  auto ports = find_free_ports(0, kPorts + used.size());
  if (!ports) return ports.error();
  std::erase_if(ports.value(), [&](std::uint16_t port) { return used.contains(port); });
  place.peers = {host, ports.value()[0]};
  place.gateways = {host, ports.value()[1]};
  place.feed = {host, ports.value()[2]};
  place.http = net::Endpoint{host, ports.value()[3]};
  if (const auto& line = file_.nodes.front().feed_line) {
    place.feed_line = net::Endpoint{line->host, ports.value()[4]};
    place.feed_requests = net::Endpoint{host, ports.value()[5]};
    place.feed_images = net::Endpoint{host, ports.value()[6]};
  }
  if (const auto& second = file_.nodes.front().peers_b) {
    place.peers_b = net::Endpoint{second->host, ports.value()[7]};
  }
  return place;
}

base::Result<Deployment::NewNode> Deployment::make_folder(const NodePlace& place) {
  base::Status status;
  if (file_.tls) {
    status = issue_link_files(file_.folder, net::link_name("node", place.node), kLinkDays);
  }
  if (status) status = write_configuration();
  if (!status) return status.error();
  auto config = node::load_node_config(place.folder + "/node.toml");
  if (!config) return config.error();
  status = node::format_node(config.value(), place.folder, true);
  if (!status) return status.error();
  auto disk = journal::PosixDisk::open_folder(node::journal_folder(place.folder), false);
  if (!disk) return disk.error();
  auto identity = journal::load_identity(*disk.value());
  if (!identity) return identity.error();
  return NewNode{place.node, identity.value().storage, node::address_text(config.value().own())};
}

base::Result<Deployment::NewNode> Deployment::add_node(const NodeSite& site) {
  auto place = make_place(site.host.empty() ? file_.nodes.front().peers.host : site.host);
  if (!place) return place.error();
  // Whether or not it comes to be a server: the number is used.
  file_.highest_node = place.value().node;
  file_.nodes.push_back(place.value());
  auto made = make_folder(place.value());
  if (!made) {
    file_.nodes.pop_back();
    return made.error();
  }
  list_process(true, place.value().node, place.value().folder, site.enter);
  watch_nodes();
  if (base::Status status = start_node(place.value().node); !status) return status.error();
  return made;
}

base::Status Deployment::drop_node(NodeId node) {
  if (file_.find_node(node) == nullptr) return {};
  const std::string folder = folder_of_node(node);
  stop_node(node);
  std::erase_if(processes_,
                [node](const Process& process) { return process.is_node && process.id == node; });
  std::erase_if(file_.nodes, [node](const NodePlace& place) { return place.node == node; });
  watch_nodes();
  std::error_code error;
  fs::rename(folder, fmt::format("{}/removed-node-{}", options_.folder, node), error);
  if (error) return base::Error{fmt::format("{}: {}", folder, error.message())};
  if (base::Status status = write_configuration(); !status) return status;
  return file_.store();
}

void Deployment::follow_wanted_nodes(std::uint64_t now_ms) {
  if (is_following_ || stopping_ || now_ms < wanted_nodes_due_ms_) return;
  wanted_nodes_due_ms_ = now_ms + kWantedNodesMs;
  const auto wanted = take_node_wish(options_.folder);
  if (!wanted) return;
  is_following_ = true;
  base::Status status;
  if (wanted->remove != 0) {
    status = drop_node(wanted->remove);
    options_.tell(fmt::format("node {} is gone", wanted->remove));
  } else {
    const auto node = add_node();
    if (node) {
      options_.tell(fmt::format("node {} started, to join", node.value().node));
    } else {
      status = node.error();
    }
  }
  is_following_ = false;
  if (!status) options_.tell(status.error().message);
}

}  // namespace okiagari::deployment
