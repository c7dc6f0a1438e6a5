#include "tests/checker/made_run.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstring>

#include "base/assert.h"
#include "base/calendar_day.h"
#include "base/signature.h"
#include "wire/itch_venue.h"

namespace okiagari::checker_test {
namespace {

using check::HistoryEvent;

constexpr std::uint32_t kTickE4 = 100;
constexpr PriceTicks kMiddleTicks = 10'000;
constexpr std::uint32_t kBatchCommands = 7;

class Maker {
 public:
  explicit Maker(const MadeOptions& options)
      : options_(options),
        venue_(limits()),
        random_(options.seed),
        mix_(options.seed, tradables()) {}

  MadeRun run() {
    add_reference_data();
    for (std::uint16_t id = 1; id <= options_.sessions; ++id) log_in(id);
    close_batch();
    for (std::uint32_t count = 0; count < options_.resting; ++count) rest(count);
    if (options_.following != 0) follow_and_fall();
    for (std::uint32_t count = 0; count < options_.messages; ++count) {
      send(static_cast<std::uint16_t>(1 + random_.below(std::uint32_t{options_.sessions})));
      if (batch_count_ >= kBatchCommands) close_batch();
      const std::uint32_t every = options_.messages_per_control;
      if (every != 0 && count % every == every - 1) control();
      if (every != 0 && count % (4 * every) == 0) end_day();
      if (every != 0 && count % (12 * every) == 5 * every) plan();
      if (every != 0 && count % 9 == 0) add(blank<venue::AdvancePlan>());
    }
    close_batch();
    add_replays();
    return std::move(run_);
  }

 private:
  struct MemberState {
    check::OrderView orders;
    std::uint32_t next_user_reference = 1;
    std::uint32_t stream_number = 0;
    std::uint64_t sent = 0;
    std::uint64_t answers = 0;
  };

  static venue::Limits limits() {
    venue::Limits limits;
    limits.books.max_live_orders = 100'000;
    limits.max_positions = 10'000;
    return limits;
  }

  [[nodiscard]] std::vector<check::Tradable> tradables() const {
    std::vector<check::Tradable> list;
    for (std::uint16_t id = 1; id <= options_.instruments; ++id) {
      list.push_back({check::padded_symbol(fmt::format("SYM{}", id)), kTickE4,
                      static_cast<std::uint32_t>(kMiddleTicks)});
    }
    return list;
  }

  template <typename Command>
  static Command blank(SessionId session = 0, GatewayId gateway = 0) {
    Command command{};
    command.header.size_bytes = sizeof(Command);
    command.header.type = Command::kType;
    command.header.version = venue::kCommandVersion;
    command.header.session = session;
    command.header.gateway = gateway;
    return command;
  }

  template <typename Command>
  void add(const Command& command) {
    commands_.object(command);
    ++batch_count_;
  }

  void add_reference_data() {
    for (const check::Tradable& tradable : tradables()) {
      auto instrument = blank<venue::AddInstrument>();
      instrument.instrument = ++instruments_;
      instrument.symbol = tradable.symbol;
      instrument.tick_e4 = kTickE4;
      instrument.money_per_tick_lot = 1;
      instrument.low_limit = 1;
      instrument.high_limit = 2 * kMiddleTicks;
      instrument.state = venue::InstrumentState::full;
      if (options_.messages_per_control != 0 && instruments_ % 2 == 1) {
        instrument.segment = kSegment;
      }
      add(instrument);
    }
    // The last of several has no calls, though it is put into the state of one.
    const InstrumentId with_calls = std::max<InstrumentId>(1, instruments_ - 1);
    for (InstrumentId id = 1; options_.messages_per_control != 0 && id <= with_calls; ++id) {
      add_auction_rules(id);
    }
    for (std::uint16_t id = 1; id <= options_.sessions; ++id) add_member(id);
    for (std::uint16_t id = 1; options_.messages_per_control != 0 && id <= kOperators; ++id) {
      auto added = blank<venue::AddOperator>();
      added.operator_id = id;
      added.stop_only = id == kOperators ? 1 : 0;
      added.public_key = keys_of(id).public_key;
      add(added);
    }
    close_batch();
  }

  // Another rule set for each instrument, all with collars that are soon too narrow.
  void add_auction_rules(InstrumentId id) {
    auto rules = blank<venue::SetAuctionRules>();
    rules.instrument = id;
    rules.price_method = static_cast<std::uint8_t>(id % 2);
    rules.candidates = static_cast<std::uint8_t>(id / 2 % 2 * (1 + id / 4 % 2));
    rules.allocation = static_cast<std::uint8_t>(id / 2 % 2);
    rules.takes_market_orders = 1;
    rules.collar_unit = static_cast<std::uint8_t>(id % 3);
    rules.collar = id % 3 == 1 ? 3 : 5;
    rules.collar_step = 2;
    rules.extensions_max = 2;
    rules.base_price = kMiddleTicks;
    rules.extension_s = id % 2;
    rules.random_end_s = id % 3;
    add(rules);
  }

  // Two sessions to a member, so that self-trades occur between sessions too.
  void add_member(std::uint16_t id) {
    const auto member_id = static_cast<MemberId>((id + 1) / 2);
    if (id % 2 == 1) {
      auto member = blank<venue::AddMember>();
      member.member = member_id;
      member.firm = {'M', 'E', 'M', static_cast<char>('0' + member_id % 10)};
      add(member);
    }
    auto account = blank<venue::AddAccount>();
    account.account = id;
    account.member = member_id;
    add(account);
    auto session = blank<venue::AddSession>();
    session.added_session = id;
    session.member = member_id;
    session.default_account = id;
    add(session);
    for (InstrumentId asset = 0; asset <= instruments_; ++asset) {
      auto funds = blank<venue::AdjustFunds>();
      funds.account = id;
      funds.asset = asset;
      funds.transfer_number = asset + 1u;
      // The first account is poor, so that refusals for want of funds occur.
      funds.amount_low = id == 1 ? 1'000'000 : 1'000'000'000'000;
      add(funds);
    }
  }

  static base::KeyPair keys_of(std::uint16_t id) {
    std::array<std::byte, 32> seed{};
    seed[0] = static_cast<std::byte>(id);
    return base::key_pair_from_seed(seed);
  }

  // Of anything, by anybody, in time or not; mostly back to trading, so that something happens. The
  // signatures are good: those the model takes on trust.
  void control() {
    auto command = blank<venue::SetInstrumentState>();
    command.control_number = ++controls_ - random_.below(10U) / 9;
    command.scope = static_cast<venue::Scope>(random_.below(5U));
    command.target = command.scope == venue::Scope::market
                         ? std::uint16_t{0}
                         : static_cast<std::uint16_t>(1 + random_.below(4U));
    if (command.scope == venue::Scope::segment) command.target = kSegment;
    command.state = random_.below(2U) == 0 ? venue::InstrumentState::full
                                           : static_cast<venue::InstrumentState>(random_.below(9U));
    const base::Digest act = venue::approval_digest(base::object_bytes(command));
    const auto now_s = static_cast<std::uint32_t>((kStartNs + time_ns_) / 1'000'000'000);
    for (venue::Approval& approval : command.approvals) {
      approval.operator_id = static_cast<std::uint16_t>(random_.below(kOperators + 1U));
      if (approval.operator_id == 0) continue;
      approval.accept_until_s =
          random_.below(3U) == 0 ? now_s + 5 - 6 * (random_.below(4U) / 3) : 0;
      approval.signature = base::sign(venue::approved_digest(act, approval.accept_until_s),
                                      keys_of(approval.operator_id).secret_key);
    }
    add(command);
    close_batch();
  }

  // Of the next day, or of one that ended before.
  void end_day() {
    if (random_.below(5U) != 0) ++day_;
    end_named_day();
  }
  void end_named_day() {
    auto command = blank<venue::EndDay>();
    command.control_number = ++controls_;
    command.day = base::year_month_day_of(day_);
    approve_by_two(command);
    add(command);
    close_batch();
  }

  template <typename Command>
  static void approve_by_two(Command& command) {
    const base::Digest act = venue::approval_digest(base::object_bytes(command));
    for (std::uint16_t i = 0; i < 2; ++i) {
      venue::Approval& approval = command.approvals[i];
      approval.operator_id = static_cast<std::uint16_t>(i + 1);
      approval.signature =
          base::sign(venue::approved_digest(act, 0), keys_of(approval.operator_id).secret_key);
    }
  }

  // A call for some or all that ends by the clock, and now and then the day with it.
  void plan() {
    auto command = blank<venue::SetTradingPlan>();
    command.control_number = ++controls_;
    const bool ends_day = random_.below(3U) == 0;
    command.day = base::year_month_day_of(ends_day ? ++day_ : day_);
    command.count = ends_day ? 4 : 3;
    constexpr std::array kStates{venue::InstrumentState::auction_call,
                                 venue::InstrumentState::uncross, venue::InstrumentState::full,
                                 venue::kDayEnd};
    const bool is_of_segment = random_.below(3U) == 0;
    for (std::size_t i = 0; i < command.count; ++i) {
      venue::PlannedPhase& phase = command.phases[i];
      phase.at_ns = kStartNs + time_ns_ + (i + 1) * 6 * gap_ns();
      phase.state = kStates[i];
      phase.reason = static_cast<std::uint32_t>(i);
      if (is_of_segment && phase.state != venue::kDayEnd) {
        phase.scope = venue::Scope::segment;
        phase.target = kSegment;
      }
    }
    approve_by_two(command);
    add(command);
    close_batch();
  }

  void log_in(std::uint16_t id) {
    auto login = blank<venue::Login>(id, static_cast<GatewayId>(1 + id % 2));
    login.nonce = id;
    add(login);
  }

  // Far below the middle, every other one until it is cancelled.
  void rest(std::uint32_t count) {
    const auto id = static_cast<std::uint16_t>(2 + count % (options_.sessions - 1U));
    check::OuchEnter order = plain_order(id, 'B', 1, kRestingTicks + count % kRestingLevels);
    if (count % 2 == 0) {
      check::append_field(order.appendage, check::kTagGoodTillCancel, base::as_bytes("Y"));
    }
    send(id, order);
  }

  [[nodiscard]] check::OuchEnter plain_order(std::uint16_t id, char side, std::uint32_t quantity,
                                             std::uint32_t ticks) {
    check::OuchEnter order;
    order.user_reference = members_[id].next_user_reference;
    order.side = side;
    order.quantity = quantity;
    order.symbol = check::padded_symbol("SYM1");
    order.price_e4 = ticks * std::uint64_t{kTickE4};
    order.client_order_id = check::padded_client_order_id("MADE");
    return order;
  }
  void send(std::uint16_t id, const check::OuchEnter& order) {
    base::ByteWriter message;
    check::encode_ouch(message, order);
    send(id, message);
    if (batch_count_ >= kBatchCommands) close_batch();
  }

  // Where there are operators, the stops come while the prices that are traded do not count, and a
  // day ends for half of them.
  void follow_and_fall() {
    const bool is_limited = options_.messages_per_control != 0;
    trade(static_cast<std::uint32_t>(kMiddleTicks));
    if (is_limited) set_state(venue::InstrumentState::limit_only);
    for (std::uint32_t count = 0; count < options_.following; ++count) {
      follow(count);
      if (!is_limited) continue;
      if (count % 5 == 0) trade(kMiddleTicks - 100 + random_.below(200U));
      if (count != options_.following / 2) continue;
      ++day_;
      end_named_day();
    }
    if (is_limited) set_state(venue::InstrumentState::full);
    fall();
  }

  // So there is a price that stops can follow.
  void trade(std::uint32_t ticks) {
    send(2, plain_order(2, 'B', 1, ticks));
    send(3, plain_order(3, 'S', 1, ticks));
  }

  void set_state(venue::InstrumentState state) {
    auto command = blank<venue::SetInstrumentState>();
    command.control_number = ++controls_;
    command.scope = venue::Scope::instrument;
    command.target = 1;
    command.state = state;
    approve_by_two(command);
    add(command);
    close_batch();
  }

  // More different distances than there may be, each again and again, and of both sides.
  void follow(std::uint32_t count) {
    const auto id = static_cast<std::uint16_t>(2 + count % (options_.sessions - 1U));
    check::OuchEnter order =
        plain_order(id, count % 7 == 0 ? 'B' : 'S', 1 + count % 3, kRestingTicks);
    if (count % 2 == 0) order.price_e4 = check::kOuchMarketPrice;
    check::append_number(order.appendage, check::kTagTrail,
                         std::uint64_t{1 + count * 77 % 300} * kTickE4);
    send(id, order);
  }

  // Through everything down to the middle of what rests: those that follow find the other half. No
  // other comes while they go.
  void fall() {
    check::OuchEnter order = plain_order(2, 'S', 1'000'000, kRestingTicks + kRestingLevels / 2);
    order.time_in_force = '3';
    send(2, order);
    follow(0);
  }

  void send(std::uint16_t id) {
    MemberState& member = members_[id];
    base::ByteWriter message;
    mix_.draw(member.orders, member.next_user_reference, message);
    send(id, message);
  }

  void send(std::uint16_t id, const base::ByteWriter& message) {
    MemberState& member = members_[id];
    const char type = static_cast<char>(message.view()[0]);
    if (type != 'X') ++member.next_user_reference;
    record(HistoryEvent::sent, id, ++member.sent, message.view());
    std::byte command[wire::ouch::kCommandBytesMax];
    const wire::ouch::Origin origin{.session = id,
                                    .gateway = static_cast<GatewayId>(1 + id % 2),
                                    .epoch = 1,
                                    .stream_number = ++member.stream_number};
    const auto translated =
        wire::ouch::command_from_ouch(message.view(), origin, symbols_, command);
    ASSERT(translated.size_bytes != 0, "a drawn message is refused: {}",
           wire::ouch::describe(translated.refusal));
    commands_.bytes(base::Bytes(command).first(translated.size_bytes));
    ++batch_count_;
  }

  // Between two batches; with controls so long that ends of calls come due.
  [[nodiscard]] std::uint64_t gap_ns() const {
    return options_.messages_per_control == 0 ? 1'000'000 : 40'000'000;
  }

  void close_batch() {
    time_ns_ += gap_ns();
    venue::BatchHeader header{};
    header.version = venue::kBatchVersion;
    header.count = batch_count_;
    header.size_bytes = static_cast<std::uint32_t>(sizeof header + commands_.size());
    header.timestamp_ns = kStartNs + time_ns_;
    base::ByteWriter batch;
    batch.object(header);
    batch.bytes(commands_.view());
    commands_.clear();
    batch_count_ = 0;
    run_.batches.emplace_back(batch.view().begin(), batch.view().end());
    events_.clear();
    venue_.apply_batch(batch.view(), events_);
    tell_events();
  }

  void tell_events() {
    base::Bytes rest = events_.view();
    while (!rest.empty()) {
      const auto& header = *reinterpret_cast<const venue::EventHeader*>(rest.data());
      take(header);
      rest = rest.subspan(header.size_bytes);
    }
  }

  void take(const venue::EventHeader& header) {
    if (header.type == venue::EventType::reference_instrument) {
      const auto& event = reinterpret_cast<const venue::ReferenceInstrument&>(header);
      symbols_.add(event.instrument, event.symbol);
    }
    if (header.feed_number != 0) {
      std::byte message[wire::itch::kMessageBytesMax];
      const std::size_t size = wire::itch::itch_from_event(header, symbols_, message);
      record(HistoryEvent::feed, 1, header.feed_number, base::Bytes(message).first(size));
    }
    if (header.session_number == 0) return;
    std::byte message[wire::ouch::kMessageBytesMax];
    const std::size_t size = wire::ouch::ouch_from_event(header, symbols_, message);
    const base::Bytes bytes = base::Bytes(message).first(size);
    MemberState& member = members_[header.session];
    record(HistoryEvent::answered, header.session, ++member.answers, bytes);
    check::OuchAnswer answer;
    ASSERT(check::decode_ouch(bytes, answer), "{}", base::to_hex(bytes));
    member.orders.take(answer);
  }

  void add_replays() {
    record(HistoryEvent::quiet, 0, 0, {});
    const std::vector<MadeRecord> live = run_.records;
    for (std::uint16_t id = 1; id <= options_.sessions; ++id) {
      record(HistoryEvent::replay_begins, id, 0, {});
      for (const MadeRecord& from : live) {
        if (from.event != HistoryEvent::answered || from.source != id) continue;
        record(HistoryEvent::replayed, id, from.number, from.bytes);
      }
    }
    for (std::uint16_t node = 1; node <= run_.nodes; ++node) {
      for (const MadeRecord& from : live) {
        if (from.event != HistoryEvent::feed) continue;
        record(HistoryEvent::feed_replayed, node, from.number, from.bytes);
      }
    }
  }

  void record(HistoryEvent event, std::uint16_t source, std::uint64_t number, base::Bytes bytes) {
    run_.records.push_back(
        {event, source, ++time_ns_, number, std::vector<std::byte>(bytes.begin(), bytes.end())});
  }

  static constexpr std::uint32_t kRestingTicks = 1'000;
  static constexpr std::uint32_t kRestingLevels = 50;
  static constexpr std::uint16_t kSegment = 5;
  static constexpr std::uint16_t kOperators = 3;  // the last may only stop
  std::uint64_t controls_ = 0;
  std::uint16_t day_ = 20'000;  // the last one that ended

  static constexpr TimestampNs kStartNs = 1'700'000'000'000'000'000;

  MadeOptions options_;
  venue::Venue venue_;
  check::Random random_;
  check::OrderMix mix_;
  wire::Symbols symbols_;
  std::map<std::uint16_t, MemberState> members_;
  InstrumentId instruments_ = 0;
  base::ByteWriter commands_;
  base::ByteWriter events_;
  std::uint32_t batch_count_ = 0;
  std::uint64_t time_ns_ = 0;
  MadeRun run_;
};

}  // namespace

MadeRun make_run(const MadeOptions& options) { return Maker(options).run(); }

check::Journal MadeRun::journal_of(const std::vector<std::vector<std::byte>>& batches,
                                   std::uint16_t node) {
  check::Journal journal;
  journal.node = node;
  base::Digest chain{};
  for (const auto& batch : batches) {
    chain = base::digest(chain, batch);
    journal.entries.push_back({journal.last_index() + 1, 1, check::kEntryCommand, chain, batch});
  }
  return journal;
}

std::vector<check::Journal> MadeRun::journals() const {
  std::vector<check::Journal> list;
  for (std::uint16_t node = 1; node <= nodes; ++node) list.push_back(journal_of(batches, node));
  return list;
}

check::History MadeRun::history() const {
  check::History history;
  for (const MadeRecord& record : records) {
    history.add(record.event, record.source, record.time_ns, record.number, record.bytes);
  }
  return history;
}

check::Verdict MadeRun::judged(std::vector<check::Journal> journals) const {
  const check::History made = history();
  check::Evidence evidence;
  evidence.history = &made;
  evidence.journals = std::move(journals);
  evidence.returns = returns;
  return check::judge(evidence);
}

}  // namespace okiagari::checker_test
