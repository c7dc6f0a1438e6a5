#include "journal/membership.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace okiagari::journal {
namespace {

using Lookup = std::function<Standing(NodeId)>;

// After the change the cluster must be able to go on without anybody's coming back.
base::Status check_majority(const Configuration& after, NodeId leader, const Lookup& standing) {
  std::size_t there = 0;
  for (const Server& server : after) {
    if (server.role != ServerRole::voter) continue;
    if (server.node == leader) {
      ++there;
      continue;
    }
    const Standing found = standing(server.node);
    there += found.is_reachable && !found.never_votes ? 1 : 0;
  }
  const std::size_t voters = voters_in(after);
  if (there * 2 > voters) return {};
  return base::Error{fmt::format(
      "only {} of the {} voters that there would be are connected and vote: the cluster could not "
      "decide anything any more. Bring a server back first",
      there, voters)};
}

// A server that was away, or is dead and comes back, must never meet another one under a number
// that it knows.
base::Status check_number(const Configuration& present, NodeId node) {
  const NodeId used = highest_number(present);
  if (node <= used) {
    return base::Error{fmt::format(
        "number {} is used up: a server's number is used once in a cluster's life. The next free "
        "one is {}; give the new server that one, in an empty folder",
        node, used + 1)};
  }
  if (node - used > kNumbersSkippedMax) {
    return base::Error{
        fmt::format("number {} leaves out too many: the next free one is {}", node, used + 1)};
  }
  return {};
}

bool is_same_server(const Server& a, const Server& b) {
  return a.storage == b.storage && a.address == b.address;
}

base::Result<Configuration> add(const Configuration& present, const Server& server) {
  if (server.node == 0) return base::Error{"a server's number is at least 1"};
  if (server.storage == 0) {
    return base::Error{fmt::format("node {} has no storage identity", server.node)};
  }
  if (const Server* there = find(present, server.node)) {
    if (is_same_server(*there, server)) return present;
    return base::Error{fmt::format(
        "there is a node {} already. The next free number is {}; give the new server that one, in "
        "an empty folder",
        server.node, highest_number(present) + 1)};
  }
  if (base::Status status = check_number(present, server.node); !status) return status.error();
  if (present.size() >= kServersMax) {
    return base::Error{fmt::format("a cluster has at most {} servers", kServersMax)};
  }
  Configuration after = present;
  after.push_back(server);
  after.back().role = ServerRole::standby;
  keep_highest_number(after, server.node);
  if (!decode_configuration(encode_configuration(after))) {
    return base::Error{fmt::format("node {} has an address that cannot be logged", server.node)};
  }
  return after;
}

base::Result<Configuration> promote(const Configuration& present, NodeId node,
                                    const Lookup& standing) {
  const Server* there = find(present, node);
  if (there == nullptr) return base::Error{fmt::format("there is no node {}: add it first", node)};
  if (there->role == ServerRole::voter) return present;
  const Standing found = standing(node);
  if (!found.is_reachable) return base::Error{fmt::format("node {} is not connected", node)};
  if (found.never_votes) {
    return base::Error{
        fmt::format("node {} has lost what it acknowledged and never votes: replace it", node)};
  }
  if (found.is_disk_low) return base::Error{fmt::format("node {} is low on disk", node)};
  if (found.missing_entries > kMissingEntriesMax || !found.knows_servers) {
    return base::Error{
        fmt::format("node {} has not caught up: it lacks {} entries", node, found.missing_entries)};
  }
  Configuration after = present;
  for (Server& server : after) {
    if (server.node == node) server.role = ServerRole::voter;
  }
  return after;
}

base::Result<Configuration> remove(const Configuration& present, NodeId node) {
  Configuration after = present;
  std::erase_if(after, [node](const Server& server) { return server.node == node; });
  if (voters_in(after) == 0) {
    return base::Error{fmt::format("node {} is the only voter: there must be another one", node)};
  }
  keep_highest_number(after, highest_number(present));
  return after;
}

}  // namespace

base::Result<Configuration> configuration_after(const Configuration& present,
                                                const ServerChange& change, NodeId leader,
                                                const Lookup& standing) {
  const NodeId node = change.server.node;
  base::Result<Configuration> after = present;
  if (change.kind == ServerChange::Kind::add) after = add(present, change.server);
  if (change.kind == ServerChange::Kind::promote) after = promote(present, node, standing);
  if (change.kind == ServerChange::Kind::remove) after = remove(present, node);
  if (!after || after.value() == present) return after;
  if (base::Status status = check_majority(after.value(), leader, standing); !status) {
    return status.error();
  }
  return after;
}

bool is_refused_for_good(const Configuration& present, const ServerChange& change) {
  if (change.kind != ServerChange::Kind::add) return false;
  const Server* there = find(present, change.server.node);
  if (there != nullptr && is_same_server(*there, change.server)) return false;
  return change.server.node <= highest_number(present);
}

}  // namespace okiagari::journal
