#include "venue/snapshot_loader.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "base/calendar_day.h"
#include "base/hash.h"
#include "venue/reservations.h"
#include "venue/snapshot_format.h"

namespace okiagari::venue {

namespace {

using snapshot::money_of;
using snapshot::record_of;

bool is_printable(std::span<const char> text) {
  for (const char c : text) {
    if (c < ' ' || c > '~') return false;
  }
  return true;
}

class Loader {
 public:
  Loader(base::Bytes bytes, VenueState& state) : bytes_(bytes), reader_(bytes), state_(state) {}

  base::Status load() {
    if (!check_frame() || !load_header() || !load_instruments() || !load_members() ||
        !load_accounts() || !load_positions() || !load_sessions() || !load_operators() ||
        !load_quarantine() || !load_checkpoints() || !load_orders() || !load_stops() ||
        !load_plan() || !load_day_end() || !load_walks() || !load_call_ends() || !load_icebergs() ||
        !load_foundation() || !check_books() || !check_stops() || !check_reservations()) {
      return base::Error{
          fmt::format("snapshot, offset {}: {}; fetch another one from a peer", at_, problem_)};
    }
    return {};
  }

 private:
  // All parts return false after saying what is wrong with the record that was read last.
  bool fail(std::string_view problem) {
    problem_ = problem;
    return false;
  }
  template <typename Record>
  bool read(Record& record) {
    at_ = reader_.offset();
    return reader_.object(record) || fail("it ends early");
  }

  bool check_frame();
  bool load_header();
  bool load_instruments();
  bool load_auction(Auction& auction, Instrument& instrument);
  bool load_members();
  bool load_accounts();
  bool load_positions();
  bool load_sessions();
  bool load_session(Session& session, const snapshot::SessionRecord& record);
  bool load_operators();
  bool load_quarantine();
  bool load_checkpoints();
  bool load_checkpoint(std::size_t place);
  bool load_orders();
  bool load_order(const snapshot::OrderRecord& record);
  // Whose order or stop it is; null when nobody's.
  const Session* owner_of(market::OrderKey key) const;
  bool load_stops();
  bool load_stop(const snapshot::StopRecord& record, OrderReference last);
  bool load_distances();
  // Of the stop that is loaded next; 0: it does not trail.
  PriceTicks distance_of(OrderReference reference);
  // Whether there is a price that its trigger has that distance from.
  bool is_followed(const market::Stop& stop) const;
  bool load_reach(const snapshot::ReachRecord& record, InstrumentId last);
  bool check_stops();
  bool load_plan();
  bool load_walks();
  bool load_call_ends();
  bool load_icebergs();
  bool load_iceberg(const snapshot::IcebergRecord& record, OrderReference& last);
  bool load_day_end();
  // Whether an order that is recorded so can be there.
  bool note_validity(market::TimeInForce time_in_force, std::uint16_t last_day,
                     OrderReference reference) {
    if (last_day != 0) last_days_.emplace_back(last_day, reference);
    return (time_in_force == market::TimeInForce::good_till_date) == (last_day != 0);
  }
  bool load_foundation();
  bool load_balance(const snapshot::Amount& total, const snapshot::Amount& held, AssetId asset,
                    Balance& balance);
  bool check_books();
  bool check_reservations();

  base::Bytes bytes_;
  base::ByteReader reader_;
  VenueState& state_;
  snapshot::Header header_{};
  std::size_t at_ = 0;
  std::string_view problem_;
  std::vector<Money> not_found_;       // by asset: what came in and has not been seen in a balance
  std::vector<Money> cash_held_;       // by account, as recorded
  std::vector<Money> positions_held_;  // in the order of the records
  OrderReference last_reference_ = 0;
  std::vector<snapshot::TrailingStopRecord> distances_;
  std::size_t next_distance_ = 0;
  std::vector<std::pair<std::uint16_t, OrderReference>> last_days_;  // of orders that have one
};

bool Loader::check_frame() {
  if (!read(header_)) return false;
  if (header_.magic != snapshot::kMagic) return fail("this is not a snapshot of a venue");
  if (header_.version < snapshot::kFirstVersion || header_.version > snapshot::kVersion) {
    return fail("its version is not known here");
  }
  at_ = offsetof(snapshot::Header, size_bytes);
  if (header_.size_bytes != bytes_.size() ||
      bytes_.size() < sizeof header_ + sizeof(std::uint64_t)) {
    return fail("it is not as long as it says");
  }
  at_ = bytes_.size() - sizeof(std::uint64_t);
  const auto expected = base::load_little<std::uint64_t>(bytes_.data() + at_);
  if (base::hash64(bytes_.first(at_)) != expected) return fail("its hash is wrong");
  reader_ = base::ByteReader(bytes_.first(at_));
  return read(header_);
}

bool Loader::load_header() {
  at_ = offsetof(snapshot::Header, limits);
  const snapshot::LimitsRecord own = record_of(state_.limits);
  if (std::memcmp(&header_.limits, &own, sizeof own) != 0) {
    return fail("it was written under other limits");
  }
  at_ = offsetof(snapshot::Header, live_orders);
  if (header_.live_orders > own.max_live_orders || header_.instruments > own.max_instruments ||
      header_.members > own.max_members || header_.accounts > own.max_accounts ||
      header_.positions > own.max_positions || header_.sessions > own.max_sessions ||
      header_.operators > Operators::kOperatorsMax ||
      header_.quarantined > QuarantineList::kPendingMax ||
      header_.checkpoints > Attestations::kCheckpointsKept || header_.foundations > 1) {
    return fail("it holds more than its limits allow");
  }
  const snapshot::CountersRecord& from = header_.counters;
  for (const std::uint64_t counter : {from.sequence, from.event_number, from.feed_number,
                                      from.order_reference, from.match_number, from.checkpoints}) {
    if (counter >> 63 != 0) return fail("a counter is about to run out");
  }
  Counters& to = state_.counters;
  to.sequence = from.sequence;
  to.event_number = from.event_number;
  to.feed_number = from.feed_number;
  to.order_reference = from.order_reference;
  to.match_number = from.match_number;
  to.control_number = from.control_number;
  to.checkpoints = from.checkpoints;
  to.timestamp_ns = from.timestamp_ns;
  to.state_hash = from.state_hash;

  const Money cash = money_of(header_.cash_came_in);
  if (cash < 0 || cash > Ledger::kCameInMax) return fail("more cash came in than can");
  state_.ledger.set_came_in(kCash, cash);
  not_found_.push_back(cash);
  return true;
}

bool Loader::load_instruments() {
  for (std::uint32_t id = 1; id <= header_.instruments; ++id) {
    snapshot::InstrumentRecord record;
    if (!read(record)) return false;
    const Money came_in = money_of(record.came_in);
    if (!is_printable(record.symbol) || record.state > InstrumentState::closed ||
        record.money_per_tick_lot <= 0 ||
        !are_price_limits(record.low_limit, record.high_limit, record.tick_e4)) {
      return fail("an instrument's terms are impossible");
    }
    if (record.last_price < 0 || record.last_price > kMaxPriceTicks ||
        record.last_match > header_.counters.match_number || came_in < 0 ||
        came_in > Ledger::kCameInMax) {
      return fail("an instrument's figures are impossible");
    }
    if (state_.instruments.find(record.symbol) != 0) return fail("two instruments have one symbol");
    Instrument instrument;
    instrument.symbol = record.symbol;
    instrument.tick_e4 = record.tick_e4;
    instrument.state = record.state;
    instrument.low_limit = record.low_limit;
    instrument.high_limit = record.high_limit;
    instrument.money_per_tick_lot = record.money_per_tick_lot;
    instrument.last_price = record.last_price;
    instrument.last_match = record.last_match;
    instrument.traded_lots = record.traded_lots;
    if (header_.version > snapshot::kFirstVersion) {
      instrument.segment = record.segment;
      if (record.held > 1) return fail("an instrument is neither held nor not held");
      instrument.is_held = record.held != 0;
    }
    Auction auction;
    if (header_.version > snapshot::kFirstVersion && !load_auction(auction, instrument)) {
      return false;
    }
    state_.instruments.add(instrument);
    state_.instruments.auction(static_cast<InstrumentId>(id)) = auction;
    state_.ledger.add_asset();
    state_.ledger.set_came_in(static_cast<AssetId>(id), came_in);
    not_found_.push_back(came_in);
    state_.books.add_instrument(static_cast<InstrumentId>(id));
    state_.stops.add_instrument(static_cast<InstrumentId>(id));
    state_.books.set_price_limits(static_cast<InstrumentId>(id), record.low_limit,
                                  record.high_limit);
  }
  return true;
}

bool Loader::load_auction(Auction& auction, Instrument& instrument) {
  snapshot::AuctionRecord record{};
  if (!read(record)) return false;
  SetAuctionRules rules{};
  rules.price_method = record.price_method;
  rules.candidates = record.candidates;
  rules.allocation = record.allocation;
  rules.takes_market_orders = record.takes_market_orders;
  rules.collar_unit = record.collar_unit;
  rules.extensions_max = record.extensions_max;
  rules.base_price = record.base_price;
  rules.collar = record.collar;
  rules.collar_step = record.collar_step;
  rules.call_s = record.call_s;
  rules.extension_s = record.extension_s;
  rules.random_end_s = record.random_end_s;
  const bool is_collar = 1 <= record.collar_low && record.collar_low <= record.collar_high &&
                         record.collar_high <= kMaxPriceTicks;
  // With rules there is a call in the state of one, and none without.
  const bool is_ruled = record.ruled == 1;
  const bool must_be_called = is_ruled && instrument.state == InstrumentState::auction_call;
  const bool is_call = record.called <= record.ruled && (record.called == 1 || !must_be_called);
  if (!is_collar || !is_call || record.ruled > 1 || !are_auction_rules(rules) ||
      record.base_price > kMaxPriceTicks) {
    return fail("an instrument's auction is impossible");
  }
  auction.has_rules = is_ruled;
  auction.rules = auction_rules(rules);
  auction.extensions = record.extensions;
  auction.collar = {record.collar_low, record.collar_high};
  instrument.is_called = record.called != 0;
  return true;
}

bool Loader::load_members() {
  for (std::uint32_t id = 1; id <= header_.members; ++id) {
    snapshot::MemberRecord record;
    if (!read(record)) return false;
    if (!is_printable(record.firm) || record.halted > 1) return fail("a member is impossible");
    state_.members.add(record.firm);
    state_.members[static_cast<MemberId>(id)].halted = record.halted != 0;
  }
  return true;
}

// The reservation is made anew by the orders and compared at the end.
bool Loader::load_balance(const snapshot::Amount& total, const snapshot::Amount& held,
                          AssetId asset, Balance& balance) {
  balance.total = money_of(total);
  const Money reserved = money_of(held);
  if (balance.total < 0 || reserved < 0 || reserved > balance.total) {
    return fail("a balance is impossible");
  }
  // Taken off one by one, so that no sum overflows.
  if (balance.total > not_found_[asset]) return fail("balances hold more than came in");
  not_found_[asset] -= balance.total;
  return true;
}

bool Loader::load_accounts() {
  cash_held_.push_back(0);
  for (AccountId id = 1; id <= header_.accounts; ++id) {
    snapshot::AccountRecord record;
    if (!read(record)) return false;
    if (!state_.members.exists(record.member)) return fail("an account belongs to nobody");
    state_.ledger.add_account(record.member);
    Ledger::Account& account = state_.ledger.account(id);
    account.last_transfer_number = record.last_transfer_number;
    if (!load_balance(record.total, record.held, kCash, account.cash)) return false;
    cash_held_.push_back(money_of(record.held));
  }
  return true;
}

bool Loader::load_positions() {
  std::uint64_t last = 0;
  for (std::uint32_t i = 0; i < header_.positions; ++i) {
    snapshot::PositionRecord record;
    if (!read(record)) return false;
    const std::uint64_t place = std::uint64_t{record.account} << 16 | record.instrument;
    if (record.account == 0 || record.account > header_.accounts ||
        !state_.instruments.exists(record.instrument) || place <= last) {
      return fail("a position is out of place");
    }
    last = place;
    Balance* balance = state_.ledger.open_position(record.account, record.instrument);
    if (!load_balance(record.total, record.held, record.instrument, *balance)) return false;
    positions_held_.push_back(money_of(record.held));
  }
  for (const Money missing : not_found_) {
    if (missing != 0) return fail("balances hold less than came in");
  }
  return true;
}

bool Loader::load_sessions() {
  for (std::uint32_t id = 1; id <= header_.sessions; ++id) {
    snapshot::SessionRecord record;
    if (!read(record)) return false;
    if (!state_.members.exists(record.member) || record.default_account == 0 ||
        record.default_account > header_.accounts ||
        state_.ledger.account(record.default_account).member != record.member) {
      return fail("a session belongs to nobody");
    }
    if (!load_session(state_.sessions.add(record.member, record.default_account), record)) {
      return false;
    }
  }
  return true;
}

bool Loader::load_session(Session& session, const snapshot::SessionRecord& record) {
  if (record.cancel_on_disconnect > 1 || record.owes_cancels > 1 ||
      record.next_session_number == 0 || record.gaps > AppliedNumbers::kGapsMax ||
      (record.gateway != 0 && record.epoch == 0)) {
    return fail("a session is impossible");
  }
  session.gateway = record.gateway;
  session.cancel_on_disconnect = record.cancel_on_disconnect != 0;
  session.owes_cancels = record.owes_cancels != 0;
  session.epoch = record.epoch;
  session.next_stream_number = record.next_stream_number;
  session.next_session_number = record.next_session_number;
  for (std::size_t i = 0; i < session.past_logins.size(); ++i) {
    const snapshot::LoginRecord& login = record.past_logins[i];
    session.past_logins[i] = PastLogin{login.gateway, login.epoch, login.nonce};
  }
  std::array<AppliedNumbers::Gap, AppliedNumbers::kGapsMax> gaps{};
  for (std::size_t i = 0; i < record.gaps; ++i) {
    if (!read(gaps[i])) return false;
  }
  const std::span<const AppliedNumbers::Gap> known(gaps.data(), record.gaps);
  return session.numbers.restore(record.mark, record.floor, known) ||
         fail("a session's numbers do not fit together");
}

bool Loader::load_operators() {
  std::uint16_t last = 0;
  for (std::uint32_t i = 0; i < header_.operators; ++i) {
    snapshot::OperatorRecord record;
    if (!read(record)) return false;
    if (header_.version == snapshot::kFirstVersion) record.stop_only = 0;
    if (record.id <= last || record.stop_only > 1 ||
        state_.operators.add(record.id, record.public_key, record.stop_only != 0) != Reason::none) {
      return fail("an operator is out of place");
    }
    last = record.id;
  }
  return true;
}

bool Loader::load_quarantine() {
  Sequence last = header_.counters.sequence;
  for (std::uint32_t i = 0; i < header_.quarantined; ++i) {
    Sequence sequence = 0;
    if (!read(sequence)) return false;
    if (sequence <= last || state_.quarantine.add(sequence) != QuarantineList::Added::yes) {
      return fail("a quarantined sequence is out of place");
    }
    last = sequence;
  }
  return true;
}

bool Loader::load_checkpoints() {
  for (std::size_t place = 0; place < header_.checkpoints; ++place) {
    if (!load_checkpoint(place)) return false;
  }
  return true;
}

bool Loader::load_checkpoint(std::size_t place) {
  snapshot::CheckpointRecord record;
  if (!read(record)) return false;
  const Sequence newer = place == 0 ? header_.counters.sequence + 1
                                    : state_.attestations.records()[place - 1].sequence;
  if (record.sequence == 0 || record.sequence >= newer ||
      record.findings > state_.limits.max_nodes) {
    return fail("a checkpoint is out of place");
  }
  Attestations::Record loaded{record.checkpoint, record.sequence, {}};
  loaded.findings.reserve(state_.limits.max_nodes);
  for (std::uint32_t i = 0; i < record.findings; ++i) {
    snapshot::FindingRecord finding;
    if (!read(finding)) return false;
    bool is_new = finding.node != 0;
    for (const Attestations::Finding& earlier : loaded.findings) {
      is_new &= earlier.node != finding.node;
    }
    if (!is_new) return fail("a node attests twice or does not exist");
    loaded.findings.push_back(
        Attestations::Finding{finding.node, finding.state_hash, finding.scrub_hash, finding.chain});
  }
  state_.attestations.restore(place, std::move(loaded));
  return true;
}

bool Loader::load_orders() {
  for (std::uint32_t i = 0; i < header_.live_orders; ++i) {
    snapshot::OrderRecord record;
    if (!read(record) || !load_order(record)) return false;
  }
  return true;
}

const Session* Loader::owner_of(market::OrderKey key) const {
  const Session* session = key >> 48 != 0 ? nullptr : state_.sessions.find(session_of(key));
  const std::uint32_t user_reference = user_reference_of(key);
  const bool is_applied =
      session != nullptr && user_reference != 0 && user_reference <= session->numbers.mark() &&
      session->numbers.standing(user_reference) != AppliedNumbers::Standing::never_arrived;
  return is_applied ? session : nullptr;
}

bool Loader::load_order(const snapshot::OrderRecord& record) {
  const Session* session = owner_of(record.key);
  if (session == nullptr) return fail("an order has a number that was not applied");
  if (record.reference <= last_reference_ || record.reference > header_.counters.order_reference) {
    return fail("an order's reference is out of place");
  }
  if (!state_.instruments.exists(record.instrument) || record.account == 0 ||
      record.account > header_.accounts ||
      state_.ledger.account(record.account).member != session->member) {
    return fail("an order is for an instrument or account that it cannot be for");
  }
  const Instrument& instrument = state_.instruments[record.instrument];
  const bool is_size = record.remaining > 0 && record.remaining <= kMaxQuantityLots &&
                       record.executed <= kMaxQuantityLots;
  // Market orders rest in calls only.
  const bool is_market = instrument.is_called && record.side <= 1 &&
                         record.price == market::market_price(static_cast<Side>(record.side));
  if (!is_size ||
      (!is_market && !are_price_limits(record.price, record.price, instrument.tick_e4))) {
    return fail("an order's price or size is impossible");
  }
  using market::SelfTradePrevention;
  using market::TimeInForce;
  const auto time_in_force = static_cast<TimeInForce>(record.time_in_force);
  const bool waits = market::is_lasting(time_in_force) ||
                     (instrument.is_called && time_in_force == TimeInForce::at_auction);
  const std::uint16_t last_day = header_.version > snapshot::kFirstVersion ? record.last_day : 0;
  if (record.side > 1 || !waits || !note_validity(time_in_force, last_day, record.reference) ||
      record.self_trade > static_cast<std::uint8_t>(SelfTradePrevention::cancel_both)) {
    return fail("an order's kind is not one that rests");
  }
  last_reference_ = record.reference;
  const market::Incoming order{
      .key = record.key,
      .reference = record.reference,
      .price = record.price,
      .quantity = record.remaining,
      .account = record.account,
      .instrument = record.instrument,
      .member = session->member,
      .side = static_cast<Side>(record.side),
      .type = is_market ? market::PriceType::market : market::PriceType::limit,
      .time_in_force = time_in_force,
      .self_trade = static_cast<SelfTradePrevention>(record.self_trade),
      .post_only = false,
      .executed = record.executed,
      .last_day = last_day,
  };
  // A position must be there, also for a buy: its trades go into it.
  Balance* position = state_.ledger.position(record.account, record.instrument);
  if (position == nullptr) return fail("an order has no position to trade into");
  Balance& balance = order.side == Side::buy ? state_.ledger.cash(record.account) : *position;
  balance.reserved +=
      order.side == Side::buy
          ? instrument.money(instrument.paid_at_most(record.price), record.remaining)
          : Money{record.remaining};
  if (balance.reserved > balance.total) return fail("orders hold back more than is there");
  return state_.books.rest(order) || fail("two orders have one name");
}

bool Loader::load_stops() {
  if (header_.version == snapshot::kFirstVersion) return true;
  snapshot::StopsHeader counts{};
  if (!read(counts)) return false;
  if (header_.version > snapshot::kThirdVersion && !load_distances()) return false;
  OrderReference last = 0;
  for (std::uint32_t i = 0; i < counts.stops; ++i) {
    snapshot::StopRecord record;
    if (!read(record) || !load_stop(record, last)) return false;
    last = record.reference;
  }
  if (next_distance_ != distances_.size()) return fail("what trails is none of the stops");
  InstrumentId last_instrument = 0;
  for (std::uint32_t i = 0; i < counts.reaches; ++i) {
    snapshot::ReachRecord record;
    if (!read(record) || !load_reach(record, last_instrument)) return false;
    last_instrument = record.instrument;
  }
  return true;
}

bool Loader::load_distances() {
  snapshot::TrailingStopsHeader head{};
  if (!read(head)) return false;
  if (head.reserved != 0 || head.count > market::StopOrders::kWaitingMax) {
    return fail("the stops that trail are impossible");
  }
  for (std::uint32_t i = 0; i < head.count; ++i) {
    snapshot::TrailingStopRecord record{};
    if (!read(record)) return false;
    if (record.distance < 1 || record.distance >= kMaxPriceTicks || record.reserved != 0) {
      return fail("the distance of a stop that trails is impossible");
    }
    distances_.push_back(record);
  }
  return true;
}

PriceTicks Loader::distance_of(OrderReference reference) {
  if (next_distance_ == distances_.size()) return 0;
  const snapshot::TrailingStopRecord& next = distances_[next_distance_];
  if (next.reference != reference) return 0;
  ++next_distance_;
  return next.distance;
}

bool Loader::load_stop(const snapshot::StopRecord& record, OrderReference last) {
  const Session* session = owner_of(record.key);
  if (session == nullptr || state_.books.find(record.key) != nullptr) {
    return fail("a stop has a number that was not applied, or an order's");
  }
  if (record.reference <= last || record.reference > header_.counters.order_reference) {
    return fail("a stop's reference is out of place");
  }
  Balance* position = state_.instruments.exists(record.instrument)
                          ? state_.ledger.position(record.account, record.instrument)
                          : nullptr;
  if (position == nullptr || state_.ledger.account(record.account).member != session->member) {
    return fail("a stop is for an instrument or account that it cannot be for");
  }
  const Instrument& instrument = state_.instruments[record.instrument];
  const bool is_size = record.quantity > 0 && record.quantity <= kMaxQuantityLots;
  if (!is_size || !are_price_limits(record.trigger, record.trigger, instrument.tick_e4) ||
      !are_price_limits(record.price, record.price, instrument.tick_e4)) {
    return fail("a stop's price or size is impossible");
  }
  const auto time_in_force = static_cast<market::TimeInForce>(record.time_in_force);
  const std::uint16_t last_day = header_.version > snapshot::kFirstVersion ? record.last_day : 0;
  if (record.side > 1 || record.price_type > 1 || !market::is_lasting(time_in_force) ||
      !note_validity(time_in_force, last_day, record.reference) ||
      record.self_trade > static_cast<std::uint8_t>(market::SelfTradePrevention::cancel_both)) {
    return fail("a stop's kind is not one that waits");
  }
  const market::Stop stop{
      .key = record.key,
      .reference = record.reference,
      .trigger = record.trigger,
      .distance = distance_of(record.reference),
      .price = record.price,
      .quantity = record.quantity,
      .account = record.account,
      .instrument = record.instrument,
      .member = session->member,
      .side = static_cast<Side>(record.side),
      .type = static_cast<market::PriceType>(record.price_type),
      .time_in_force = time_in_force,
      .self_trade = static_cast<market::SelfTradePrevention>(record.self_trade),
      .last_day = last_day,
  };
  if (stop.trails() && !is_followed(stop)) return fail("a stop trails behind no price");
  const Reservation held = reservation(state_, stop, stop.quantity);
  held.balance->reserved += held.amount;
  if (held.balance->reserved > held.balance->total) {
    return fail("stops hold back more than is there");
  }
  return state_.stops.load(stop) ||
         fail("two stops have one name, there are too many, or one trails out of turn");
}

// No trigger is further from prices than the distance is, so nothing runs over.
bool Loader::is_followed(const market::Stop& stop) const {
  const std::int64_t followed = stop.side == Side::sell ? std::int64_t{stop.trigger} + stop.distance
                                                        : stop.trigger - stop.distance;
  return 1 <= followed && followed <= kMaxPriceTicks &&
         state_.instruments[stop.instrument].last_price != 0;
}

bool Loader::load_reach(const snapshot::ReachRecord& record, InstrumentId last) {
  const bool is_there = record.instrument > last && state_.instruments.exists(record.instrument) &&
                        state_.instruments[record.instrument].state == InstrumentState::full &&
                        state_.instruments[record.instrument].last_price != 0;
  if (!is_there || record.low < 1 || record.low > record.high || record.high > kMaxPriceTicks) {
    return fail("what stops were reached is impossible");
  }
  state_.stops.note_reach(record.instrument, record.low);
  state_.stops.note_reach(record.instrument, record.high);
  return true;
}

bool Loader::check_stops() {
  for (std::uint32_t number = 1; number <= header_.instruments; ++number) {
    const auto id = static_cast<InstrumentId>(number);
    state_.stops.arm(state_.instruments, id);
    if (!state_.stops.is_on_its_way(state_.instruments, id)) {
      return fail("a stop waits that its price has reached");
    }
  }
  return true;
}

bool Loader::load_plan() {
  if (header_.version == snapshot::kFirstVersion) return true;
  snapshot::PlanRecord record{};
  if (!read(record)) return false;
  if (record.count > kPlannedPhasesMax || record.next > record.count ||
      record.control_number > header_.counters.control_number) {
    return fail("the day's plan is impossible");
  }
  TradingPlan& plan = state_.plan;
  plan.control_number = record.control_number;
  plan.day = record.day;
  plan.count = record.count;
  plan.next = record.next;
  for (std::size_t i = 0; i < kPlannedPhasesMax; ++i) {
    const PlannedPhase& phase = record.phases[i];
    const bool is_end = phase.state == kDayEnd && i + 1 == record.count &&
                        phase.scope == Scope::market && phase.target == 0 &&
                        base::day_of(record.day) != 0;
    const bool is_known =
        phase.scope <= Scope::segment && (phase.state <= InstrumentState::closed || is_end);
    const bool is_later = i == 0 || record.phases[i - 1].at_ns < phase.at_ns;
    const bool is_empty = phase.at_ns == 0 && phase.reason == 0 && phase.target == 0 &&
                          phase.scope == Scope::market && phase.state == InstrumentState::halted;
    if (i < record.count ? !is_known || !is_later : !is_empty) {
      return fail("a phase of the day's plan is impossible");
    }
    plan.phases[i] = phase;
  }
  return true;
}

bool Loader::load_walks() {
  if (header_.version == snapshot::kFirstVersion) return true;
  const auto load = [&](auto& orders) {
    snapshot::WalkRecord record{};
    if (!read(record)) return false;
    auto place = orders.walk_place();
    place.key = record.key;
    place.instrument = record.instrument;
    place.side = static_cast<Side>(record.side);
    std::uint8_t trails_max = 0;
    if constexpr (requires { place.trails; }) {
      place.trails = record.trails != 0;
      trails_max = header_.version > snapshot::kThirdVersion ? 1 : 0;
    }
    const bool is_there = record.side <= static_cast<std::uint8_t>(Side::sell) &&
                          record.trails <= trails_max &&
                          std::all_of(record.reserved.begin(), record.reserved.end(),
                                      [](std::uint8_t byte) { return byte == 0; }) &&
                          orders.set_walk_place(place);
    return is_there || fail("the place of a walk is impossible");
  };
  return load(state_.books) && load(state_.stops.waiting());
}

bool Loader::load_call_ends() {
  if (header_.version == snapshot::kFirstVersion) return true;
  snapshot::CallEndsHeader head{};
  if (!read(head)) return false;
  if (head.reserved != 0 || head.count > header_.instruments ||
      (head.secret != base::Digest{}) != state_.plan.is_known()) {
    return fail("the ends of calls are impossible");
  }
  state_.plan.secret = head.secret;
  InstrumentId last = 0;
  for (std::uint32_t i = 0; i < head.count; ++i) {
    snapshot::CallEndRecord record{};
    if (!read(record)) return false;
    const auto then = static_cast<InstrumentState>(record.then);
    const bool follows = then == InstrumentState::uncross || then == InstrumentState::full ||
                         then == InstrumentState::limit_only || then == InstrumentState::post_only;
    const bool is_there = record.instrument > last && state_.instruments.exists(record.instrument);
    if (!is_there || !follows || record.at_ns == 0 || record.reserved != 0 ||
        !state_.instruments[record.instrument].is_called ||
        state_.instruments[record.instrument].state != InstrumentState::auction_call) {
      return fail("the end of a call is impossible");
    }
    last = record.instrument;
    state_.instruments.auction(last).end = {record.at_ns, then, record.reason};
    state_.note_call_end(record.at_ns);
  }
  return true;
}

bool Loader::load_icebergs() {
  if (header_.version <= snapshot::kSecondVersion) return true;
  snapshot::IcebergsHeader head{};
  if (!read(head)) return false;
  if (head.reserved != 0) return fail("the icebergs are impossible");
  OrderReference last = 0;
  for (std::uint32_t i = 0; i < head.count; ++i) {
    snapshot::IcebergRecord record{};
    if (!read(record) || !load_iceberg(record, last)) return false;
  }
  return true;
}

bool Loader::load_iceberg(const snapshot::IcebergRecord& record, OrderReference& last) {
  const market::Order* order = state_.books.find(record.key);
  if (order == nullptr || order->reference <= last) return fail("an iceberg is out of place");
  last = order->reference;
  const bool is_kind = !order->is_market() && market::is_lasting(order->time_in_force);
  const bool is_size = record.peak > 0 && record.peak <= kMaxQuantityLots &&
                       order->remaining <= record.peak &&
                       record.hidden <= kMaxQuantityLots - order->remaining;
  if (!is_kind || !is_size) return fail("an iceberg is impossible");
  const std::uint64_t hidden_peaks = (std::uint64_t{record.hidden} + record.peak - 1) / record.peak;
  if (1 + hidden_peaks > market::kPeaksMax) return fail("an iceberg has too many peaks");
  const Reservation held = reservation(state_, *order, record.hidden);
  held.balance->reserved += held.amount;
  if (held.balance->reserved > held.balance->total) {
    return fail("icebergs hold back more than is there");
  }
  return state_.books.set_reserve(record.key, {.peak = record.peak, .hidden = record.hidden}) ||
         fail("an iceberg is out of place");
}

bool Loader::load_day_end() {
  if (header_.version == snapshot::kFirstVersion) return true;
  snapshot::DayEndRecord record{};
  if (!read(record)) return false;
  DayEnd& end = state_.day_end;
  end.day = record.day;
  end.is_running = record.running == 1;
  end.shelf = static_cast<DayEnd::Shelf>(record.shelf);
  end.instrument = record.instrument;
  end.place = {.key = record.key, .reference = record.reference, .price = record.price};
  end.newest = record.newest;
  const bool knows_trailing = header_.version > snapshot::kThirdVersion;
  const std::uint8_t shelves = knows_trailing ? DayEnd::kShelves : DayEnd::kShelvesBeforeTrailing;
  if (record.running > 1 || record.shelf >= shelves) {
    return fail("the end of a day is impossible");
  }
  DayEnd at_rest;
  at_rest.day = record.day;
  const snapshot::DayEndRecord expected = record_of(at_rest);
  const bool is_place = record.day != 0 && state_.instruments.exists(record.instrument) &&
                        record.newest <= header_.counters.order_reference &&
                        record.reference <= header_.counters.order_reference && record.price >= 0;
  if (end.is_running ? !is_place : std::memcmp(&record, &expected, sizeof record) != 0) {
    return fail("the end of a day is impossible");
  }
  for (const auto& [last_day, reference] : last_days_) {
    if (last_day <= end.day && reference > end.newest) return fail("an order's last day is over");
  }
  return true;
}

bool Loader::load_foundation() {
  if (header_.foundations != 0) {
    snapshot::FoundationRecord record{};
    if (!read(record)) return false;
    if (record.held > 1) return fail("it is neither held nor not held");
    state_.foundation = Foundation{true, record.held != 0, record.act};
  }
  at_ = reader_.offset();
  return reader_.at_end() || fail("there is something behind its end");
}

bool Loader::check_books() {
  for (std::uint32_t id = 1; id <= header_.instruments; ++id) {
    if (state_.instruments[static_cast<InstrumentId>(id)].is_called) {
      const auto called = static_cast<InstrumentId>(id);
      state_.calls.open(state_.instruments, called, state_.books);
      state_.calls.told(called) = state_.calls.price(state_.instruments, called);
      continue;
    }
    const market::Order* bid = state_.books.front(static_cast<InstrumentId>(id), Side::buy);
    const market::Order* ask = state_.books.front(static_cast<InstrumentId>(id), Side::sell);
    if (bid != nullptr && ask != nullptr && bid->price >= ask->price) {
      return fail("a book is crossed");
    }
  }
  state_.calls.clear_touched();
  return true;
}

bool Loader::check_reservations() {
  for (AccountId id = 1; id <= header_.accounts; ++id) {
    if (state_.ledger.cash(id).reserved != cash_held_[id]) {
      return fail("reserved cash is not what the orders hold back");
    }
  }
  for (std::size_t i = 0; i < positions_held_.size(); ++i) {
    if (state_.ledger.positions()[i].balance.reserved != positions_held_[i]) {
      return fail("a reserved position is not what the orders hold back");
    }
  }
  return true;
}

}  // namespace

base::Status load_snapshot(base::Bytes bytes, VenueState& into) {
  return Loader(bytes, into).load();
}

}  // namespace okiagari::venue
