#include "venue/snapshot_writer.h"

#include <algorithm>
#include <vector>

#include "base/hash.h"
#include "venue/snapshot_format.h"

namespace okiagari::venue {

namespace {

using snapshot::record_of;

std::uint32_t count_checkpoints(const Attestations& attestations) {
  return static_cast<std::uint32_t>(
      std::count_if(attestations.records().begin(), attestations.records().end(),
                    [](const Attestations::Record& record) { return record.sequence != 0; }));
}

void write_header(const VenueState& state, base::ByteWriter& into) {
  snapshot::Header header{};
  header.magic = snapshot::kMagic;
  header.version = snapshot::kVersion;
  header.foundations = state.foundation.is_rebuilt ? 1 : 0;
  header.limits = record_of(state.limits);
  header.live_orders = state.books.live_orders();
  header.counters = record_of(state.counters);
  header.cash_came_in = record_of(state.ledger.came_in(kCash));
  header.instruments = state.instruments.count();
  header.members = state.members.count();
  header.accounts = state.ledger.accounts();
  header.positions = static_cast<std::uint32_t>(state.ledger.positions().size());
  header.sessions = state.sessions.count();
  header.operators = static_cast<std::uint32_t>(state.operators.all().size());
  header.quarantined = static_cast<std::uint32_t>(state.quarantine.pending().size());
  header.checkpoints = count_checkpoints(state.attestations);
  into.object(header);
}

void write_reference_data(const VenueState& state, base::ByteWriter& into) {
  for (std::uint32_t id = 1; id <= state.instruments.count(); ++id) {
    const auto instrument = static_cast<InstrumentId>(id);
    into.object(record_of(state.instruments[instrument], state.ledger.came_in(instrument)));
    into.object(
        record_of(state.instruments.auction(instrument), state.instruments[instrument].is_called));
  }
  for (std::uint32_t id = 1; id <= state.members.count(); ++id) {
    into.object(record_of(state.members[static_cast<MemberId>(id)]));
  }
}

// Positions are kept in the order in which they were opened; a snapshot has them by account.
void write_ledger(const Ledger& ledger, base::ByteWriter& into) {
  for (AccountId id = 1; id <= ledger.accounts(); ++id) into.object(record_of(ledger.account(id)));
  std::vector<const Ledger::Position*> positions;
  positions.reserve(ledger.positions().size());
  for (const Ledger::Position& position : ledger.positions()) positions.push_back(&position);
  std::sort(positions.begin(), positions.end(), [](const auto* a, const auto* b) {
    return a->account != b->account ? a->account < b->account : a->instrument < b->instrument;
  });
  for (const Ledger::Position* position : positions) into.object(record_of(*position));
}

void write_sessions(const Sessions& sessions, base::ByteWriter& into) {
  for (std::uint32_t id = 1; id <= sessions.count(); ++id) {
    const Session& session = sessions[static_cast<SessionId>(id)];
    into.object(record_of(session));
    for (const AppliedNumbers::Gap& gap : session.numbers.gaps()) {
      into.little(gap.first);
      into.little(gap.last);
    }
  }
}

void write_control(const VenueState& state, base::ByteWriter& into) {
  for (const Operators::Operator& known : state.operators.all()) into.object(record_of(known));
  for (const Sequence sequence : state.quarantine.pending()) into.little(sequence);
  for (const Attestations::Record& record : state.attestations.records()) {
    if (record.sequence == 0) continue;
    into.object(record_of(record));
    for (const Attestations::Finding& finding : record.findings) into.object(record_of(finding));
  }
}

// What the icebergs among them hide is written further behind.
void write_orders(const market::OrderBooks& books, base::ByteWriter& into,
                  std::vector<snapshot::IcebergRecord>& icebergs) {
  std::vector<const market::Order*> orders;
  books.orders_by_entry(orders);
  into.reserve(into.size() + orders.size() * sizeof(snapshot::OrderRecord) + sizeof(std::uint64_t));
  for (const market::Order* order : orders) {
    into.object(record_of(*order));
    if (order->is_iceberg != 0) icebergs.push_back(record_of(*order, books.reserve(*order)));
  }
}

void write_stops(const Stops& stops, base::ByteWriter& into) {
  std::vector<market::Stop> waiting;
  stops.waiting().by_entry(waiting);
  into.object(snapshot::StopsHeader{static_cast<std::uint32_t>(waiting.size()),
                                    static_cast<std::uint32_t>(stops.pending().size())});
  const auto trailing =
      std::count_if(waiting.begin(), waiting.end(), [](const auto& stop) { return stop.trails(); });
  into.object(snapshot::TrailingStopsHeader{static_cast<std::uint32_t>(trailing), 0});
  for (const market::Stop& stop : waiting) {
    if (stop.trails()) into.object(snapshot::trailing_record_of(stop));
  }
  for (const market::Stop& stop : waiting) into.object(record_of(stop));
  for (const InstrumentId id : stops.pending()) into.object(record_of(id, stops.reach_of(id)));
}

void write_call_ends(const VenueState& state, base::ByteWriter& into) {
  std::vector<snapshot::CallEndRecord> records;
  for (std::uint32_t id = 1; id <= state.instruments.count(); ++id) {
    const auto instrument = static_cast<InstrumentId>(id);
    const CallEnd& end = state.instruments.auction(instrument).end;
    if (end.is_planned()) records.push_back(record_of(instrument, end));
  }
  into.object(
      snapshot::CallEndsHeader{state.plan.secret, static_cast<std::uint32_t>(records.size()), 0});
  for (const snapshot::CallEndRecord& record : records) into.object(record);
}

}  // namespace

void write_snapshot(const VenueState& state, base::ByteWriter& into) {
  const std::size_t start = into.size();
  write_header(state, into);
  write_reference_data(state, into);
  write_ledger(state.ledger, into);
  write_sessions(state.sessions, into);
  write_control(state, into);
  std::vector<snapshot::IcebergRecord> icebergs;
  write_orders(state.books, into, icebergs);
  write_stops(state.stops, into);
  into.object(record_of(state.plan));
  into.object(record_of(state.day_end));
  into.object(record_of(state.books.walk_place()));
  into.object(record_of(state.stops.waiting().walk_place()));
  write_call_ends(state, into);
  into.object(snapshot::IcebergsHeader{static_cast<std::uint32_t>(icebergs.size()), 0});
  for (const snapshot::IcebergRecord& iceberg : icebergs) into.object(iceberg);
  if (state.foundation.is_rebuilt) into.object(record_of(state.foundation));

  const std::size_t size = into.size() - start;
  const std::uint64_t with_hash = size + sizeof(std::uint64_t);
  base::store_little(into.data() + start + offsetof(snapshot::Header, size_bytes), with_hash);
  into.little(base::hash64(into.view().subspan(start, size)));
}

}  // namespace okiagari::venue
