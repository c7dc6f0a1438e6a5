// Rooms: venue market
// Commands, one behind the other, to a small market in which orders rest. Whatever they are, the
// venue holds together afterwards, and a second one that gets the same says the same.
#include <cstdint>

#include "base/assert.h"
#include "venue/batch_writer.h"
#include "venue/venue.h"

namespace {

using namespace okiagari;
using namespace okiagari::venue;

NewOrder order(SessionId session, Side side, std::uint64_t price_e4) {
  NewOrder command{};
  command.header.session = session;
  command.header.gateway = 1;
  command.header.epoch = 1;
  command.header.stream_number = 1;
  command.user_reference = 1;
  command.quantity = 10;
  command.price_e4 = price_e4;
  command.instrument = 1;
  command.side = side;
  return command;
}

void found(Venue& venue) {
  BatchWriter batch;
  AddInstrument instrument{};
  instrument.symbol = {'A', ' ', ' ', ' ', ' ', ' ', ' ', ' '};
  instrument.tick_e4 = 1;
  instrument.money_per_tick_lot = 1;
  instrument.low_limit = 1;
  instrument.high_limit = 1'000;
  instrument.state = InstrumentState::full;
  for (instrument.instrument = 1; instrument.instrument <= 2; ++instrument.instrument) {
    batch.add(instrument);
  }
  for (std::uint16_t id = 1; id <= 2; ++id) {
    AddMember member{};
    member.member = id;
    member.firm = {'F', 'I', 'R', 'M'};
    batch.add(member);
    AddAccount account{};
    account.account = account.member = id;
    batch.add(account);
    AdjustFunds funds{};
    funds.account = id;
    funds.amount_low = 1'000'000;
    for (funds.asset = 0; funds.asset <= 2; ++funds.asset) {
      funds.transfer_number = funds.asset + 1u;
      batch.add(funds);
    }
    AddSession session{};
    session.added_session = session.member = id;
    session.default_account = id;
    batch.add(session);
    Login login{};
    login.header.session = id;
    login.header.gateway = 1;
    login.cancel_on_disconnect = 1;
    batch.add(login);
  }
  batch.add(order(1, Side::buy, 100));
  batch.add(order(2, Side::sell, 101));
  base::ByteWriter events;
  venue.apply_batch(batch.finish(1), events);
}

// The commands under a header that fits them, as far as they are whole.
void apply(base::Bytes commands, Venue& venue, base::ByteWriter& events) {
  BatchWriter batch;
  while (commands.size() >= sizeof(CommandHeader)) {
    const auto size = base::load_little<std::uint16_t>(commands.data());
    if (size < sizeof(CommandHeader) || size > commands.size()) break;
    batch.add_raw(commands.first(size));
    commands = commands.subspan(size);
  }
  venue.apply_batch(batch.finish(2), events);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const base::Bytes commands(reinterpret_cast<const std::byte*>(data), size);
  Venue venue{Limits{}};
  Venue twin{Limits{}};
  base::ByteWriter events;
  base::ByteWriter same_events;
  found(venue);
  found(twin);
  // As a batch, which it hardly ever is, and as what is in one.
  venue.apply_batch(commands, events);
  twin.apply_batch(commands, same_events);
  apply(commands, venue, events);
  apply(commands, twin, same_events);
  ASSERT(venue.state_hash() == twin.state_hash() && events.size() == same_events.size());
  const base::Status status = venue.check_invariants();
  ASSERT(status.ok(), "{}", status.ok() ? "" : status.error().message);
  return 0;
}
