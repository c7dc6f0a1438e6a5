#include "node/market_server.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>
#include <cstring>

#include "base/assert.h"
#include "base/json_log.h"
#include "journal/role_names.h"
#include "node/halt_preview.h"
#include "node/server_list.h"
#include "node/stored_state.h"
#include "venue/snapshot_format.h"

namespace okiagari::node {

namespace {

constexpr std::size_t kFindingsKept = 8;
// A replica that is further behind than this does not speak on its line before it has caught up.
constexpr std::uint64_t kEntriesBehindMax = 4'096;
// By then the venue has forgotten every checkpoint from before this process attested.
constexpr std::uint32_t kCheckpointsBeforeVerdict = 8;
// About a millisecond's work; a million are walked over in ten seconds.
constexpr std::uint32_t kCheckpointOrders = 8'192;

const char* name_of(Verdict verdict) {
  switch (verdict) {
    case Verdict::fine:
      return "fine";
    case Verdict::in_minority:
      return "in minority";
    case Verdict::no_majority:
      return "no majority";
  }
  return "unknown";
}

bool is_of_newer_version(base::Bytes venue_snapshot) {
  venue::snapshot::Header header;
  base::ByteReader reader(venue_snapshot);
  return reader.object(header) && header.magic == venue::snapshot::kMagic &&
         header.version > venue::snapshot::kVersion;
}

boost::json::object report_of(const venue::Venue::PlanView& plan) {
  return {{"control_number", plan.control_number},
          {"day", plan.day},
          {"phases", plan.phases},
          {"done", plan.done},
          {"next_at_ns", plan.next_at_ns},
          {"ended_day", plan.ended_day},
          {"is_ending_day", plan.is_ending_day}};
}

boost::json::object json_of(const MarketServer::PeerLink& link) {
  boost::json::object told{
      {"node", link.node}, {"connected", link.is_connected}, {"heard_ms_ago", link.heard_ms_ago}};
  if (link.networks.used) told["network"] = journal::name_of(*link.networks.used);
  if (link.networks.is_known[0] && link.networks.is_known[1]) {
    told["spare"] = link.networks.is_open[0] && link.networks.is_open[1];
  }
  return told;
}

}  // namespace

MarketServer::MarketServer(net::Loop& loop, const NodeConfig& config,
                           std::unique_ptr<ApplyingWord> applying, std::unique_ptr<History> history)
    : config_(config),
      applying_(std::move(applying)),
      history_(std::move(history)),
      venue_(config.limits),
      ring_(config.recent_events_mib << 20),
      pending_(std::size_t{config.batch_kib} << 10),
      clock_(std::uint64_t{config.time_step_max_s} * 1'000'000'000),
      leader_link_(loop, config),
      history_fetch_(loop, config, *history_),
      level_(config.format_level) {
  venue_.set_about_to_apply(applying_->word());
}

MarketServer::~MarketServer() { venue_.set_about_to_apply(nullptr); }

base::Result<std::unique_ptr<MarketServer>> MarketServer::open(net::Loop& loop,
                                                               const NodeConfig& config,
                                                               const std::string& data_folder) {
  auto history = History::open(history_folder(data_folder));
  if (!history) return history.error();
  auto applying = ApplyingWord::open(data_folder + "/applying");
  if (!applying) return applying.error();
  std::unique_ptr<MarketServer> server(
      new MarketServer(loop, config, std::move(applying.value()), std::move(history.value())));
  if (base::Status status = server->open_ports(loop); !status) return status.error();
  return server;
}

base::Status MarketServer::attach(journal::Replica& replica) {
  replica_ = &replica;
  return has_loaded_snapshot_ ? base::Status() : history_->clear();
}

base::Status MarketServer::open_ports(net::Loop& loop) {
  const ServerAddresses& own = config_.own();
  feed::MarketDataOptions options;
  options.session = feed::session_of(config_.cluster);
  options.feed = own.feed;
  options.line = own.feed_line;
  options.line_interface = own.feed.host;
  options.requests = own.feed_requests;
  options.images = own.feed_images;
  auto market_data = feed::MarketData::open(loop, std::move(options), *history_, venue_);
  if (!market_data) return market_data.error();
  market_data_ = std::move(market_data.value());
  auto port =
      GatewayPort::open(loop, config_.own().gateways, config_.cluster, *this, ring_, *history_);
  if (!port) return port.error();
  port_ = std::move(port.value());
  return {};
}

base::Status MarketServer::apply(journal::Index, journal::Term, base::Bytes batch,
                                 const base::Digest& chain, bool) {
  if (base::Status status = level_.take_batch(batch); !status) {
    return stop_as_too_old(status.error());
  }
  events_.clear();
  const Sequence sequence_before = venue_.last_sequence();
  const std::uint64_t event_before = venue_.last_event_number();
  venue_.apply_batch(batch, events_);
  ++work_.batches_applied;
  work_.commands_applied += venue_.last_sequence() - sequence_before;
  work_.events_made += venue_.last_event_number() - event_before;
  work_.batch_commands.observe(venue_.last_sequence() - sequence_before);
  ring_.append(events_.view(), venue_.last_event_number());
  hand_out_events();
  market_data_->end_batch();
  note_checkpoint(chain);
  return {};
}

void MarketServer::hand_out_events() {
  const base::Bytes events = events_.view();
  const bool is_told = verdict_ == Verdict::fine;
  for (std::size_t at = 0; at < events.size();) {
    const auto& event = *reinterpret_cast<const venue::EventHeader*>(events.data() + at);
    at += event.size_bytes;
    history_->append(event);
    if (!is_told) continue;
    if (event.feed_number != 0) {
      market_data_->publish(event);
    } else {
      port_->route(event);
    }
  }
}

void MarketServer::note_checkpoint(const base::Digest& chain) {
  const venue::Venue::CheckpointFinding found = venue_.last_checkpoint();
  if (found.number == 0) return;
  checkpoint_number_ = std::max(checkpoint_number_, found.number);
  findings_.push_back({found, chain});
  if (findings_.size() > kFindingsKept) findings_.pop_front();
  attestation_due_ = true;
  if (has_attested_) ++checkpoints_attested_;
  if (!found.conserved && !ledger_broken_) {
    ledger_broken_ = true;
    base::log_critical("ledger_broken", {{"sequence", found.sequence}},
                       "the ledger's balances do not add up at sequence {}", found.sequence);
  }
}

MarketServer::NewestCheckpoint MarketServer::newest_checkpoint() const {
  if (findings_.empty()) return {};
  const Finding& newest = findings_.back();
  return {newest.found.number, newest.found.state_hash, newest.chain};
}

void MarketServer::leadership_open(journal::Term term) {
  open_ = true;
  clock_.restart_after(venue_.last_timestamp_ns());
  raise_level();
  if (clock_.is_behind(net::Loop::wall_ns())) pending_.add_own(venue::NoOperation{});
  base::log_info("leads", {{"term", term}, {"sequence", venue_.last_sequence()}},
                 "leads term {} and is open, at sequence {}", term, venue_.last_sequence());
}

void MarketServer::leadership_lost() {
  open_ = false;
  // Gateways keep what is not decided and send it again to the next leader.
  pending_.clear();
  level_.leadership_lost();
  base::log_info("leads_no_longer", {{"sequence", venue_.last_sequence()}}, "leads no longer");
}

base::Status MarketServer::on_command(const venue::CommandHeader& command) {
  if (!open_) return {};
  if (wire::is_level_statement(command)) {
    return base::Error{"which format level is in force is for the leader to say"};
  }
  const wire::FormatLevel level =
      wire::level_of({reinterpret_cast<const std::byte*>(&command), command.size_bytes});
  const bool is_upkeep = command.type == venue::CommandType::attest ||
                         command.type == venue::CommandType::checkpoint_in_steps;
  if (!is_upkeep) ++commands_since_checkpoint_;
  if (level <= level_.let_in()) [[likely]] {
    pending_.add(command);
  } else if (has_stand_in(command)) {
    pending_.add(StandIn(command).command());
  } else {
    return base::Error{words_of_refusal(least_server(), level)};
  }
  if (pending_.bytes() >= config_.pending_mib << 20) port_->set_reading(false);
  return {};
}

journal::FormatLevels MarketServer::levels() const {
  return {level_.understood(), wire::kSnapshotFormatLevel, level_.in_force()};
}

// What is in force is in the log for good, so whoever hears of it need not wait for the log.
void MarketServer::hear_levels(NodeId node, const journal::FormatLevels& levels) {
  told_levels_[node] = levels.commands;
  if (levels.in_force > level_.understood() && newer_needed_.empty()) {
    newer_needed_ = fmt::format(
        "node {} says that format level {} is in force, and this server understands level {}: "
        "install the program of the other servers here, and let no `format_level` in its "
        "configuration hold it back",
        node, levels.in_force, level_.understood());
  }
  if (!levels.keeps_snapshot_back || was_told_of_snapshot_) return;
  was_told_of_snapshot_ = true;
  base::log_error("snapshot_kept_back", {{"peer", node}, {"format_level", levels.snapshots}},
                  "node {} has a snapshot for this server, of format level {}, which this program "
                  "does not read: install the program of the other servers here",
                  node, levels.snapshots);
}

LeastServer MarketServer::least_server() const {
  const bool is_log_empty = venue_.last_sequence() == 0;
  return node::least_server(replica_->servers(), told_levels_, {config_.node, level_.understood()},
                            is_log_empty);
}

// Before every command that needs it: what is let in from now on comes behind the statement.
void MarketServer::raise_level() {
  if (!open_ || level_.let_in() == level_.understood()) return;
  const LeastServer least = least_server();
  if (least.level <= level_.let_in()) return;
  pending_.add(wire::level_statement(least.level).header);
  level_.stated(least.level);
  base::log_info("format_level", {{"format_level", least.level}},
                 "every server understands format level {}: it comes into force", least.level);
}

base::Status MarketServer::stop_as_too_old(base::Error error) {
  is_too_old_ = true;
  return error;
}

void MarketServer::add_own_commands(std::uint64_t now_ms) {
  raise_level();
  if (open_ && commands_since_checkpoint_ > 0 && now_ms >= next_checkpoint_ms_) {
    add_checkpoint();
    commands_since_checkpoint_ = 0;
    next_checkpoint_ms_ = now_ms + config_.checkpoint_ms;
  }
  if (may_advance() && advance_.asks(venue_, net::Loop::wall_ns(), now_ms)) {
    pending_.add_own(venue::AdvancePlan{});
  }
  // Who has no vote is not counted, and does not speak.
  const bool is_voter = view_.role != journal::Role::standby || view_.barred_from_voting;
  if (attestation_due_ && is_voter && view_.leader != 0 &&
      view_.applied_index == view_.commit_index) {
    attest();
  }
}

// A call may have an end by the clock in a market whose servers do not all know that command; it
// waits for people then, as calls of before did.
bool MarketServer::may_advance() const { return open_ && level_.let_in() >= wire::kStopsLevel; }

void MarketServer::add_checkpoint() {
  checkpoint_number_ = std::max(checkpoint_number_, venue_.last_sequence()) + 1;
  if (level_.let_in() >= wire::kDayEndLevel) {
    venue::CheckpointInSteps checkpoint{};
    checkpoint.orders_max = kCheckpointOrders;
    checkpoint.number = checkpoint_number_;
    pending_.add_own(checkpoint);
  } else {
    venue::Checkpoint checkpoint{};
    checkpoint.number = checkpoint_number_;
    pending_.add_own(checkpoint);
  }
}

void MarketServer::attest() {
  attestation_due_ = false;
  const Finding& newest = findings_.back();
  venue::Attest attest{};
  attest.header.size_bytes = sizeof attest;
  attest.header.type = attest.kType;
  attest.header.version = venue::kCommandVersion;
  attest.node = config_.node;
  attest.checkpoint = newest.found.number;
  attest.sequence = newest.found.sequence;
  attest.state_hash = newest.found.state_hash;
  attest.scrub_hash = newest.found.scrub_hash;
  attest.chain = newest.chain;
  has_attested_ = true;
  if (open_) {
    pending_.add(attest.header);
  } else {
    leader_link_.submit(base::object_bytes(attest));
  }
}

void MarketServer::submit_batches() {
  while (open_ && !pending_.empty() && replica_->can_submit()) {
    const TimestampNs wall_ns = net::Loop::wall_ns();
    const bool was_behind = clock_.is_behind(wall_ns);
    const journal::SubmitResult result = replica_->submit(pending_.front(clock_.stamp(wall_ns)));
    // What is not accepted now waits; a leader that stays unable loses its office and clears it.
    if (result != journal::SubmitResult::accepted) break;
    pending_.pop_front();
    if (was_behind && pending_.empty() && clock_.is_behind(wall_ns)) {
      pending_.add_own(venue::NoOperation{});
    }
  }
}

base::Status MarketServer::end_turn(std::uint64_t now_ms) {
  add_own_commands(now_ms);
  submit_batches();
  if (base::Status status = replica_->end_turn(now_ms); !status) return status;
  if (!newer_needed_.empty()) return stop_as_too_old({newer_needed_});
  view_ = replica_->view();
  if (pending_.bytes() < config_.pending_mib << 19) port_->set_reading(true);
  if (base::Status status = history_->status(); !status) return status;
  if (base::Status status = history_fetch_.end_turn(now_ms); !status) return status;
  judge();
  note_whether_current();
  market_data_->end_turn(now_ms, {is_current_ && verdict_ == Verdict::fine, open_});
  port_->end_turn(now_ms);
  leader_link_.end_turn(view_.leader, now_ms);
  return {};
}

// A replica that replays repeats what others have long said; one that is late by what a slow disk
// costs still says everything first on its line.
void MarketServer::note_whether_current() {
  const std::uint64_t behind =
      view_.commit_index - std::min(view_.applied_index, view_.commit_index);
  if (view_.leader == 0 || behind > kEntriesBehindMax) {
    is_current_ = false;
  } else if (behind == 0) {
    is_current_ = true;
  }
}

void MarketServer::judge() {
  if (verdict_ != Verdict::fine || checkpoints_attested_ < kCheckpointsBeforeVerdict) return;
  switch (venue_.agreement(config_.node)) {
    case venue::Venue::Agreement::in_minority:
      verdict_ = Verdict::in_minority;
      break;
    case venue::Venue::Agreement::no_majority:
      verdict_ = Verdict::no_majority;
      break;
    default:
      return;
  }
  base::log_critical("stops_serving", {{"verdict", name_of(verdict_)}},
                     "{}: this replica's state is not that of a majority; it stops serving",
                     name_of(verdict_));
}

std::uint64_t MarketServer::next_deadline_ms() const {
  if (open_ && !pending_.empty() && replica_->can_submit()) return 0;
  std::uint64_t deadline = std::min(
      {replica_->next_deadline_ms(), port_->next_deadline_ms(), market_data_->next_deadline_ms()});
  if (open_ && commands_since_checkpoint_ > 0) deadline = std::min(deadline, next_checkpoint_ms_);
  if (may_advance()) {
    const std::uint64_t advance_ms =
        advance_.next_ms(venue_, net::Loop::wall_ns(), net::Loop::now_ms());
    deadline = std::min(deadline, advance_ms);
  }
  return deadline;
}

void MarketServer::write_snapshot(base::ByteWriter& into) {
  const std::size_t begin = into.size();
  StateHead head;
  head.format_level = level_.in_force();
  into.object(head);
  venue_.write_snapshot(into);
  head.venue_bytes = into.size() - begin - sizeof head;
  const base::Status status = history_->write_state(into);
  // A snapshot that counts on a history which is not on disk must not come to be.
  ASSERT(status.ok(), "{}", status.error().message);
  head.history_bytes = into.size() - begin - sizeof head - head.venue_bytes;
  std::memcpy(into.data() + begin, &head, sizeof head);
}

base::Status MarketServer::load_snapshot(base::Bytes snapshot, journal::Index index) {
  const auto parts = split_stored_state(snapshot);
  if (!parts) {
    return base::Error{fmt::format(
        "the snapshot at index {} is not of a version that this program knows, or cut off", index)};
  }
  if (base::Status status = level_.take_snapshot(parts->format_level); !status) {
    return stop_as_too_old(status.error());
  }
  if (is_of_newer_version(parts->venue)) {
    return stop_as_too_old({fmt::format(
        "the snapshot at index {} was written by a newer program: install that one here", index)});
  }
  if (base::Status status = venue_.load_snapshot(parts->venue); !status) return status;
  base::ByteReader history(parts->history);
  if (base::Status status = history_->load_state(history); !status) return status;
  has_loaded_snapshot_ = true;
  restart_streams();
  return {};
}

void MarketServer::restart_streams() {
  ring_.restart_after(venue_.last_event_number());
  port_->drop_subscribers();
  wire::Symbols symbols;
  events_.clear();
  venue_.describe(0, events_);
  wire::EventReader reader(events_.view());
  while (const venue::EventHeader* event = reader.next()) {
    if (event->type != venue::EventType::reference_instrument) continue;
    const auto& instrument = reinterpret_cast<const venue::ReferenceInstrument&>(*event);
    symbols.add(instrument.instrument, instrument.symbol);
  }
  market_data_->restart_after(venue_.last_feed_number(), std::move(symbols));
  findings_.clear();
  attestation_due_ = false;
  has_attested_ = false;
  checkpoints_attested_ = 0;
  if (!history_->is_complete()) {
    base::log_warning(
        "history_missing", {{"sequence", venue_.last_sequence()}},
        "the history before sequence {} is not on this server; fetching it from the others",
        venue_.last_sequence());
  }
}

void MarketServer::describe_market(GatewayId gateway, base::ByteWriter& events) {
  venue_.describe(gateway, events);
}

wire::NodeStatus MarketServer::node_status() {
  wire::NodeStatus status{};
  status.cluster = config_.cluster;
  status.node = config_.node;
  status.leader = view_.leader;
  status.open = open_ && verdict_ == Verdict::fine ? 1 : 0;
  status.role = static_cast<std::uint8_t>(view_.role);
  status.format_level = level_.in_force();
  status.term = view_.term;
  status.applied_sequence = venue_.last_sequence();
  status.last_event = venue_.last_event_number();
  status.last_feed = venue_.last_feed_number();
  return status;
}

base::Status MarketServer::transfer_leadership(NodeId target) {
  if (!open_) {
    return base::Error{
        fmt::format("node {} does not lead; node {} does", config_.node, view_.leader)};
  }
  if (target == config_.node) return base::Error{fmt::format("node {} leads already", target)};
  if (target != 0 && config_.find(target) == nullptr) {
    return base::Error{fmt::format("there is no node {} in this cluster", target)};
  }
  return replica_->transfer(target);
}

base::Status MarketServer::transfer_leadership(NodeId target,
                                               const wire::TransferApproval& approval) {
  if (approval.cluster != config_.cluster || approval.term != view_.term) {
    return base::Error{
        fmt::format("the approval is for term {}; this is term {}", +approval.term, view_.term)};
  }
  const std::uint16_t id = approval.approval.operator_id;
  const venue::Approval approvals[] = {approval.approval};
  if (id == 0 || venue_.count_approvals(wire::transfer_digest(target, approval), approvals) < 0) {
    return base::Error{"the approval is not good: nobody known has signed it, or it is too old"};
  }
  base::Status status = transfer_leadership(target);
  base::log_info("transfer_asked", {{"operator", id}, {"target", target}},
                 "operator {} asks for node {} to lead: {}", id, target,
                 status.ok() ? "it is told" : status.error().message);
  return status;
}

base::Result<journal::ChangeOutcome> MarketServer::change_servers(
    const journal::ServerChange& change) {
  if (!open_) {
    return base::Error{
        fmt::format("node {} does not lead; node {} does", config_.node, view_.leader)};
  }
  if (change.kind == journal::ServerChange::Kind::add) {
    const auto place = parse_address_text(change.server.node, change.server.address);
    if (!place) return place.error();
  }
  // It would end at what is in the log. One that has told nothing is seen when it has the log.
  const wire::FormatLevel told = level_told(told_levels_, change.server.node);
  if (change.kind != journal::ServerChange::Kind::remove && told != 0 && told < level_.let_in()) {
    return base::Error{words_of_refusal({change.server.node, told}, level_.let_in())};
  }
  return replica_->change_servers(change);
}

bool MarketServer::never_takes(const journal::ServerChange& change) {
  return open_ && journal::is_refused_for_good(replica_->servers(), change);
}

void MarketServer::servers_changed(const journal::Configuration& servers) {
  port_->set_servers(gateway_lines(config_, servers));
}

boost::json::array MarketServer::servers_report() const {
  boost::json::array servers;
  for (const journal::Server& server : replica_->servers()) {
    boost::json::object one{{"node", server.node},
                            {"votes", server.role == journal::ServerRole::voter}};
    if (server.storage != 0) one["storage"] = fmt::format("{:016x}", server.storage);
    for (const auto& [peer, match] : view_.peers_match) {
      if (peer == server.node) one["match_index"] = match;
    }
    const wire::FormatLevel level =
        server.node == config_.node ? level_.understood() : level_told(told_levels_, server.node);
    if (level != 0) one["format_level"] = level;
    const auto& kept_back = view_.snapshots_kept_back;
    if (std::find(kept_back.begin(), kept_back.end(), server.node) != kept_back.end()) {
      one["snapshot_kept_back"] = true;
    }
    for (const auto& snapshot : view_.snapshots_under_way) {
      if (snapshot.to != server.node) continue;
      one["snapshot_sent_bytes"] = snapshot.sent_bytes;
      one["snapshot_bytes"] = snapshot.bytes;
    }
    servers.push_back(std::move(one));
  }
  return servers;
}

std::string MarketServer::halt_preview(const wire::PreviewRequest& request) {
  return node::halt_preview(venue_, request);
}

std::string MarketServer::node_report() {
  namespace json = boost::json;
  view_ = replica_->view();
  json::array checkpoints;
  for (const Finding& finding : findings_) {
    checkpoints.push_back({{"number", finding.found.number},
                           {"sequence", finding.found.sequence},
                           {"control_number", venue_.last_control_number()},
                           {"state_hash", fmt::format("{:016x}", finding.found.state_hash)},
                           {"scrub_hash", fmt::format("{:016x}", finding.found.scrub_hash)},
                           {"chain", base::to_hex(finding.chain)},
                           {"conserved", finding.found.conserved}});
  }
  json::array peers;
  for (const auto& [peer, match] : view_.peers_match) {
    peers.push_back({{"node", peer}, {"match_index", match}});
  }
  json::array links;
  for (const PeerLink& link : links_ ? links_() : std::vector<PeerLink>()) {
    links.push_back(json_of(link));
  }
  const json::object report{
      {"cluster", config_.cluster},
      {"node", config_.node},
      {"role", journal::name_of(view_.role)},
      {"term", view_.term},
      {"leader", view_.leader},
      {"open", open_},
      {"verdict", name_of(verdict_)},
      {"last_index", view_.last_index},
      {"synced_index", view_.synced_index},
      {"commit_index", view_.commit_index},
      {"applied_index", view_.applied_index},
      {"snapshot_index", view_.snapshot_index},
      {"first_index", view_.first_index},
      {"log_bytes", view_.log_bytes},
      {"barred_from_voting", view_.barred_from_voting},
      {"format_level", level_.in_force()},
      {"format_level_understood", level_.understood()},
      {"disk_low", view_.disk_low},
      {"elections_started", view_.elections_started},
      {"depositions", view_.depositions},
      {"peers", std::move(peers)},
      {"servers", servers_report()},
      {"next_node", journal::highest_number(replica_->servers()) + 1},
      {"storage", fmt::format("{:016x}", view_.storage)},
      {"address", address_text(config_.own())},
      {"links", std::move(links)},
      {"sequence", venue_.last_sequence()},
      {"event", venue_.last_event_number()},
      {"feed", venue_.last_feed_number()},
      {"timestamp_ns", venue_.last_timestamp_ns()},
      {"state_hash", fmt::format("{:016x}", venue_.state_hash())},
      {"held", venue_.is_held()},
      {"control_number", venue_.last_control_number()},
      {"plan", report_of(venue_.plan())},
      {"ledger_conserved", !ledger_broken_},
      {"checkpoints", std::move(checkpoints)},
      {"live_orders", venue_.books().live_orders()},
      {"waiting_stops", venue_.waiting_stops().count()},
      {"pending_bytes", pending_.bytes()},
      {"gateways", port_->gateways()},
      {"feed_subscribers", market_data_->subscribers()},
      {"history_bytes", history_->end_position()},
      {"history_complete", history_->is_complete()},
      {"deaths_at_one_command", applying_->deaths()},
  };
  return json::serialize(report);
}

}  // namespace okiagari::node
