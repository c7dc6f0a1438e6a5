// The closed list of what evidence can say. `watch` and those who send alerts produce them, `cause`
// weighs them; a name here is one word for one thing, and says nothing of why.
#pragma once

#include <string_view>

namespace okiagari::watch::signal {

// Processes and servers.
inline constexpr std::string_view process_gone = "process.gone";
inline constexpr std::string_view process_killed_by_signal = "process.killed_by_signal";
inline constexpr std::string_view process_crashed = "process.crashed";  // by a fault of its own
inline constexpr std::string_view start_refused = "process.start_refused";
inline constexpr std::string_view process_restarted = "process.restarted";
inline constexpr std::string_view process_frozen = "process.frozen";
inline constexpr std::string_view crash_in_apply = "process.crash_in_apply";  // P6
inline constexpr std::string_view out_of_memory_kill = "host.out_of_memory_kill";
inline constexpr std::string_view unreachable = "server.unreachable";
inline constexpr std::string_view reachable_again = "server.reachable_again";
inline constexpr std::string_view self_claims_fine = "server.says_it_is_fine";

// The cluster.
inline constexpr std::string_view heartbeat_missing = "cluster.heartbeat_missing";
inline constexpr std::string_view leader_changed = "cluster.leader_changed";
inline constexpr std::string_view no_leader = "cluster.no_leader";
inline constexpr std::string_view two_leaders = "cluster.two_leaders";
inline constexpr std::string_view quorum_lost = "cluster.quorum_lost";
inline constexpr std::string_view leader_slow = "cluster.leader_slow";  // and another is not
inline constexpr std::string_view leader_fast = "cluster.leader_fast";  // after one that was slow
inline constexpr std::string_view slow_alike = "cluster.slow_alike";    // no server does better
inline constexpr std::string_view replica_lags = "cluster.replica_lags";
inline constexpr std::string_view replica_diverged = "cluster.replica_diverged";
inline constexpr std::string_view no_progress = "cluster.no_progress";
inline constexpr std::string_view election_storm = "cluster.election_storm";
inline constexpr std::string_view damage_found = "cluster.damage_found";

// The business path.
inline constexpr std::string_view canary_failed = "canary.failed";
inline constexpr std::string_view canary_slow = "canary.slow";
inline constexpr std::string_view canary_good = "canary.good";
inline constexpr std::string_view fail_over_observed = "canary.fail_over_observed";
inline constexpr std::string_view acknowledgements_stopped = "orders.acknowledgements_stopped";
inline constexpr std::string_view refusals_high = "orders.refusals_high";
inline constexpr std::string_view rate_high = "orders.rate_high";
inline constexpr std::string_view rate_gone = "orders.rate_gone";
inline constexpr std::string_view one_member_dominates = "orders.one_member_dominates";
inline constexpr std::string_view feed_silent = "feed.silent";
inline constexpr std::string_view feed_gap = "feed.gap";
inline constexpr std::string_view feed_differs = "feed.differs_from_journal";
// Places that look at the market.
inline constexpr std::string_view vantage_disagrees = "vantage.disagrees";
inline constexpr std::string_view vantage_silent = "vantage.silent";

// Links and the edge.
inline constexpr std::string_view link_reset = "link.reset";
inline constexpr std::string_view link_one_way = "link.one_way";
inline constexpr std::string_view packet_loss = "link.packet_loss";
inline constexpr std::string_view link_slow = "link.slow";
inline constexpr std::string_view connections_high = "edge.connections_high";
inline constexpr std::string_view connections_from_few = "edge.connections_from_few";
inline constexpr std::string_view logins_failing = "edge.logins_failing";
inline constexpr std::string_view malformed_high = "edge.malformed_high";
inline constexpr std::string_view queries_high = "edge.queries_high";  // at a side service

// Services of other systems, from their logs and traces; what the market depends on; members.
inline constexpr std::string_view service_errors = "service.errors";
inline constexpr std::string_view service_slow = "service.slow";
inline constexpr std::string_view service_steps_missing = "service.steps_missing";
inline constexpr std::string_view service_steps_new = "service.steps_new";
inline constexpr std::string_view service_cut_short = "service.cut_short";
inline constexpr std::string_view service_throws = "service.throws";
inline constexpr std::string_view dependency_failed = "dependency.failed";
inline constexpr std::string_view member_disconnected = "member.disconnected";
inline constexpr std::string_view member_others_fine = "member.others_fine";

// Hosts.
inline constexpr std::string_view processor_saturated = "host.processor_saturated";
inline constexpr std::string_view foreign_processes = "host.foreign_processes_busy";
inline constexpr std::string_view processor_stolen = "host.processor_stolen";
inline constexpr std::string_view memory_low = "host.memory_low";
inline constexpr std::string_view disk_full = "host.disk_full";
inline constexpr std::string_view disk_low = "host.disk_low";
inline constexpr std::string_view disk_slow = "host.disk_slow";
inline constexpr std::string_view disk_error = "host.disk_error";
inline constexpr std::string_view memory_error = "host.memory_error";
inline constexpr std::string_view network_error = "host.network_error";
inline constexpr std::string_view clock_stepped = "host.clock_stepped";
inline constexpr std::string_view clock_skewed = "host.clock_skewed";
inline constexpr std::string_view temperature_high = "host.temperature_high";
inline constexpr std::string_view power_lost = "host.power_lost";

// Changes and acts of people.
inline constexpr std::string_view configuration_changed = "change.configuration";
inline constexpr std::string_view program_changed = "change.program";
inline constexpr std::string_view process_stopped = "change.process_stopped";  // told to end
inline constexpr std::string_view operator_command = "change.operator_command";
inline constexpr std::string_view market_control = "change.market_control";
inline constexpr std::string_view reference_data_changed = "change.reference_data";

// Logs, others' alerts, public messages, places.
inline constexpr std::string_view log_error = "log.error";
inline constexpr std::string_view crash_text = "log.crash_text";
inline constexpr std::string_view log_new = "log.new_template";
inline constexpr std::string_view log_burst = "log.burst";
inline constexpr std::string_view log_gone = "log.vanished";
inline constexpr std::string_view alert_firing = "alert.firing";
inline constexpr std::string_view alert_resolved = "alert.resolved";
inline constexpr std::string_view earthquake = "hazard.earthquake";
inline constexpr std::string_view tsunami = "hazard.tsunami";
inline constexpr std::string_view lightning = "hazard.lightning";
inline constexpr std::string_view other_hazard = "hazard.other";
inline constexpr std::string_view site_lost = "site.lost";
inline constexpr std::string_view metric_shift = "metric.shift";  // of a metric with no name here

}  // namespace okiagari::watch::signal
