#include "check/order_mix.h"

#include <fmt/format.h>

#include <array>

#include "base/assert.h"

namespace okiagari::check {
namespace {

// Long after any day that ends, and long before.
constexpr std::array<std::uint32_t, 3> kLastDays{20991231, 21490606, 19700102};

}  // namespace

OrderMix::OrderMix(std::uint64_t seed, std::vector<Tradable> instruments)
    : random_(seed), instruments_(std::move(instruments)) {
  ASSERT(!instruments_.empty(), "nothing to trade");
}

void OrderMix::draw(const OrderView& own, std::uint32_t next_user_reference,
                    base::ByteWriter& into) {
  const std::uint64_t kind = random_.below(std::uint64_t{1000});
  const bool full = own.size() >= kOpenOrdersMax;
  if (own.size() == 0 || (kind < 640 && !full)) return draw_order(next_user_reference, into);
  const OrderView::LiveOrder& target = own.at(random_.below(own.size()));
  if (kind < 790) return draw_replace(target, next_user_reference, into);
  if (kind < 995) return draw_cancel(target, into);
  draw_mass_cancel(next_user_reference, into);
}

std::uint64_t OrderMix::draw_price_e4(const Tradable& instrument, char side) {
  // A third of the prices lie on the other side of the middle and trade.
  const std::uint32_t ticks = random_.below(kTicksFromMiddle * 3);
  const std::uint32_t away = kTicksFromMiddle * 2;
  const std::uint32_t price_ticks =
      side == 'B' ? instrument.middle_ticks + ticks - away : instrument.middle_ticks + away - ticks;
  return std::uint64_t{price_ticks} * instrument.tick_e4;
}

const Tradable& OrderMix::find(const Symbol& symbol) const {
  for (const Tradable& instrument : instruments_) {
    if (instrument.symbol == symbol) return instrument;
  }
  return instruments_.front();
}

void OrderMix::draw_order(std::uint32_t user_reference, base::ByteWriter& into) {
  const Tradable& instrument = instruments_[random_.below(instruments_.size())];
  OuchEnter order;
  order.user_reference = user_reference;
  order.side = random_.one_in(2) ? 'B' : 'S';
  order.quantity = 1 + random_.below(100U);
  order.symbol = instrument.symbol;
  order.price_e4 = draw_price_e4(instrument, order.side);
  order.client_order_id = padded_client_order_id(fmt::format("C{}", user_reference));
  const std::uint64_t kind = random_.below(std::uint64_t{100});
  if (kind < 18) {
    make_immediate(order);
  } else if (kind < 26) {
    append_field(order.appendage, kTagPostOnly, base::as_bytes("P"));
  } else if (kind < 32) {
    append_field(order.appendage, kTagGoodTillCancel, base::as_bytes("Y"));
  } else if (kind < 34) {
    append_number(order.appendage, kTagLastDay, kLastDays[random_.below(3U)]);
  } else if (kind < 35) {
    append_field(order.appendage, kTagAtAuction, base::as_bytes("Y"));
  } else if (kind < 40) {
    make_waiting(order, instrument);
  } else if (kind < 46) {
    make_following(order, instrument);
  } else if (kind < 52) {
    append_number(order.appendage, kTagMaxFloor, 1 + random_.below(order.quantity));
  }
  if (random_.one_in(5)) {
    const std::array<char, 1> how = {static_cast<char>('1' + random_.below(3U))};
    append_field(order.appendage, kTagSelfTrade, base::object_bytes(how));
  }
  if (random_.one_in(50)) make_wrong(order);
  encode_ouch(into, order);
}

void OrderMix::make_immediate(OuchEnter& order) {
  const std::uint64_t kind = random_.below(std::uint64_t{3});
  order.time_in_force = '3';
  if (kind == 0) append_number(order.appendage, kTagMinimumQuantity, order.quantity);
  if (kind == 1) order.price_e4 = kOuchMarketPrice;
}

// A trigger on either side of the middle, so that it is reached now and then, some at once.
void OrderMix::make_waiting(OuchEnter& order, const Tradable& instrument) {
  if (random_.one_in(3)) order.price_e4 = kOuchMarketPrice;
  append_number(order.appendage, kTagTrigger, draw_price_e4(instrument, order.side));
}

void OrderMix::make_following(OuchEnter& order, const Tradable& instrument) {
  if (random_.one_in(3)) order.price_e4 = kOuchMarketPrice;
  append_number(order.appendage, kTagTrail, draw_distance_e4(instrument));
}

// So near that the price comes there; now and then none, or off the tick.
std::uint64_t OrderMix::draw_distance_e4(const Tradable& instrument) {
  const std::uint64_t distance_e4 =
      std::uint64_t{random_.below(kTicksFromMiddle)} * instrument.tick_e4;
  return random_.one_in(50) ? distance_e4 + 1 : distance_e4;
}

void OrderMix::make_wrong(OuchEnter& order) {
  switch (random_.below(4U)) {
    case 0:
      order.symbol = padded_symbol("NOSUCH");
      return;
    case 1:
      order.quantity = 0;
      order.appendage.clear();
      return;
    case 2:
      order.price_e4 += 1;  // off the tick, unless the tick is the smallest there is
      return;
    default:
      order.price_e4 = 0;
      return;
  }
}

void OrderMix::draw_replace(const OrderView::LiveOrder& target, std::uint32_t user_reference,
                            base::ByteWriter& into) {
  OuchReplace order;
  order.original_user_reference = target.user_reference;
  order.user_reference = user_reference;
  order.client_order_id = padded_client_order_id(fmt::format("R{}", user_reference));
  order.price_e4 = target.price_e4;
  // A size counts what has been filled already.
  const std::uint32_t whole = target.open + target.executed;
  switch (random_.below(3U)) {
    case 0:
      order.quantity = target.executed + 1 + random_.below(target.open);
      break;
    case 1:
      order.quantity = whole + random_.below(50U);
      break;
    default:
      order.quantity = whole;
      order.price_e4 = draw_price_e4(find(target.symbol), target.side);
      break;
  }
  if (random_.one_in(10)) {
    append_field(order.appendage, kTagGoodTillCancel,
                 base::as_bytes(random_.one_in(2) ? "Y" : "N"));
  }
  if (target.trigger_e4 == 0 && random_.one_in(12)) {
    append_number(order.appendage, kTagMaxFloor, random_.below(20U));
  }
  if (target.trigger_e4 != 0 && !random_.one_in(10)) {
    append_waiting(target, order);
  } else if (order.price_e4 == kOuchMarketPrice) {
    order.price_e4 = draw_price_e4(find(target.symbol), target.side);
  }
  encode_ouch(into, order);
}

// As before, elsewhere, or in the other way.
void OrderMix::append_waiting(const OrderView::LiveOrder& target, OuchReplace& order) {
  const Tradable& instrument = find(target.symbol);
  const bool follows = (target.distance_e4 != 0) != random_.one_in(6);
  const bool moves = random_.one_in(2);
  if (follows) {
    const bool stays = target.distance_e4 != 0 && !moves;
    append_number(order.appendage, kTagTrail,
                  stays ? target.distance_e4 : draw_distance_e4(instrument));
  } else {
    append_number(order.appendage, kTagTrigger,
                  moves ? draw_price_e4(instrument, target.side) : target.trigger_e4);
  }
}

void OrderMix::draw_cancel(const OrderView::LiveOrder& target, base::ByteWriter& into) {
  const bool partly = random_.one_in(4);
  encode_ouch(into, OuchCancel{.user_reference = target.user_reference,
                               .quantity = partly ? random_.below(target.open + 1) : 0});
}

void OrderMix::draw_mass_cancel(std::uint32_t user_reference, base::ByteWriter& into) {
  OuchMassCancel order;
  order.user_reference = user_reference;
  const bool everything = random_.one_in(4);
  order.symbol =
      everything ? padded_symbol("") : instruments_[random_.below(instruments_.size())].symbol;
  const std::uint64_t side = random_.below(std::uint64_t{3});
  if (side == 0) append_field(order.appendage, kTagSide, base::as_bytes("B"));
  if (side == 1) append_field(order.appendage, kTagSide, base::as_bytes("S"));
  encode_ouch(into, order);
}

}  // namespace okiagari::check
