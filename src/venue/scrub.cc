#include "venue/scrub.h"

#include <cstring>

#include "base/hash.h"
#include "venue/snapshot_format.h"

namespace okiagari::venue {

using snapshot::record_of;

namespace {

constexpr std::size_t kFoldBytes = 64 * 1024;

// The first number of 1, 2, 3, ... that falls into the slice.
constexpr std::uint32_t first_of(std::uint32_t slice) {
  return slice == 0 ? Scrub::kSlices : slice;
}

}  // namespace

std::uint64_t Scrub::hash_slice(VenueState& state, std::uint32_t slice, std::uint32_t orders_max) {
  records_.clear();
  hash_ = slice;
  add(record_of(state.counters));
  add_instruments(state, slice, orders_max == 0);
  if (orders_max != 0) add_next_orders(state, orders_max);
  add_owners(state, slice);
  if (slice == 0) add_control(state);
  fold();
  add_positions(state.ledger, slice);
  return hash_;
}

template <typename Record>
void Scrub::add(const Record& record) {
  records_.object(record);
  if (records_.size() >= kFoldBytes) fold();
}

void Scrub::fold() {
  hash_ = base::hash64(records_.view(), hash_);
  records_.clear();
}

void Scrub::add_instruments(const VenueState& state, std::uint32_t slice, bool with_orders) {
  for (std::uint32_t id = first_of(slice); id <= state.instruments.count(); id += kSlices) {
    const auto instrument = static_cast<InstrumentId>(id);
    add(record_of(state.instruments[instrument], state.ledger.came_in(instrument)));
    add_auction(state, instrument);
    if (with_orders) add_orders(state, instrument);
    add_reach(state, instrument);
  }
}

void Scrub::add_orders(const VenueState& state, InstrumentId instrument) {
  for (const Side side : {Side::buy, Side::sell}) {
    state.books.for_each_order(instrument, side,
                               [&](const market::Order& order) { add_order(state, order); });
  }
  for (const Side side : {Side::buy, Side::sell}) {
    state.stops.waiting().for_each(instrument, side,
                                   [this](const market::Stop& stop) { add_stop(stop); });
  }
}

void Scrub::add_next_orders(VenueState& state, std::uint32_t orders_max) {
  state.books.walk_on(orders_max, [&](const market::Order& order) { add_order(state, order); });
  state.stops.waiting().walk_on(orders_max, [this](const market::Stop& stop) { add_stop(stop); });
}

// Of one that hides nothing, as before there were icebergs.
void Scrub::add_order(const VenueState& state, const market::Order& order) {
  add(record_of(order));
  if (order.is_iceberg != 0) add(record_of(order, state.books.reserve(order)));
}

// Of one whose trigger is fixed, as before others trailed.
void Scrub::add_stop(const market::Stop& stop) {
  add(record_of(stop));
  if (stop.trails()) add(snapshot::trailing_record_of(stop));
}

// Where none was reached, nothing.
void Scrub::add_reach(const VenueState& state, InstrumentId instrument) {
  const Stops::Reach reach = state.stops.reach_of(instrument);
  if (reach.low != 0) add(record_of(instrument, reach));
}

// Where there never was one, nothing: what was attested before there were auctions holds when its
// log is replayed.
void Scrub::add_auction(const VenueState& state, InstrumentId instrument) {
  static const snapshot::AuctionRecord kNone = record_of(Auction{}, false);
  const snapshot::AuctionRecord record =
      record_of(state.instruments.auction(instrument), state.instruments[instrument].is_called);
  if (std::memcmp(&record, &kNone, sizeof record) != 0) add(record);
  const CallEnd& end = state.instruments.auction(instrument).end;
  if (end.is_planned()) add(record_of(instrument, end));
}

void Scrub::add_owners(const VenueState& state, std::uint32_t slice) {
  for (std::uint32_t id = first_of(slice); id <= state.members.count(); id += kSlices) {
    add(record_of(state.members[static_cast<MemberId>(id)]));
  }
  for (std::uint32_t id = first_of(slice); id <= state.ledger.accounts(); id += kSlices) {
    add(record_of(state.ledger.account(id)));
  }
  for (std::uint32_t id = first_of(slice); id <= state.sessions.count(); id += kSlices) {
    const Session& session = state.sessions[static_cast<SessionId>(id)];
    add(record_of(session));
    for (const AppliedNumbers::Gap& gap : session.numbers.gaps()) add(gap);
  }
}

// The order in which positions were opened is no state: a replica that came from a snapshot has
// them in another. So their hashes are summed.
void Scrub::add_positions(const Ledger& ledger, std::uint32_t slice) {
  std::uint64_t sum = 0;
  for (const Ledger::Position& position : ledger.positions()) {
    if (position.account % kSlices != slice) continue;
    sum += base::hash64(base::object_bytes(record_of(position)));
  }
  hash_ = base::hash64(base::object_bytes(sum), hash_);
}

void Scrub::add_control(const VenueState& state) {
  // Where there never was one, nothing: see add_auction().
  if (state.plan.is_known()) add(record_of(state.plan));
  if (state.plan.secret != base::Digest{}) add(state.plan.secret);
  if (state.day_end.day != 0) add(record_of(state.day_end));
  if (state.foundation.is_rebuilt) add(record_of(state.foundation));
  add(record_of(state.ledger.came_in(kCash)));
  for (const Operators::Operator& known : state.operators.all()) add(record_of(known));
  for (const Sequence sequence : state.quarantine.pending()) add(sequence);
  for (const Attestations::Record& record : state.attestations.records()) {
    add(record_of(record));
    for (const Attestations::Finding& finding : record.findings) add(record_of(finding));
  }
}

}  // namespace okiagari::venue
