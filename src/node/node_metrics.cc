#include "node/node_metrics.h"

#include <fmt/format.h>

#include <array>
#include <string>

#include "journal/role_names.h"

namespace okiagari::node {

namespace {

using journal::ReplicaCounters;
using journal::ReplicaView;
using net::MetricsWriter;

// A few thousand batches are applied in well under a second.
constexpr journal::Index kLagMax = 1'000;

std::string_view word_of(Verdict verdict) {
  switch (verdict) {
    case Verdict::fine:
      return "fine";
    case Verdict::in_minority:
      return "in_minority";
    case Verdict::no_majority:
      return "no_majority";
  }
  return "?";
}

void write_role(MetricsWriter& writer, const NodeParts& parts, const ReplicaView& view) {
  writer.info("okiagari_node", "Which server of which market this is.");
  writer.facts({{"cluster", std::to_string(parts.config.cluster)},
                {"node", std::to_string(parts.config.node)}});
  writer.stateset("okiagari_role", "What this server is to the others.");
  writer.states(journal::kRoleNames, journal::name_of(view.role));
  constexpr std::array<std::string_view, 3> kVerdicts{"fine", "in_minority", "no_majority"};
  writer.stateset("okiagari_verdict", "Whether its state is that of a majority.");
  writer.states(kVerdicts, word_of(parts.server.verdict()));
  writer.gauge("okiagari_open", "", "1 when it leads and takes commands.",
               parts.server.is_open() ? 1 : 0);
  writer.gauge("okiagari_leader", "", "Number of the server that leads; 0 when none is known.",
               view.leader);
  writer.gauge("okiagari_term", "", "Term of the log.", view.term);
  writer.gauge("okiagari_format_level", "", "Level of formats, by what it is.");
  writer.value(parts.server.level().in_force(), {{"kind", "in_force"}});
  writer.value(parts.server.level().understood(), {{"kind", "understood"}});
  writer.gauge("okiagari_barred_from_voting", "", "1 when it may not vote, after a loss.",
               view.barred_from_voting ? 1 : 0);
}

void write_log(MetricsWriter& writer, const NodeParts& parts, const ReplicaView& view) {
  writer.gauge("okiagari_log_index", "", "How far the log is, by what was done with it.");
  writer.value(view.first_index, {{"kind", "first"}});
  writer.value(view.snapshot_index, {{"kind", "snapshot"}});
  writer.value(view.last_index, {{"kind", "last"}});
  writer.value(view.synced_index, {{"kind", "synced"}});
  writer.value(view.commit_index, {{"kind", "committed"}});
  writer.value(view.applied_index, {{"kind", "applied"}});
  writer.gauge("okiagari_peer_match_index", "", "On the leader: how far a server's log is known.");
  for (const auto& [peer, match] : view.peers_match) {
    writer.value(match, {{"peer", std::to_string(peer)}});
  }
  writer.gauge("okiagari_log_bytes", "bytes", "Log on disk.", view.log_bytes);
  writer.gauge("okiagari_disk_low", "", "1 when there is too little room to take commands.",
               view.disk_low ? 1 : 0);
  writer.histogram("okiagari_log_sync_seconds", "seconds",
                   "How long a sync of the log took, in the thread that does it.");
  writer.value(parts.disk.sync_times());
}

void write_replication(MetricsWriter& writer, const ReplicaView& view) {
  const ReplicaCounters& c = view.counters;
  writer.counter("okiagari_elections", "", "Elections that this server began, by their cause.");
  writer.value(c.elections_by_timer, {{"cause", "timer"}});
  writer.value(c.elections_by_reset, {{"cause", "reset"}});
  writer.value(c.elections_by_silence, {{"cause", "silence"}});
  writer.value(c.elections_by_no_progress, {{"cause", "no_progress"}});
  writer.value(c.elections_by_transfer, {{"cause", "transfer"}});
  writer.counter("okiagari_depositions", "", "Leaders that this server gave up.", view.depositions);
  writer.counter("okiagari_leaderships_won", "", "Times it came to lead.", c.leaderships_won);
  writer.counter("okiagari_leaderships_lost", "", "Times it ceased to lead.", c.leaderships_lost);
  writer.counter("okiagari_transfers_given_up", "", "Hand-overs that came to nothing.",
                 c.transfers_given_up);
  writer.counter("okiagari_log_truncations", "", "Times entries of another leader were cut off.",
                 c.truncations);
  writer.counter("okiagari_snapshots", "", "Snapshots, by what was done.");
  writer.value(c.snapshots_taken, {{"what", "taken"}});
  writer.value(c.snapshots_failed, {{"what", "failed"}});
  writer.value(c.snapshots_sent, {{"what", "sent"}});
  writer.value(c.snapshots_installed, {{"what", "installed"}});
  writer.counter("okiagari_refused_disk_low", "", "What was refused because the disk is low.");
  writer.value(c.submits_refused_disk_low, {{"what", "batch"}});
  writer.value(c.entries_refused_disk_low, {{"what", "entry"}});
  writer.counter("okiagari_peer_frames_dropped", "", "Frames of other servers that were dropped.");
  writer.value(c.frames_malformed, {{"cause", "malformed"}});
  writer.value(c.frames_of_wrong_storage, {{"cause", "wrong_storage"}});
  writer.counter("okiagari_losses", "", "Times a storage seemed to have, or had, lost entries.");
  writer.value(c.losses_suspected, {{"what", "suspected"}});
  writer.value(c.losses_found, {{"what", "found"}});
  writer.gauge("okiagari_start_findings", "",
               "What the start found at the end of the log: 0 or 1.");
  writer.value(c.torn_tails_cut, {{"what", "torn_tail"}});
  writer.value(c.logs_below_watermark, {{"what", "below_watermark"}});
}

// Nothing where the configuration names no line.
void write_line(MetricsWriter& writer, const feed::MarketData& data) {
  if (data.line() != nullptr) {
    const feed::MoldLine::Counters& line = data.line()->counters();
    writer.counter("okiagari_feed_line_datagrams", "", "Datagrams sent on the feed's line.",
                   line.datagrams);
    writer.counter("okiagari_feed_line_datagrams_not_taken", "",
                   "Those among them that the system did not take.", line.not_taken);
  }
  if (data.requests() == nullptr) return;
  const feed::RequestServer::Counters& requests = data.requests()->counters();
  writer.counter("okiagari_feed_requests", "",
                 "Requests for missed datagrams, by what came of it.");
  writer.value(requests.requests - requests.refused - requests.over_limit,
               {{"outcome", "answered"}});
  writer.value(requests.refused, {{"outcome", "refused"}});
  writer.value(requests.over_limit, {{"outcome", "over_limit"}});
}

void write_market(MetricsWriter& writer, const NodeParts& parts) {
  const MarketServer& server = parts.server;
  const venue::Venue& venue = server.venue();
  writer.gauge("okiagari_sequence", "", "Number of the last command that was applied.",
               venue.last_sequence());
  writer.gauge("okiagari_event_number", "", "Number of the last event.", venue.last_event_number());
  writer.gauge("okiagari_feed_number", "", "Number of the last message of market data.",
               venue.last_feed_number());
  writer.gauge("okiagari_market_time_seconds", "seconds",
               "Time of the last batch, in seconds since 1970.",
               static_cast<double>(venue.last_timestamp_ns()) / 1e9);
  const TimestampNs now_ns = net::Loop::wall_ns();
  const TimestampNs applied_ns = venue.last_timestamp_ns();
  writer.gauge(
      "okiagari_applied_age_seconds", "seconds",
      "How long ago, by this server's clock, the leader made the last batch applied here.",
      applied_ns == 0 || now_ns < applied_ns ? 0 : static_cast<double>(now_ns - applied_ns) / 1e9);
  writer.gauge("okiagari_live_orders", "", "Orders in the books.", venue.books().live_orders());
  writer.gauge("okiagari_waiting_stops", "", "Stop orders beside the books, waiting for a price.",
               venue.waiting_stops().count());
  writer.counter("okiagari_commands_applied", "", "Commands applied by this process.",
                 server.work().commands_applied);
  writer.counter("okiagari_events_made", "", "Events made by this process.",
                 server.work().events_made);
  writer.counter("okiagari_batches_applied", "", "Batches applied by this process.",
                 server.work().batches_applied);
  writer.histogram("okiagari_batch_commands", "", "Commands in a batch that was applied.");
  writer.value(server.work().batch_commands);
  const MarketServer::NewestCheckpoint newest = server.newest_checkpoint();
  writer.gauge("okiagari_checkpoint_number", "", "The newest checkpoint; 0 before the first.",
               newest.number);
  writer.info("okiagari_checkpoint",
              "The newest checkpoint with its hashes, the same on every server.");
  if (newest.number != 0) {
    writer.facts({{"checkpoint", std::to_string(newest.number)},
                  {"state_hash", fmt::format("{:016x}", newest.state_hash)},
                  {"chain", base::to_hex(newest.chain)}});
  }
  writer.gauge("okiagari_ledger_conserved", "", "1 while all balances add up.",
               server.is_ledger_conserved() ? 1 : 0);
  writer.gauge("okiagari_deaths_at_one_command", "",
               "How often in a row the process ended while applying the same command.",
               server.applying().deaths());
  writer.gauge("okiagari_pending_bytes", "bytes", "Commands that wait for the log.",
               server.pending_bytes());
  writer.gauge("okiagari_gateways_connected", "", "Gateways that take their events here.",
               server.gateways());
  writer.gauge("okiagari_feed_clients", "", "Subscribers of market data.",
               server.feed_subscribers());
  write_line(writer, server.market_data());
  writer.gauge("okiagari_history_bytes", "bytes", "History of what was sent, on disk.",
               server.history().end_position());
  writer.gauge("okiagari_history_complete", "", "1 when it has everything from the first message.",
               server.history().is_complete() ? 1 : 0);
}

}  // namespace

void write_node_metrics(MetricsWriter& writer, const NodeParts& parts, const ReplicaView& view) {
  write_role(writer, parts, view);
  write_log(writer, parts, view);
  write_replication(writer, view);
  write_market(writer, parts);
}

void write_peer_networks(MetricsWriter& writer, const std::vector<MarketServer::PeerLink>& links) {
  writer.gauge("okiagari_peer_network", "",
               "By which network it sends to a server: 1 is A, 2 is B; 0 when by none.");
  for (const MarketServer::PeerLink& link : links) {
    const auto used = link.networks.used;
    writer.value(used ? journal::place_of(*used) + 1 : 0, {{"peer", std::to_string(link.node)}});
  }
  writer.gauge("okiagari_peer_line_open", "",
               "1 while its connection to a server over that network is open, used or not.");
  for (const MarketServer::PeerLink& link : links) {
    for (const journal::Network network : journal::kNetworks) {
      const std::size_t at = journal::place_of(network);
      if (!link.networks.is_known[at]) continue;
      writer.value(link.networks.is_open[at] ? 1 : 0,
                   {{"peer", std::to_string(link.node)}, {"network", journal::name_of(network)}});
    }
  }
  writer.counter(
      "okiagari_peer_network_changes", "",
      "Times that what is sent to a server went over to the other network while the link "
      "held.");
  for (const MarketServer::PeerLink& link : links) {
    writer.value(link.networks.changes, {{"peer", std::to_string(link.node)}});
  }
}

net::Readiness node_readiness(Verdict verdict, const ReplicaView& view) {
  net::Readiness readiness;
  readiness.state = journal::name_of(view.role);
  if (verdict != Verdict::fine) {
    readiness.why = "its state is not that of a majority";
  } else if (view.role == journal::Role::leader) {
    readiness.is_ready = view.open;
    if (!view.open) readiness.why = "it still applies what came before its term";
  } else if (view.leader == 0) {
    readiness.why = "no leader is known";
  } else if (view.commit_index > view.applied_index + kLagMax) {
    readiness.why =
        fmt::format("{} entries are still to be applied", view.commit_index - view.applied_index);
  } else {
    readiness.is_ready = true;
  }
  return readiness;
}

}  // namespace okiagari::node
