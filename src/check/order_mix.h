// Draws what a member sends next: every kind of message the market knows, mostly sensible,
// sometimes wrong on purpose. The same seed and the same answers give the same messages.
#pragma once

#include <cstdint>
#include <vector>

#include "base/bytes.h"
#include "check/order_view.h"
#include "check/ouch.h"
#include "check/random.h"

namespace okiagari::check {

struct Tradable {
  Symbol symbol{};
  std::uint32_t tick_e4 = 100;
  std::uint32_t middle_ticks = 10'000;  // around which orders are priced
};

class OrderMix {
 public:
  OrderMix(std::uint64_t seed, std::vector<Tradable> instruments);

  // Writes a new order.
  void draw_order(std::uint32_t user_reference, base::ByteWriter& into);
  // Writes one message; an order or a replace takes `next_user_reference`.
  void draw(const OrderView& own, std::uint32_t next_user_reference, base::ByteWriter& into);

 private:
  // Few orders to a session, so that books stay short and orders meet.
  static constexpr std::size_t kOpenOrdersMax = 200;
  static constexpr std::uint32_t kTicksFromMiddle = 8;

  void make_immediate(OuchEnter& order);
  void make_waiting(OuchEnter& order, const Tradable& instrument);
  void make_following(OuchEnter& order, const Tradable& instrument);
  void make_wrong(OuchEnter& order);
  void draw_replace(const OrderView::LiveOrder& target, std::uint32_t user_reference,
                    base::ByteWriter& into);
  // How a replacement goes on waiting.
  void append_waiting(const OrderView::LiveOrder& target, OuchReplace& order);
  void draw_cancel(const OrderView::LiveOrder& target, base::ByteWriter& into);
  void draw_mass_cancel(std::uint32_t user_reference, base::ByteWriter& into);
  [[nodiscard]] std::uint64_t draw_distance_e4(const Tradable& instrument);
  [[nodiscard]] std::uint64_t draw_price_e4(const Tradable& instrument, char side);
  [[nodiscard]] const Tradable& find(const Symbol& symbol) const;

  Random random_;
  std::vector<Tradable> instruments_;
};

}  // namespace okiagari::check
