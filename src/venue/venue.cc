#include "venue/venue.h"

#include <utility>
#include <vector>

#include "base/assert.h"
#include "base/calendar_day.h"
#include "venue/batch_reader.h"
#include "venue/call_auctions.h"
#include "venue/day_expiry.h"
#include "venue/descriptions.h"
#include "venue/event_writer.h"
#include "venue/invariants.h"
#include "venue/lookahead.h"
#include "venue/market_control.h"
#include "venue/order_entry.h"
#include "venue/order_removal.h"
#include "venue/planted_crash.h"
#include "venue/planted_events.h"
#include "venue/reference_data.h"
#include "venue/session_control.h"
#include "venue/snapshot_loader.h"
#include "venue/snapshot_writer.h"
#include "venue/state.h"
#include "venue/stop_entry.h"
#include "venue/stop_triggers.h"
#include "venue/upkeep.h"

namespace okiagari::venue {

// The state, those who change it, and the way of a command to them.
struct Venue::State {
  explicit State(const Limits& limits) : now(limits) { touched.reserve(limits.max_sessions); }

  VenueState now;
  EventWriter events{now.counters};
  OrderEntry entry{now, events};
  StopEntry stops{now, events, entry};
  StopTriggers triggers{now, events};
  OrderRemoval removal{now, events};
  SessionControl sessions{now, events, removal};
  CallAuctions auctions{now, events};
  CallEnds ends{now};
  DayExpiry expiry{now, removal};
  MarketControl control{now, events, sessions, auctions, ends, expiry};
  ReferenceData reference{now, events, auctions};
  Upkeep upkeep{now, events};
  CheckpointFinding finding;
  volatile AboutToApplyWord* about_to_apply = nullptr;
  std::vector<SessionId> touched;  // by commands of this batch, in that order

  void apply(const CommandHeader& header, base::Bytes raw);
  void apply_of_session(const CommandHeader& header, base::Bytes raw);
  void refuse_quarantined(const CommandHeader& header, base::Bytes raw);
  void apply_held(const CommandHeader& header, base::Bytes raw);
  void end_batch();

 private:
  Session* admit(const CommandHeader& header);
  void touch(Session& session);
  InstrumentId instrument_of(const Session& session, std::uint32_t user_reference) const;
  // Answers a command of a session with `reason`, its numbers used up. Says what it was about.
  InstrumentId refuse_of_session(const CommandHeader& header, base::Bytes raw, Reason reason);
  void answer_malformed(const CommandHeader& header) {
    events.answer(header, 0, Reason::malformed);
  }
  template <typename Command, typename Handler>
  void decoded(const CommandHeader& header, base::Bytes raw, Handler handler) {
    Command command;
    if (decode(raw, command)) {
      handler(command);
    } else {
      answer_malformed(header);
    }
  }
};

namespace {

// Types of commands that are numbered within a session's epoch.
constexpr bool is_of_session(CommandType type) {
  return type >= CommandType::new_order && type < CommandType::login;
}

}  // namespace

void Venue::State::touch(Session& session) {
  if (session.touched) return;
  session.touched = true;
  touched.push_back(session.id);
}

// The session, when the command is the next of its stream; null when it must not be applied, which
// is then answered here or at the end of the batch.
Session* Venue::State::admit(const CommandHeader& header) {
  Session* session = now.sessions.find(header.session);
  if (session == nullptr) {
    events.answer(header, 0, Reason::unknown_session);
    return nullptr;
  }
  if (header.epoch != session->epoch || header.gateway != session->gateway ||
      !session->is_logged_in()) {
    sessions.tell_fenced(header.gateway, session->id, header.epoch);
    return nullptr;
  }
  touch(*session);
  if (header.stream_number == session->next_stream_number) [[likely]] {
    ++session->next_stream_number;
    return session;
  }
  // Everything behind a gap is refused; once in a batch is enough to say so.
  if (header.stream_number > session->next_stream_number && !session->told_gap) {
    session->told_gap = true;
    StreamGap& gap = events.to_gateway<StreamGap>(session->gateway, session->id);
    gap.epoch = session->epoch;
    gap.expected = session->next_stream_number;
  }
  return nullptr;
}

void Venue::State::apply_of_session(const CommandHeader& header, base::Bytes raw) {
  Session* session = admit(header);
  if (session == nullptr) return;
  switch (header.type) {
    case CommandType::new_order:
      return decoded<NewOrder>(header, raw, [&](const auto& c) { entry.enter(c, *session); });
    case CommandType::replace_order:
      return decoded<ReplaceOrder>(header, raw, [&](const auto& c) { entry.replace(c, *session); });
    case CommandType::cancel_order:
      return decoded<CancelOrder>(header, raw, [&](const auto& c) { removal.cancel(c, *session); });
    case CommandType::mass_cancel:
      return decoded<MassCancel>(header, raw,
                                 [&](const auto& c) { removal.mass_cancel(c, *session); });
    case CommandType::new_stop:
      return decoded<NewStop>(header, raw, [&](const auto& c) { stops.enter(c, *session); });
    case CommandType::replace_stop:
      return decoded<ReplaceStop>(header, raw, [&](const auto& c) { stops.replace(c, *session); });
    case CommandType::new_trailing_stop:
      return decoded<NewTrailingStop>(header, raw,
                                      [&](const auto& c) { stops.enter(c, *session); });
    case CommandType::replace_trailing_stop:
      return decoded<ReplaceTrailingStop>(header, raw,
                                          [&](const auto& c) { stops.replace(c, *session); });
    case CommandType::new_iceberg:
      return decoded<NewIceberg>(header, raw, [&](const auto& c) { entry.enter(c, *session); });
    case CommandType::replace_iceberg:
      return decoded<ReplaceIceberg>(header, raw,
                                     [&](const auto& c) { entry.replace(c, *session); });
    default:
      return answer_malformed(header);
  }
}

void Venue::State::apply(const CommandHeader& header, base::Bytes raw) {
  if (is_of_session(header.type)) [[likely]] {
    return apply_of_session(header, raw);
  }
  switch (header.type) {
    case CommandType::login:
      return decoded<Login>(header, raw, [&](const auto& c) { sessions.login(c); });
    case CommandType::logout:
      return decoded<Logout>(header, raw, [&](const auto& c) { sessions.logout(c); });
    case CommandType::set_instrument_state:
      return decoded<SetInstrumentState>(header, raw,
                                         [&](const auto& c) { control.set_state(c, raw); });
    case CommandType::set_price_limits:
      return decoded<SetPriceLimits>(header, raw,
                                     [&](const auto& c) { control.set_price_limits(c, raw); });
    case CommandType::set_trading_plan:
      return decoded<SetTradingPlan>(header, raw, [&](const auto& c) { control.set_plan(c, raw); });
    case CommandType::advance_plan:
      return decoded<AdvancePlan>(header, raw, [&](const auto& c) { control.advance_plan(c); });
    case CommandType::end_day:
      return decoded<EndDay>(header, raw, [&](const auto& c) { control.end_day(c, raw); });
    case CommandType::trade_bust:
      return decoded<TradeBust>(header, raw, [&](const auto& c) { control.bust_trade(c); });
    case CommandType::add_instrument:
      return decoded<AddInstrument>(header, raw, [&](const auto& c) { reference.add(c); });
    case CommandType::add_member:
      return decoded<AddMember>(header, raw, [&](const auto& c) { reference.add(c); });
    case CommandType::add_account:
      return decoded<AddAccount>(header, raw, [&](const auto& c) { reference.add(c); });
    case CommandType::add_session:
      return decoded<AddSession>(header, raw, [&](const auto& c) { reference.add(c); });
    case CommandType::add_operator:
      return decoded<AddOperator>(header, raw, [&](const auto& c) { reference.add(c); });
    case CommandType::adjust_funds:
      return decoded<AdjustFunds>(header, raw, [&](const auto& c) { reference.adjust(c); });
    case CommandType::set_auction_rules:
      return decoded<SetAuctionRules>(header, raw, [&](const auto& c) { reference.set(c); });
    case CommandType::checkpoint:
      return decoded<Checkpoint>(header, raw,
                                 [&](const auto& c) { upkeep.checkpoint(c, finding); });
    case CommandType::checkpoint_in_steps:
      return decoded<CheckpointInSteps>(header, raw,
                                        [&](const auto& c) { upkeep.checkpoint(c, finding); });
    case CommandType::attest:
      return decoded<Attest>(header, raw, [&](const auto& c) { upkeep.attest(c); });
    case CommandType::quarantine:
      return decoded<Quarantine>(header, raw, [&](const auto& c) { upkeep.quarantine(c); });
    case CommandType::found_cluster:
      return decoded<FoundCluster>(header, raw,
                                   [&](const auto& c) { control.found_cluster(c, raw); });
    case CommandType::no_operation:
      return decoded<NoOperation>(header, raw, [](const auto&) {});
    default:
      return answer_malformed(header);
  }
}

InstrumentId Venue::State::instrument_of(const Session& session,
                                         std::uint32_t user_reference) const {
  const market::OrderKey key = order_key(session.id, user_reference);
  const market::Order* order = now.books.find(key);
  if (order != nullptr) return order->instrument;
  const std::optional<market::Stop> stop = now.stops.waiting().find(key);
  return stop ? stop->instrument : InstrumentId{0};
}

// The command that would have stopped every replica. Its sender's numbers go on, its instrument
// stops; a command that is about no single instrument stops none.
void Venue::State::refuse_quarantined(const CommandHeader& header, base::Bytes raw) {
  // Stops that go on after a command before may be what stopped them.
  while (!now.stops.pending().empty()) {
    control.halt(now.stops.pending().front(), Reason::quarantined);
  }
  if (!is_of_session(header.type)) return events.answer(header, 0, Reason::quarantined);
  const InstrumentId instrument = refuse_of_session(header, raw, Reason::quarantined);
  if (now.instruments.exists(instrument)) control.halt(instrument, Reason::quarantined);
}

// A rebuilt cluster whose act is not approved yet: sessions may come and go, the replicas attest,
// everything else waits.
void Venue::State::apply_held(const CommandHeader& header, base::Bytes raw) {
  if (is_of_session(header.type)) {
    refuse_of_session(header, raw, Reason::market_held);
    return;
  }
  switch (header.type) {
    case CommandType::login:
    case CommandType::logout:
    case CommandType::checkpoint:
    case CommandType::checkpoint_in_steps:
    case CommandType::attest:
    case CommandType::quarantine:
    case CommandType::no_operation:
    case CommandType::found_cluster:
      return apply(header, raw);
    default:
      return events.answer(header, 0, Reason::market_held);
  }
}

InstrumentId Venue::State::refuse_of_session(const CommandHeader& header, base::Bytes raw,
                                             Reason reason) {
  InstrumentId instrument = 0;
  Session* session = admit(header);
  if (session == nullptr) return instrument;
  const auto refuse = [&](auto& handler, const auto& command, InstrumentId about) {
    instrument = about;
    handler.refuse(command, *session, reason);
  };
  switch (header.type) {
    case CommandType::new_order:
      decoded<NewOrder>(header, raw, [&](const auto& c) { refuse(entry, c, c.instrument); });
      break;
    case CommandType::replace_order:
      decoded<ReplaceOrder>(header, raw, [&](const auto& c) {
        refuse(entry, c, instrument_of(*session, c.original_user_reference));
      });
      break;
    case CommandType::cancel_order:
      decoded<CancelOrder>(header, raw, [&](const auto& c) {
        refuse(removal, c, instrument_of(*session, c.user_reference));
      });
      break;
    case CommandType::mass_cancel:
      decoded<MassCancel>(header, raw, [&](const auto& c) { refuse(removal, c, c.instrument); });
      break;
    case CommandType::new_stop:
      decoded<NewStop>(header, raw, [&](const auto& c) { refuse(stops, c, c.instrument); });
      break;
    case CommandType::replace_stop:
      decoded<ReplaceStop>(header, raw, [&](const auto& c) {
        refuse(stops, c, instrument_of(*session, c.original_user_reference));
      });
      break;
    case CommandType::new_trailing_stop:
      decoded<NewTrailingStop>(header, raw, [&](const auto& c) { refuse(stops, c, c.instrument); });
      break;
    case CommandType::replace_trailing_stop:
      decoded<ReplaceTrailingStop>(header, raw, [&](const auto& c) {
        refuse(stops, c, instrument_of(*session, c.original_user_reference));
      });
      break;
    case CommandType::new_iceberg:
      decoded<NewIceberg>(header, raw, [&](const auto& c) { refuse(entry, c, c.instrument); });
      break;
    case CommandType::replace_iceberg:
      decoded<ReplaceIceberg>(header, raw, [&](const auto& c) {
        refuse(entry, c, instrument_of(*session, c.original_user_reference));
      });
      break;
    default:
      answer_malformed(header);
  }
  return instrument;
}

void Venue::State::end_batch() {
  for (const SessionId id : touched) {
    Session& session = now.sessions[id];
    session.touched = false;
    session.told_gap = false;
    if (!session.is_logged_in()) continue;
    StreamMark& mark = events.to_gateway<StreamMark>(session.gateway, id);
    mark.header.stream_number = session.next_stream_number - 1;
    mark.epoch = session.epoch;
  }
  touched.clear();
}

Venue::Venue(const Limits& limits) : state_(std::make_unique<State>(limits)) {
  ASSERT(limits.max_accounts <= market::kMaxAccount, "{} accounts", limits.max_accounts);
}
Venue::~Venue() = default;
Venue::Venue(Venue&&) noexcept = default;
Venue& Venue::operator=(Venue&&) noexcept = default;

void Venue::apply_batch(base::Bytes batch, base::ByteWriter& events) {
  State& state = *state_;
  Counters& counters = state.now.counters;
  const std::size_t events_start = events.size();
  state.finding = CheckpointFinding{};

  BatchReader reader(batch);
  if (reader.is_whole()) {
    const TimestampNs stamp = reader.header().timestamp_ns;
    if (stamp > counters.timestamp_ns) counters.timestamp_ns = stamp;
    state.events.begin_batch(events);
    AboutToApplyWord unwatched = 0;
    volatile AboutToApplyWord& about_to_apply =
        state.about_to_apply == nullptr ? unwatched : *state.about_to_apply;
    Lookahead lookahead(reader, state.now);
    CommandHeader header;
    base::Bytes raw;
    while (reader.next(header, raw)) {
      lookahead.step();
      ++counters.sequence;
      about_to_apply = counters.sequence;
#ifdef OKIAGARI_PLANTED_DEFECTS
      die_if_planted(header, counters.sequence);
#endif
      if (state.now.quarantine.take(counters.sequence)) [[unlikely]] {
        state.refuse_quarantined(header, raw);
      } else if (state.now.foundation.is_held) [[unlikely]] {
        state.apply_held(header, raw);
      } else {
        state.apply(header, raw);
        state.triggers.run();
      }
      state.auctions.tell_changes();
      about_to_apply = 0;
    }
    state.end_batch();
  }
#ifdef OKIAGARI_PLANTED_DEFECTS
  plant_in_events(state.now, events, events_start);
#endif
  counters.state_hash = base::hash64(batch, counters.state_hash);
  counters.state_hash = base::hash64(events.view().subspan(events_start), counters.state_hash);
  state.finding.state_hash = counters.state_hash;
}

void Venue::set_about_to_apply(AboutToApplyWord* word) { state_->about_to_apply = word; }

Venue::CheckpointFinding Venue::last_checkpoint() const { return state_->finding; }

Venue::Agreement Venue::agreement(NodeId node) const {
  return state_->now.attestations.agreement(node, state_->now.limits.voters);
}

Sequence Venue::last_sequence() const { return state_->now.counters.sequence; }
std::uint64_t Venue::last_event_number() const { return state_->now.counters.event_number; }
std::uint64_t Venue::last_feed_number() const { return state_->now.counters.feed_number; }
TimestampNs Venue::last_timestamp_ns() const { return state_->now.counters.timestamp_ns; }
std::uint64_t Venue::state_hash() const { return state_->now.counters.state_hash; }
const market::OrderBooks& Venue::books() const { return state_->now.books; }
const market::StopOrders& Venue::waiting_stops() const { return state_->now.stops.waiting(); }
bool Venue::has_stops_to_go() const { return !state_->now.stops.pending().empty(); }

bool Venue::session(SessionId session, SessionView& view) const {
  const Session* found = state_->now.sessions.find(session);
  if (found == nullptr) return false;
  view.member = found->member;
  view.gateway = found->gateway;
  view.epoch = found->epoch;
  view.next_stream_number = found->next_stream_number;
  view.next_session_number = found->next_session_number;
  view.next_user_reference = found->numbers.next();
  return true;
}

bool Venue::balance(AccountId account, InstrumentId asset, BalanceView& view) const {
  Ledger& ledger = state_->now.ledger;
  if (account == 0 || account > ledger.accounts() || asset >= ledger.assets()) return false;
  const Balance* found = asset == kCash ? &ledger.cash(account) : ledger.position(account, asset);
  const Balance balance = found == nullptr ? Balance{} : *found;
  view = BalanceView{balance.total, balance.reserved};
  return true;
}

bool Venue::instrument(InstrumentId instrument, InstrumentView& view) const {
  if (!state_->now.instruments.exists(instrument)) return false;
  const Instrument& found = state_->now.instruments[instrument];
  view = InstrumentView{found.symbol,     found.state,      found.tick_e4,     found.low_limit,
                        found.high_limit, found.last_price, found.traded_lots, found.segment};
  return true;
}

bool Venue::call(InstrumentId instrument, CallView& view) const {
  const VenueState& now = state_->now;
  if (!now.calls.is_open(instrument)) return false;
  const Auction& auction = now.instruments.auction(instrument);
  view = CallView{now.calls.price(now.instruments, instrument), auction.collar.low,
                  auction.collar.high, auction.extensions, auction.end.at_ns};
  return true;
}

bool Venue::member(MemberId member, MemberView& view) const {
  if (!state_->now.members.exists(member)) return false;
  view = MemberView{state_->now.members[member].firm, state_->now.members[member].halted};
  return true;
}

Venue::PlanView Venue::plan() const {
  const TradingPlan& plan = state_->now.plan;
  const DayEnd& end = state_->now.day_end;
  const TimestampNs phase_at_ns = plan.next < plan.count ? plan.phases[plan.next].at_ns : 0;
  const TimestampNs call_at_ns = state_->now.next_call_end_ns;
  const bool is_call_next = call_at_ns != 0 && (phase_at_ns == 0 || call_at_ns < phase_at_ns);
  return PlanView{
      .control_number = plan.control_number,
      .day = plan.day,
      .phases = plan.count,
      .done = plan.next,
      .next_at_ns = end.is_running ? state_->now.counters.timestamp_ns
                    : is_call_next ? call_at_ns
                                   : phase_at_ns,
      .ended_day = base::year_month_day_of(end.day),
      .is_ending_day = end.is_running && !state_->now.foundation.is_held,
  };
}

std::uint64_t Venue::last_control_number() const { return state_->now.counters.control_number; }

void Venue::describe(GatewayId gateway, base::ByteWriter& events) const {
  const VenueState& now = state_->now;
  // Numbered by a count of its own: these are not events of the log.
  Counters unnumbered;
  EventWriter writer(unnumbered);
  writer.begin_batch(events);
  const auto add = [&](auto& event) {
    event.header.event_number = 0;
    event.header.timestamp_ns = now.counters.timestamp_ns;
  };
  for (std::uint32_t id = 1; id <= now.instruments.count(); ++id) {
    const auto instrument = static_cast<InstrumentId>(id);
    auto& event = writer.to_gateway<ReferenceInstrument>(gateway);
    describe_instrument(now.instruments[instrument], instrument, event);
    add(event);
    if (now.instruments[instrument].segment == 0) continue;
    auto& segment = writer.to_gateway<ReferenceSegment>(gateway);
    describe_segment(now.instruments[instrument], instrument, segment);
    add(segment);
  }
  for (std::uint32_t id = 1; id <= now.sessions.count(); ++id) {
    const Session& session = now.sessions[static_cast<SessionId>(id)];
    auto& event = writer.to_gateway<ReferenceSession>(gateway);
    describe_session(session, now.members[session.member], event);
    add(event);
  }
}

void Venue::write_snapshot(base::ByteWriter& into) const {
  venue::write_snapshot(state_->now, into);
}

base::Status Venue::load_snapshot(base::Bytes snapshot) {
  VenueState loaded(state_->now.limits);
  if (base::Status status = venue::load_snapshot(snapshot, loaded); !status) return status;
  state_->now = std::move(loaded);
  state_->finding = CheckpointFinding{};
  return {};
}

void Venue::hold_for(const base::Digest& act) {
  state_->now.foundation = Foundation{true, true, act};
}

bool Venue::is_held() const { return state_->now.foundation.is_held; }

const base::Digest* Venue::founding_act() const {
  const Foundation& foundation = state_->now.foundation;
  return foundation.is_rebuilt ? &foundation.act : nullptr;
}

int Venue::count_approvals(const base::Digest& act, std::span<const Approval> approvals) const {
  const Operators::Count count =
      state_->now.operators.count_approvals(act, approvals, state_->now.counters.timestamp_ns);
  return count.fault == Reason::none ? count.to_start : -1;
}

base::Status Venue::check_invariants() const { return venue::check_invariants(state_->now); }

}  // namespace okiagari::venue
