#include "tests/simulation/simulated_node.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <optional>
#include <utility>

#include "journal/identity.h"
#include "journal/log_format.h"
#include "journal/segment.h"
#include "tests/simulation/member.h"

namespace okiagari::simulation {
namespace {

constexpr std::uint64_t kDiskBytes = 8U << 20;
constexpr std::uint64_t kMinFreeBytes = 256U << 10;
// So small that a snapshot is many pieces here, too.
constexpr std::uint32_t kChunkBytes = 1U << 10;
constexpr TimeUs kStatusUs = 50'000;
constexpr TimeUs kCheckpointUs = 150'000;
constexpr std::size_t kBatchBytesMax = 16U << 10;
constexpr TimeUs kTurnUs = 8;
constexpr std::uint64_t kNeverMs = 1'000'000'000'000;

venue::Limits limits() {
  venue::Limits limits;
  limits.books.max_live_orders = 4'096;
  limits.books.max_instruments = 8;
  limits.max_members = 16;
  limits.max_sessions = 16;
  limits.max_accounts = 16;
  // So few orders are there that with the usual steps each work would be done in one.
  limits.steps = {.stops_triggered = 1, .day_end_looks = 2, .calls_ended = 1};
  return limits;
}

NodeId id_of(Endpoint endpoint) { return static_cast<NodeId>(endpoint + 1); }

}  // namespace

SimulatedNode::SimulatedNode(World& world, Endpoint endpoint)
    : world_(world),
      endpoint_(endpoint),
      disk_(Random(world.scenario.seed, 10U + endpoint).next(), kDiskBytes,
            fmt::format("disk of node {}", endpoint + 1)),
      timed_disk_(disk_),
      is_in_use_(endpoint < kFirstNodes) {
  Random random(world.scenario.seed, 20U + endpoint);
  boot_offset_us_ = random.below(100'000'000);
  skew_us_ = static_cast<std::int64_t>(random.below(20'000)) - 10'000;
  timed_disk_.set_sync_us(random.between(50, 300));
  if (!is_in_use_) return;
  const base::Status formatted =
      journal::format(disk_, {.cluster = 1, .node = id_of(endpoint), .storage = 1'000U + endpoint});
  ASSERT(formatted.ok(), "{}", formatted.error().message);
}

SimulatedNode::~SimulatedNode() { disk_.disarm(); }

journal::ReplicaOptions SimulatedNode::options() const {
  const Scenario& scenario = world_.scenario;
  journal::ReplicaOptions options;
  options.cluster = 1;
  options.node = id_of(endpoint_);
  options.voters = {1, 2, 3};  // on the first machines
  options.random_seed = scenario.seed * 1'000 + lives_ * 10 + endpoint_ + 1;
  options.log = {.segment_bytes = 64U << 10,
                 .cache_bytes = 64U << 10,
                 .spare_segments = 0,
                 .reused_segments = 2};
  options.timeouts.election_ms = scenario.election_ms;
  options.min_free_bytes = kMinFreeBytes;
  options.snapshot_after_bytes = scenario.snapshot_after_bytes;
  options.keep_log_bytes = scenario.keep_log_bytes;
  options.snapshot_chunk_bytes = kChunkBytes;
  options.work_arounds_off = {.re_anchor = scenario.work_around_off == 1,
                              .split_changes = scenario.work_around_off == 2,
                              .raise_pre_vote = scenario.work_around_off == 3,
                              .no_capacity_check = scenario.work_around_off == 4,
                              .storage_identity = scenario.work_around_off == 5,
                              .loss_check = scenario.loss_check_off,
                              .joins_carefully = scenario.work_around_off == 7};
  if (world_.verdict.traces()) {
    options.on_notable = [this](const std::string& line) {
      world_.verdict.trace("node {} says: {}", endpoint_ + 1, line);
    };
  }
  return options;
}

void SimulatedNode::let_up() {
  --held_down_;
  start();
}

void SimulatedNode::start_later(TimeUs after_us) {
  world_.agenda.add(
      {.at_us = world_.agenda.now_us() + after_us, .what = What::start, .to = endpoint_});
}

void SimulatedNode::start() {
  if (is_running() || !is_in_use_ || held_down_ > 0) return;
  ++lives_;
  timed_disk_.begin_turn(world_.agenda.now_us());
  is_starting_ = true;
  try {
    try_to_start();
  } catch (const SimulatedCrash&) {
    world_.verdict.trace("node {} died while it started", endpoint_ + 1);
    end(armed_ending_);
    start_later(20'000);
  }
  is_starting_ = false;
}

void SimulatedNode::try_to_start() {
  venue_ = std::make_unique<venue::Venue>(limits());
  advance_ = {};
  last_applied_ = 0;
  auto started = journal::Replica::start(options(), timed_disk_, *this, *this, *this,
                                         to_node_ms(world_.agenda.now_us()));
  if (!started) {
    refused_to_start(started.error().message);
    return;
  }
  replica_ = std::move(started.value());
  if (lives_ > 1) count(Branch::restarted);
  world_.verdict.trace("node {} started, life {}", endpoint_ + 1, lives_);
  world_.network.start(endpoint_);
  busy_until_us_ = now_us();
  plan_turn(busy_until_us_);
}

void SimulatedNode::refused_to_start(const std::string& message) {
  world_.verdict.trace("node {} refused to start: {}", endpoint_ + 1, message);
  disk_.disarm();
  disk_.kill();
  venue_.reset();
  if (is_disk_full_) {
    count(Branch::disk_full_ended);
    start_later(100'000);
  } else if (is_ruined_) {
    count(Branch::damage_refused);
  } else {
    world_.verdict.fail("node {} refused to start without a reason: {}", endpoint_ + 1, message);
  }
}

void SimulatedNode::end(Ending ending) {
  disk_.disarm();
  const bool was_running = is_running();
  count_life();
  timed_disk_.forget_sync();
  replica_.reset();
  venue_.reset();
  for (std::vector<Happening>* messages : {&inbox_, &taken_}) {
    for (const Happening& message : *messages) world_.agenda.release(message.buffer);
    messages->clear();
  }
  pending_.clear();
  is_open_ = false;
  gateways_ = {};
  wake_at_us_ = 0;
  snapshot_state_ = State::idle;
  if (ending == Ending::dark) {
    const std::uint64_t lost = disk_.counters().sectors_lost;
    disk_.crash();
    world_.tally.count(Branch::sectors_lost, disk_.counters().sectors_lost - lost);
  } else {
    disk_.kill();
  }
  if (!was_running) return;
  world_.verdict.trace("node {} {}", endpoint_ + 1,
                       ending == Ending::dark ? "went dark" : "was killed");
  world_.network.stop(endpoint_, ending == Ending::dark);
}

void SimulatedNode::ended_itself(const std::string& message) {
  world_.verdict.trace("node {} ended itself: {}", endpoint_ + 1, message);
  if (!is_disk_full_) {
    world_.verdict.fail("node {} ended itself without a reason: {}", endpoint_ + 1, message);
  }
  count(Branch::disk_full_ended);
  end(Ending::killed);
  start_later(100'000);
}

void SimulatedNode::receive(const Happening& message) {
  if (!is_running() || !world_.network.is_delivered(message)) {
    world_.agenda.release(message.buffer);
    return;
  }
  inbox_.push_back(message);
  plan_turn(world_.agenda.now_us());
}

void SimulatedNode::plan_turn(TimeUs at_us) {
  if (is_turn_planned_ || frozen_ > 0) return;
  is_turn_planned_ = true;
  world_.agenda.add(
      {.at_us = std::max(at_us, busy_until_us_), .what = What::turn, .to = endpoint_});
}

std::uint64_t SimulatedNode::next_deadline_ms() const {
  const std::uint64_t deadline_ms = replica_->next_deadline_ms();
  if (!is_open_) return deadline_ms;
  const std::uint64_t now_ms = to_node_ms(world_.agenda.now_us());
  return std::min(deadline_ms, advance_.next_ms(*venue_, wall_ns(), now_ms));
}

void SimulatedNode::plan_wake() {
  const std::uint64_t deadline_ms = next_deadline_ms();
  const std::optional<TimeUs> synced_us = timed_disk_.sync_ends_us();
  if (deadline_ms > kNeverMs && !synced_us) return;
  const TimeUs earliest_us = std::max(busy_until_us_, world_.agenda.now_us() + 100);
  const TimeUs deadline_us = std::max(deadline_ms * 1'000, boot_offset_us_) - boot_offset_us_;
  TimeUs wake_us = std::max(deadline_us, earliest_us);
  if (synced_us) wake_us = std::min(wake_us, std::max(*synced_us, busy_until_us_));
  if (wake_at_us_ != 0 && wake_at_us_ <= wake_us) return;
  wake_at_us_ = wake_us;
  world_.agenda.add({.at_us = wake_us, .what = What::wake, .to = endpoint_});
}

void SimulatedNode::wake() {
  if (!is_running() || world_.agenda.now_us() != wake_at_us_) return;
  wake_at_us_ = 0;
  const std::optional<TimeUs> synced_us = timed_disk_.sync_ends_us();
  const bool is_synced = synced_us && *synced_us <= world_.agenda.now_us();
  if (!is_synced && next_deadline_ms() > to_node_ms(world_.agenda.now_us())) {
    plan_wake();
    return;
  }
  plan_turn(world_.agenda.now_us());
}

void SimulatedNode::thaw() {
  if (--frozen_ > 0 || !is_running()) return;
  plan_turn(world_.agenda.now_us());
}

void SimulatedNode::turn() {
  is_turn_planned_ = false;
  if (!is_running() || frozen_ > 0) return;
  timed_disk_.begin_turn(world_.agenda.now_us());
  try {
    run_turn();
  } catch (const SimulatedCrash&) {
    world_.verdict.trace("node {} died in the middle of a write", endpoint_ + 1);
    end(armed_ending_);
    start_later(20'000);
  }
}

void SimulatedNode::run_turn() {
  take_inbox();
  if (is_open_) {
    add_checkpoint();
    add_advance();
  }
  submit_pending();
  const base::Status status = replica_->end_turn(to_node_ms(world_.agenda.now_us()));
  if (!status) {
    ended_itself(status.error().message);
    return;
  }
  if (view().removed) {
    world_.verdict.trace("node {} was removed and ends", endpoint_ + 1);
    count(Branch::removed_was_told);
    end(Ending::killed);
    is_in_use_ = false;
    return;
  }
  check_leadership();
  tell_gateways();
  // What was refused as busy may go with the next turn.
  const bool more = !pending_.empty() && replica_->can_submit();
  busy_until_us_ = now_us() + kTurnUs;
  plan_wake();
  if (more || !inbox_.empty()) plan_turn(busy_until_us_);
}

void SimulatedNode::take_inbox() {
  std::swap(inbox_, taken_);
  for (Happening& message : taken_) {
    const Happening now = message;
    message.buffer = kNoBuffer;
    take(now);
  }
  taken_.clear();
}

void SimulatedNode::take(const Happening& message) {
  GatewayLink& gateway = gateways_[message.from];
  const bool is_peer = is_node(message.from);
  switch (message.what) {
    case What::link_opened:
      if (!is_peer) gateway = {.is_up = true};
      // A connection of our own only sends; what a replica is told about is the peer's.
      if (is_peer && SimulatedNetwork::is_to_acceptor(message)) {
        replica_->link_up(id_of(message.from));
      }
      return;
    case What::link_ended:
      if (!is_peer) gateway = {};
      if (is_peer && SimulatedNetwork::is_to_acceptor(message)) {
        replica_->link_lost(id_of(message.from));
      }
      return;
    case What::frame:
    case What::chunk:
      world_.agenda.take(message.buffer, frame_);
      replica_->receive(id_of(message.from), frame_);
      return;
    case What::submit:
    case What::attest:
      world_.agenda.take(message.buffer, frame_);
      take_submit(frame_);
      return;
    case What::subscribe:
      subscribe(message.from, message.first);
      return;
    default:
      return;
  }
}

void SimulatedNode::take_submit(base::Bytes commands) {
  if (!is_open_) return;
  pending_.insert(pending_.end(), commands.begin(), commands.end());
}

void SimulatedNode::subscribe(Endpoint gateway, std::uint64_t after) {
  if (!is_open_ || after > venue_->last_event_number()) return;
  if (after + 1 < oldest_event_) {
    world_.network.send(endpoint_, gateway, now_us(),
                        {.what = What::refused, .first = oldest_event_});
    return;
  }
  GatewayLink& link = gateways_[gateway];
  link.is_subscribed = true;
  link.is_concerned = false;
  link.told_event = venue_->last_event_number();
  world_.network.send(endpoint_, gateway, now_us(),
                      {.what = What::caught_up, .first = link.told_event});
}

void SimulatedNode::submit_pending() {
  while (!pending_.empty()) {
    // With too little room it is asked all the same, for its answer.
    if (!replica_->can_submit() && !view().disk_low) return;
    std::size_t size = 0;
    std::uint32_t commands = 0;
    while (size < pending_.size()) {
      const auto next = base::load_little<std::uint16_t>(pending_.data() + size);
      if (size > 0 && size + next > kBatchBytesMax) break;
      size += next;
      ++commands;
    }
    venue::BatchHeader header{};
    header.version = venue::kBatchVersion;
    header.count = commands;
    header.size_bytes = static_cast<std::uint32_t>(sizeof header + size);
    header.timestamp_ns = std::max(wall_ns(), venue_->last_timestamp_ns());
    batch_.clear();
    batch_.object(header);
    batch_.bytes(base::Bytes{pending_}.first(size));
    const journal::SubmitResult result = replica_->submit(batch_.view());
    const bool may_go_later =
        result == journal::SubmitResult::busy || result == journal::SubmitResult::disk_low;
    if (may_go_later) return;
    // Refused in any other way: who sent it will send it again to the next leader.
    pending_.erase(pending_.begin(), pending_.begin() + static_cast<std::ptrdiff_t>(size));
  }
}

void SimulatedNode::add_checkpoint() {
  if (world_.agenda.now_us() < next_checkpoint_us_ || !world_.market_is_set_up) return;
  next_checkpoint_us_ = world_.agenda.now_us() + kCheckpointUs;
  venue::CheckpointInSteps checkpoint{};
  checkpoint.header.size_bytes = sizeof checkpoint;
  checkpoint.header.type = venue::CheckpointInSteps::kType;
  checkpoint.header.version = venue::kCommandVersion;
  checkpoint.number = venue_->last_sequence() + 1;
  // Few, so that a walk has many steps.
  checkpoint.orders_max = 3;
  take_submit(base::object_bytes(checkpoint));
}

void SimulatedNode::add_advance() {
  if (!advance_.asks(*venue_, wall_ns(), to_node_ms(world_.agenda.now_us()))) return;
  count(Branch::day_end_step, venue_->plan().is_ending_day);
  venue::AdvancePlan advance{};
  advance.header.size_bytes = sizeof advance;
  advance.header.type = venue::AdvancePlan::kType;
  advance.header.version = venue::kCommandVersion;
  take_submit(base::object_bytes(advance));
}

SimulatedNode::Middle SimulatedNode::middle() const {
  const venue::Venue::PlanView plan = venue_->plan();
  Middle middle{
      .of_call = false, .of_day_end = plan.is_ending_day, .of_plan = plan.done < plan.phases};
  for (InstrumentId id = 1; id <= kInstruments; ++id) {
    venue::Venue::CallView call;
    if (venue_->call(id, call) && call.ends_at_ns != 0) middle.of_call = true;
  }
  return middle;
}

void SimulatedNode::attest(const venue::Venue::CheckpointFinding& finding,
                           const base::Digest& chain) {
  venue::Attest attest{};
  attest.header.size_bytes = sizeof attest;
  attest.header.type = venue::Attest::kType;
  attest.header.version = venue::kCommandVersion;
  attest.node = id_of(endpoint_);
  attest.checkpoint = finding.number;
  attest.sequence = finding.sequence;
  attest.state_hash = finding.state_hash;
  attest.scrub_hash = finding.scrub_hash;
  attest.chain = chain;
  if (is_open_) {
    take_submit(base::object_bytes(attest));
    return;
  }
  const NodeId leader = replica_ == nullptr ? NodeId{0} : view().leader;
  if (leader == 0 || leader == id_of(endpoint_)) return;
  world_.network.send(
      endpoint_, static_cast<Endpoint>(leader - 1), now_us(),
      {.what = What::attest, .buffer = world_.agenda.keep(base::object_bytes(attest))});
}

base::Status SimulatedNode::apply(journal::Index index, journal::Term term, base::Bytes batch,
                                  const base::Digest& chain, bool) {
  events_.clear();
  venue_->apply_batch(batch, events_);
  const bool is_first = index > world_.history.last_index();
  const OrderReference newest_before = world_.history.events().newest_reference();
  world_.history.applied(endpoint_, last_applied_, index, term, batch, chain, *venue_,
                         events_.view());
  if (is_first) world_.days.applied(*venue_, newest_before);
  if (!world_.verdict.good()) return {};
  last_applied_ = index;
  const std::uint32_t concerned = world_.history.gateways_concerned(index);
  for (Endpoint gateway = kNodes; gateway < kEndpoints; ++gateway) {
    const std::uint32_t bit = gateway == kOperator ? 0 : gateway - kNodes + 1U;
    if ((concerned >> bit & 1U) != 0) gateways_[gateway].is_concerned = true;
  }
  const venue::Venue::CheckpointFinding finding = venue_->last_checkpoint();
  if (finding.number == 0) return {};
  if (!finding.conserved) {
    world_.verdict.fail("balances are not conserved at checkpoint {}", finding.number);
  }
  // What is only repeated after a start was attested before.
  constexpr journal::Index kRecent = 20;
  if (index + kRecent > world_.history.last_index()) attest(finding, chain);
  return {};
}

void SimulatedNode::leadership_open(journal::Term term) {
  world_.verdict.trace("node {} leads and is open, term {}", endpoint_ + 1, term);
  is_open_ = true;
  open_term_ = term;
  const Middle met = middle();
  count(Branch::leader_in_call, met.of_call);
  count(Branch::leader_in_day_end, met.of_day_end);
  count(Branch::leader_in_plan, met.of_plan);
  pending_.clear();
  next_checkpoint_us_ = world_.agenda.now_us() + kCheckpointUs / 2;
  for (GatewayLink& gateway : gateways_) {
    gateway.is_subscribed = false;
    gateway.next_status_us = 0;
  }
}

void SimulatedNode::leadership_lost() {
  world_.verdict.trace("node {} leads no more", endpoint_ + 1);
  is_open_ = false;
  pending_.clear();
  for (GatewayLink& gateway : gateways_) gateway.next_status_us = 0;
}

void SimulatedNode::write_snapshot(base::ByteWriter& into) { venue_->write_snapshot(into); }

base::Status SimulatedNode::load_snapshot(base::Bytes snapshot, journal::Index index) {
  const base::Status loaded = venue_->load_snapshot(snapshot);
  if (!loaded) return loaded;
  last_applied_ = world_.history.loaded(endpoint_, index, *venue_);
  // Whatever is in it must be there again, also what no hash runs over.
  base::ByteWriter written;
  venue_->write_snapshot(written);
  if (!std::ranges::equal(written.view(), snapshot)) {
    world_.verdict.fail("node {} writes another snapshot than the one that it loaded",
                        endpoint_ + 1);
  }
  const Middle met = middle();
  count(Branch::snapshot_in_call, met.of_call);
  count(Branch::snapshot_in_day_end, met.of_day_end);
  count(Branch::snapshot_in_plan, met.of_plan);
  count(Branch::snapshot_with_stops, venue_->waiting_stops().count() > 0);
  count(Branch::snapshot_with_reach, venue_->has_stops_to_go());
  if (is_starting_) count(Branch::started_from_snapshot);
  // Events between what this node kept and the snapshot are not here.
  if (kept_through_ < venue_->last_event_number()) {
    oldest_event_ = venue_->last_event_number() + 1;
    kept_through_ = venue_->last_event_number();
  }
  return {};
}

void SimulatedNode::before_snapshot() {
  kept_through_ = std::max(kept_through_, venue_->last_event_number());
}

bool SimulatedNode::send(NodeId to, base::Bytes frame) {
  return world_.network.send(endpoint_, static_cast<Endpoint>(to - 1), now_us(),
                             {.what = What::frame, .buffer = world_.agenda.keep(frame)});
}

bool SimulatedNode::send_bulk(NodeId to, base::Bytes frame) {
  return world_.network.send_bulk(endpoint_, static_cast<Endpoint>(to - 1), now_us(),
                                  {.what = What::chunk, .buffer = world_.agenda.keep(frame)});
}

bool SimulatedNode::is_bulk_on_its_way(NodeId to) const {
  return world_.network.is_bulk_on_its_way(endpoint_, static_cast<Endpoint>(to - 1));
}

void SimulatedNode::start(std::unique_ptr<journal::SnapshotJob> job) {
  timed_disk_.set_background(true);
  const base::Status status = job->run();
  timed_disk_.set_background(false);
  snapshot_state_ = status.ok() ? State::done : State::failed;
  snapshot_done_us_ = world_.agenda.now_us() + 1'000 + world_.agenda.now_us() % 7'000;
}

journal::SnapshotWorker::State SimulatedNode::poll() {
  if (snapshot_state_ == State::idle) return State::idle;
  if (world_.agenda.now_us() < snapshot_done_us_) return State::running;
  return std::exchange(snapshot_state_, State::idle);
}

void SimulatedNode::tell_gateways() {
  const TimeUs now = world_.agenda.now_us();
  for (Endpoint endpoint = kNodes; endpoint < kEndpoints; ++endpoint) {
    GatewayLink& gateway = gateways_[endpoint];
    if (!gateway.is_up) continue;
    if (gateway.is_subscribed && gateway.is_concerned && is_open_) {
      gateway.is_concerned = false;
      gateway.told_event = venue_->last_event_number();
      world_.network.send(endpoint_, endpoint, now_us(),
                          {.what = What::events, .first = gateway.told_event});
    }
    if (now < gateway.next_status_us) continue;
    gateway.next_status_us = now + kStatusUs;
    world_.network.send(endpoint_, endpoint, now_us(),
                        {.what = What::status,
                         .first = is_open_ ? open_term_ : view().term,
                         .second = is_open_ ? 1U : 0U});
  }
}

void SimulatedNode::check_leadership() {
  const journal::ReplicaView seen = view();
  if (seen.role == journal::Role::leader) world_.take_leader(endpoint_, seen.term);
  const auto agreement = venue_->agreement(id_of(endpoint_));
  if (agreement == venue::Venue::Agreement::agrees) count(Branch::checkpoint_agreed);
  if (agreement == venue::Venue::Agreement::in_minority ||
      agreement == venue::Venue::Agreement::no_majority) {
    world_.verdict.fail("the replicas attested different states; node {} says so", endpoint_ + 1);
  }
}

void SimulatedNode::crash_in_write(std::uint64_t choice, Ending ending) {
  armed_ending_ = ending;
  if (choice % 2 == 0) {
    disk_.crash_at_sync(1 + choice / 2 % 8);
  } else {
    disk_.crash_at_operation(1 + choice / 2 % 24);
  }
}

void SimulatedNode::fill_disk(std::uint64_t choice) {
  is_disk_full_ = true;
  const std::uint64_t free = disk_.free_bytes().value();
  // Either too little for comfort, or nothing at all.
  const std::uint64_t left = choice % 2 == 0 ? choice % kMinFreeBytes : 0;
  disk_.set_capacity(kDiskBytes - free + std::min(free, left));
}

void SimulatedNode::free_disk() {
  is_disk_full_ = false;
  disk_.set_capacity(kDiskBytes);
}

std::pair<std::string, std::uint64_t> SimulatedNode::end_of_log() {
  const std::vector<std::string> names = disk_.list().value();
  for (auto name = names.rbegin(); name != names.rend(); ++name) {
    if (!journal::segment_number(*name)) continue;
    const std::vector<std::byte> contents = disk_.contents(*name);
    std::uint64_t end = contents.size();
    while (end > 0 && contents[end - 1] == std::byte{0}) --end;
    if (end > journal::kSectorBytes) return {*name, end};
  }
  return {};
}

bool SimulatedNode::flip_bit(std::uint64_t choice) {
  if (!is_in_use_) return false;
  Random random(choice);
  const std::vector<std::string> names = disk_.list().value();
  for (int tries = 0; tries < 50; ++tries) {
    std::string name = names[random.below(names.size())];
    std::uint64_t offset = random.below(disk_.contents(name).size() + 1);
    const auto [last_segment, end] = end_of_log();
    // What was written last is what could be taken for a torn write.
    if (random.chance(400) && end > 0) {
      name = last_segment;
      offset = end - 1 - random.below(std::min<std::uint64_t>(end, journal::kSectorBytes));
    }
    const std::vector<std::byte> contents = disk_.contents(name);
    if (offset >= contents.size() || contents[offset] == std::byte{0}) continue;
    is_ruined_ = true;
    world_.verdict.trace("a bit of {} flips at {} on node {}", name, offset, endpoint_ + 1);
    return disk_.flip_bit(name, offset, static_cast<unsigned>(random.below(8)));
  }
  return false;
}

void SimulatedNode::lose_tail(std::uint64_t choice) {
  if (!is_in_use_) return;
  is_ruined_ = true;
  for (std::uint64_t sectors = 1 + choice % 8; sectors > 0; --sectors) {
    const auto [name, end] = end_of_log();
    if (end > 0) disk_.zero_sector(name, end - 1);
  }
}

void SimulatedNode::wipe_disk(std::uint64_t storage) {
  if (!is_in_use_) return;
  is_ruined_ = true;
  is_wiped_ = true;
  format_anew(storage, false);
}

void SimulatedNode::format_anew(std::uint64_t storage, bool joins) {
  const std::vector<std::string> names = disk_.list().value();
  for (const std::string& name : names) disk_.lose_file(name);
  oldest_event_ = 1;
  kept_through_ = 0;
  const base::Status formatted = journal::format(
      disk_, {.cluster = 1, .node = id_of(endpoint_), .storage = storage, .joins = joins});
  ASSERT(formatted.ok(), "{}", formatted.error().message);
}

void SimulatedNode::install(std::uint64_t storage) {
  ASSERT(lives_ == 0, "machine {} is used twice", endpoint_ + 1);
  end(Ending::killed);
  is_in_use_ = true;
  is_ruined_ = false;
  is_wiped_ = false;
  format_anew(storage, true);
  start();
}

base::Result<journal::ChangeOutcome> SimulatedNode::change_servers(
    const journal::ServerChange& change) {
  auto outcome = replica_->change_servers(change);
  if (outcome) plan_turn(world_.agenda.now_us());
  return outcome;
}

void SimulatedNode::transfer(NodeId target) {
  if (!is_running()) return;
  const base::Status status = replica_->transfer(target);
  if (status.ok()) plan_turn(world_.agenda.now_us());
}

bool SimulatedNode::change_voters() {
  if (!is_running()) return false;
  const bool is_taken = replica_->change_servers({}).ok();
  if (is_taken) plan_turn(world_.agenda.now_us());
  return is_taken;
}

void SimulatedNode::count_life() {
  if (!is_running()) return;
  const journal::ReplicaView seen = view();
  const journal::ReplicaCounters& counted = seen.counters;
  if (seen.barred_from_voting && !is_ruined_) {
    world_.verdict.fail("node {} barred itself from voting, though its disk kept everything",
                        endpoint_ + 1);
  }
  Tally& tally = world_.tally;
  tally.count(Branch::barred_from_voting, seen.barred_from_voting ? 1 : 0);
  tally.count(Branch::torn_tail_cut, counted.torn_tails_cut);
  tally.count(Branch::below_watermark, counted.logs_below_watermark);
  tally.count(Branch::stale_storage_refused, counted.frames_of_wrong_storage);
  tally.count(Branch::loss_suspected, counted.losses_suspected);
  tally.count(Branch::loss_found, counted.losses_found);
  tally.count(Branch::disk_low_submit, counted.submits_refused_disk_low);
  tally.count(Branch::disk_low_entries, counted.entries_refused_disk_low);
  tally.count(Branch::snapshot_taken, counted.snapshots_taken);
  tally.count(Branch::snapshot_sent, counted.snapshots_sent);
  tally.count(Branch::snapshot_installed, counted.snapshots_installed);
  tally.count(Branch::election_by_timer, counted.elections_by_timer);
  tally.count(Branch::reset_trigger, counted.elections_by_reset);
  tally.count(Branch::silence_trigger, counted.elections_by_silence);
  tally.count(Branch::progress_trigger, counted.elections_by_no_progress);
  tally.count(Branch::transfer_done, counted.elections_by_transfer);
  tally.count(Branch::transfer_given_up, counted.transfers_given_up);
  tally.count(Branch::stepped_down, counted.leaderships_lost);
  tally.count(Branch::truncation, counted.truncations);
  tally.count(Branch::commit_notice, counted.commit_notices);
  tally.count(Branch::re_anchored, counted.re_anchored);
  tally.count(Branch::change_split, counted.changes_split);
  tally.count(Branch::pre_vote_raised, counted.pre_votes_raised);
  tally.count(Branch::join_held_back, counted.joins_held_back);
}

std::string SimulatedNode::describe() const {
  if (!is_running()) return fmt::format("node {}: down", endpoint_ + 1);
  const journal::ReplicaView seen = view();
  std::string text = fmt::format(
      "node {}: role {} term {} leader {} open {} last {} synced {} commit {} applied {}, knows",
      endpoint_ + 1, static_cast<int>(seen.role), seen.term, seen.leader, seen.open,
      seen.last_index, seen.synced_index, seen.commit_index, seen.applied_index);
  for (const journal::Server& server : servers()) {
    const bool votes = server.role == journal::ServerRole::voter;
    text += fmt::format(" {}{}", votes ? "voter " : "", server.node);
  }
  return text + (seen.barred_from_voting ? "; never votes" : "");
}

}  // namespace okiagari::simulation
