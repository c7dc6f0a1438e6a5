// Goal: the books do what the naive reference model does, whatever orders come. Method: random
// commands of every kind go to both; answers and fills are compared one by one, the whole state
// every so often. Each market is bent towards other corners: one price or all of them, books that
// are always full, members that keep meeting themselves.
//
// OKIAGARI_SEED repeats a run; the seed is printed when one fails.
#include <gtest/gtest.h>

#include <cstdlib>
#include <random>
#include <string>
#include <tuple>
#include <vector>

#include "base/sanitized.h"
#include "market/naive_books.h"
#include "market/order_books.h"

namespace okiagari::market {

// Outside of the unnamed namespace, so that GoogleTest finds it.
void PrintTo(const Submitted& s, std::ostream* out) {
  *out << "result " << static_cast<int>(s.result) << ", filled " << s.filled << ", resting "
       << s.resting << ", dropped " << s.dropped
       << (s.dropped_by_self_trade_prevention ? " by self-trade prevention" : "");
}
bool operator==(const Submitted& a, const Submitted& b) {
  return std::tie(a.result, a.filled, a.resting, a.dropped, a.dropped_by_self_trade_prevention) ==
         std::tie(b.result, b.filled, b.resting, b.dropped, b.dropped_by_self_trade_prevention);
}

namespace {

#ifdef OKIAGARI_IS_SANITIZED
constexpr int kCommandsPerMarket = 60'000;
#else
constexpr int kCommandsPerMarket = 1'000'000;
#endif

std::uint64_t seed() {
  const char* given = std::getenv("OKIAGARI_SEED");
  return given == nullptr ? 20260101 : std::strtoull(given, nullptr, 10);
}

// How members number their orders. Sessions of the venue let references rise; the books must be
// right whatever comes.
enum class References { rise, fall, collide, any };

struct Market {
  const char* name;
  InstrumentId instruments;
  PriceTicks middle;
  PriceTicks width;         // prices are within half of this around the middle
  int far_percent;          // of orders priced anywhere from 1 to kMaxPriceTicks
  MemberId members;         // few: they meet themselves often
  std::size_t target_live;  // cancels hold the number of live orders about here
  std::uint32_t max_live;
  References references = References::rise;
  int iceberg_percent = 10;
};

void PrintTo(const Market& market, std::ostream* out) { *out << market.name; }

// What a listener heard, in order.
struct Heard {
  OrderKey maker;
  PriceTicks price;
  QuantityLots quantity;  // 0: cancelled by self-trade prevention
  QuantityLots remaining;
  bool operator==(const Heard&) const = default;
};
void PrintTo(const Heard& heard, std::ostream* out) {
  *out << heard.quantity << " of " << heard.remaining << " at " << heard.price << " with "
       << heard.maker;
}

struct Ears {
  OrderReference next_reference = 0;
  std::vector<Heard> heard{};
  void on_fill(const Order& maker, QuantityLots quantity) {
    heard.push_back({maker.key, maker.price, quantity, maker.remaining});
  }
  void on_self_trade_cancel(const Order& resting) {
    heard.push_back({resting.key, resting.price, 0, resting.remaining});
  }
  OrderReference on_replenish(const Order& maker, QuantityLots shown) {
    heard.push_back({maker.key, maker.price, shown, 0});
    return next_reference++;
  }
  OrderReference on_replenish(const NaiveBooks::Resting& maker, QuantityLots shown) {
    heard.push_back({maker.order.key, maker.order.price, shown, 0});
    return next_reference++;
  }
  void on_fill(const NaiveBooks::Resting& maker, QuantityLots quantity) {
    heard.push_back({maker.order.key, maker.order.price, quantity, maker.remaining});
  }
  void on_self_trade_cancel(const NaiveBooks::Resting& resting) {
    heard.push_back({resting.order.key, resting.order.price, 0, resting.remaining});
  }
};

using Told =
    std::tuple<OrderKey, OrderReference, PriceTicks, QuantityLots, QuantityLots, QuantityLots,
               AccountId, InstrumentId, MemberId, Side, TimeInForce, SelfTradePrevention>;
Told told(const Order& o, const Reserve& reserve) {
  return {o.key,     o.reference,  o.price,  o.remaining, reserve.peak,    reserve.hidden,
          o.account, o.instrument, o.member, o.side,      o.time_in_force, o.self_trade};
}
Told told(const NaiveBooks::Resting& r) {
  const Incoming& o = r.order;
  return {o.key,     o.reference,  o.price,  r.remaining, o.display,       r.hidden,
          o.account, o.instrument, o.member, o.side,      o.time_in_force, o.self_trade};
}

class Comparison {
 public:
  explicit Comparison(const Market& market)
      : market_(market),
        random_(seed()),
        real_({.max_live_orders = market.max_live, .max_instruments = market.instruments}),
        naive_(market.max_live) {
    for (InstrumentId i = 1; i <= market.instruments; ++i) {
      real_.add_instrument(i);
      naive_.add_instrument(i);
    }
  }

  void run() {
    for (int i = 0; i < kCommandsPerMarket && !testing::Test::HasFailure(); ++i) {
      SCOPED_TRACE("command " + std::to_string(i) + " of seed " + std::to_string(seed()));
      one_command();
      ASSERT_EQ(real_.live_orders(), naive_.live_orders());
      most_live_ = std::max(most_live_, naive_.live_orders());
      most_old_ = std::max(most_old_, real_.old_orders());
      if (i % 10'000 == 0) compare_everything();
    }
    compare_everything();
    while (!keys_.empty() && !testing::Test::HasFailure()) cancel_one();
    compare_everything();
    EXPECT_EQ(real_.live_orders(), 0u);
  }

 private:
  std::uint32_t draw(std::uint32_t below) { return static_cast<std::uint32_t>(random_() % below); }
  bool chance(std::uint32_t percent) { return draw(100) < percent; }

  PriceTicks draw_price(Side side) {
    if (chance(static_cast<std::uint32_t>(market_.far_percent))) {
      return 1 + static_cast<PriceTicks>(draw(kMaxPriceTicks));
    }
    // Two draws: prices near the middle are likelier.
    const auto half = static_cast<std::uint32_t>(market_.width / 2);
    auto distance =
        static_cast<PriceTicks>(draw(half + 1) + draw(half + 1)) - static_cast<PriceTicks>(half);
    // Mostly on the order's own side of the middle, so that books fill up.
    if (chance(70)) distance = side == Side::buy ? -std::abs(distance) : std::abs(distance);
    return market_.middle + distance;
  }

  OrderKey fresh_key() {
    const OrderKey owner = 1 + draw(5);
    return owner << 32 | fresh_reference();
  }
  std::uint32_t fresh_reference() {
    const std::uint32_t number = ++last_user_reference_;
    switch (market_.references) {
      case References::rise:
        break;
      case References::fall:
        return 0xFFFFFFFF - number;
      case References::collide:
        return number << 16 | number >> 16;  // one place in a window of any size, mostly
      case References::any:
        return static_cast<std::uint32_t>(random_());
    }
    return number;
  }
  // Mostly live, sometimes gone or never heard of.
  OrderKey some_key() {
    if (keys_.empty() || chance(2)) return fresh_key();
    return keys_[draw(static_cast<std::uint32_t>(keys_.size()))];
  }

  Incoming draw_order() {
    Incoming order{};
    order.key = chance(1) ? some_key() : fresh_key();
    order.reference = ++last_reference_;
    order.quantity = 1 + draw(chance(5) ? 2000 : 20);
    order.account = 1 + draw(9);
    order.instrument = static_cast<InstrumentId>(1 + draw(market_.instruments));
    order.member = static_cast<MemberId>(1 + draw(market_.members));
    order.side = chance(50) ? Side::buy : Side::sell;
    order.price = draw_price(order.side);
    order.type = chance(5) ? PriceType::market : PriceType::limit;
    order.time_in_force = chance(70)   ? TimeInForce::day
                          : chance(30) ? TimeInForce::good_till_cancel
                          : chance(30) ? TimeInForce::good_till_date
                          : chance(50) ? TimeInForce::immediate_or_cancel
                                       : TimeInForce::fill_or_kill;
    order.self_trade = static_cast<SelfTradePrevention>(draw(4));
    order.post_only = chance(8);
    if (chance(static_cast<std::uint32_t>(market_.iceberg_percent))) {
      order.quantity = 1 + draw(60);
      order.display = 1 + draw(chance(50) ? 5 : 60);
    }
    return order;
  }

  void one_command() {
    const bool is_crowded = naive_.live_orders() > market_.target_live;
    const std::uint32_t kind = draw(100);
    if (kind < (is_crowded ? 25u : 65u)) {
      submit_one();
    } else if (kind < 90) {
      cancel_one();
    } else if (kind < 94) {
      reduce_one();
    } else if (kind < 97) {
      rename_one();
    } else if (kind < 99) {
      rest_one();
    } else if (chance(95)) {
      move_limits();
    } else {
      mass_cancel();
    }
  }

  void submit_one() {
    const Incoming order = draw_order();
    Ears real{last_reference_ + 1}, naive{last_reference_ + 1};
    const Submitted answer = real_.submit(order, real);
    ASSERT_EQ(answer, naive_.submit(order, naive));
    ASSERT_EQ(real.heard, naive.heard);
    last_reference_ = real.next_reference - 1;
    replenished_ += real.next_reference > order.reference + 1;
    ++results_[static_cast<std::size_t>(answer.result)];
    if (answer.resting > 0) keys_.push_back(order.key);
  }

  void rest_one() {
    Incoming order = draw_order();
    order.type = PriceType::limit;
    order.time_in_force = TimeInForce::day;
    // At the edge of the market: a crossed book would trade itself away.
    const PriceTicks edge = market_.width / 2 + static_cast<PriceTicks>(draw(50));
    order.price = order.side == Side::buy ? std::max(1, market_.middle - edge)
                                          : std::min(kMaxPriceTicks, market_.middle + edge);
    const bool rests = naive_.rest(order);
    ASSERT_EQ(real_.rest(order), rests);
    if (rests) keys_.push_back(order.key);
  }

  void cancel_one() {
    if (keys_.empty()) return;
    const std::size_t at = draw(static_cast<std::uint32_t>(keys_.size()));
    const OrderKey key = keys_[at];
    keys_[at] = keys_.back();
    keys_.pop_back();
    const NaiveBooks::Resting* naive = naive_.find(key);
    const Order* real = real_.find(key);
    ASSERT_EQ(real != nullptr, naive != nullptr);
    const Reserve reserve = real == nullptr ? Reserve{} : real_.reserve(*real);
    Order removed{};
    ASSERT_EQ(real_.cancel(key, &removed), naive != nullptr);
    if (naive == nullptr) return;
    ASSERT_EQ(told(removed, reserve), told(*naive));
    naive_.cancel(key);
  }

  void mass_cancel() {
    const std::uint32_t owner = 1 + draw(5);
    std::vector<OrderKey> keys;
    real_.keys_of_owner(owner, keys);
    ASSERT_EQ(keys, naive_.keys_of_owner(owner));
    for (const OrderKey key : keys) {
      ASSERT_TRUE(real_.cancel(key));
      ASSERT_TRUE(naive_.cancel(key));
    }
  }

  void reduce_one() {
    const OrderKey key = some_key();
    const QuantityLots open = draw(chance(50) ? 20 : 60);
    ASSERT_EQ(real_.reduce(key, open), naive_.reduce(key, open));
  }

  void rename_one() {
    const OrderKey from = some_key();
    OrderKey to = chance(10) ? some_key() : fresh_key();
    if (chance(90)) to = (from >> 32 << 32) | (to & 0xFFFFFFFF);
    const bool renamed = naive_.rename(from, to, ++last_reference_);
    ASSERT_EQ(real_.rename(from, to, last_reference_), renamed);
    if (renamed) keys_.push_back(to);
  }

  void move_limits() {
    const auto instrument = static_cast<InstrumentId>(1 + draw(market_.instruments));
    PriceTicks low = 1;
    PriceTicks high = kMaxPriceTicks;
    if (chance(50)) {
      const auto eighth = static_cast<std::uint32_t>(market_.width / 8 + 1);
      low = std::max(1, market_.middle - static_cast<PriceTicks>(draw(eighth)));
      high = std::min(kMaxPriceTicks, market_.middle + static_cast<PriceTicks>(draw(eighth)));
    }
    real_.set_price_limits(instrument, low, high);
    naive_.set_price_limits(instrument, low, high);
  }

  void compare_everything() {
    const base::Status sound = real_.check_invariants();
    ASSERT_TRUE(sound.ok()) << sound.error().message;
    for (InstrumentId i = 1; i <= market_.instruments; ++i) {
      compare_side(i, Side::buy);
      compare_side(i, Side::sell);
    }
    for (std::uint32_t owner = 0; owner <= 6; ++owner) {
      std::vector<OrderKey> keys;
      real_.keys_of_owner(owner, keys);
      ASSERT_EQ(keys, naive_.keys_of_owner(owner));
    }
  }

  void compare_side(InstrumentId instrument, Side side) {
    std::vector<Told> real, naive;
    real_.for_each_order(instrument, side,
                         [&](const Order& o) { real.push_back(told(o, real_.reserve(o))); });
    const auto resting = naive_.orders(instrument, side);
    std::vector<Level> levels;
    for (const NaiveBooks::Resting& r : resting) {
      naive.push_back(told(r));
      if (levels.empty() || levels.back().price != r.order.price) {
        levels.push_back({r.order.price, 0});
      }
      levels.back().quantity += r.remaining;
    }
    ASSERT_EQ(real, naive);
    compare_levels(instrument, side, levels);
    const Order* front = real_.front(instrument, side);
    ASSERT_EQ(front == nullptr, naive.empty());
    if (front != nullptr) {
      ASSERT_EQ(told(*front, real_.reserve(*front)), naive.front());
    }
  }

  void compare_levels(InstrumentId instrument, Side side, const std::vector<Level>& expected) {
    std::vector<Level> levels;
    real_.levels(instrument, side, 1'000'000, levels);
    ASSERT_EQ(levels.size(), expected.size());
    for (std::size_t i = 0; i < levels.size(); ++i) {
      ASSERT_EQ(levels[i].price, expected[i].price);
      ASSERT_EQ(levels[i].quantity, expected[i].quantity);
    }
    Level best{};
    ASSERT_EQ(real_.best(instrument, side, best), !expected.empty());
    if (!expected.empty()) {
      ASSERT_EQ(best.price, expected[0].price);
    }
  }

 public:
  // How often each SubmitResult was given.
  std::array<int, 6> results_{};
  std::size_t most_live_ = 0;
  std::uint32_t most_old_ = 0;
  int replenished_ = 0;  // submits in which an iceberg was

 private:
  Market market_;
  std::mt19937_64 random_;
  OrderBooks real_;
  NaiveBooks naive_;
  std::vector<OrderKey> keys_;  // that have rested; some are gone
  std::uint32_t last_user_reference_ = 0;
  OrderReference last_reference_ = 0;
};

class RandomOrders : public testing::TestWithParam<Market> {};

TEST_P(RandomOrders, AreTreatedAsTheNaiveBooksTreatThem) {
  Comparison comparison(GetParam());
  comparison.run();
  const auto times = [&](SubmitResult result) {
    return comparison.results_[static_cast<std::size_t>(result)];
  };
  EXPECT_GT(times(SubmitResult::done), 0);
  EXPECT_GT(times(SubmitResult::duplicate_key), 0);
  EXPECT_GT(times(SubmitResult::would_trade), 0);
  EXPECT_GT(times(SubmitResult::cannot_fill), 0);
  EXPECT_GT(times(SubmitResult::price_out_of_limits), 0);
  EXPECT_GT(comparison.most_live_, GetParam().target_live / 2);
  EXPECT_EQ(times(SubmitResult::books_full) > 0, GetParam().max_live < 1000);
  EXPECT_GT(comparison.most_old_, 0u);
  EXPECT_GT(comparison.replenished_, 0);
}

constexpr PriceTicks kTop = kMaxPriceTicks;
INSTANTIATE_TEST_SUITE_P(
    Markets, RandomOrders,
    testing::Values(
        Market{"one_price", 1, 100, 1, 1, 5, 50, 100'000},
        Market{"thin_book", 1, 100'000, 10, 0, 3, 20, 100'000},
        Market{"deep_book", 1, 100'000, 200, 0, 50, 2'000, 100'000},
        Market{"stub_quotes_far_away", 2, 32'768, 2'000, 5, 10, 500, 100'000},
        Market{"astride_node_borders", 3, 1 << 21, 70'000, 1, 10, 500, 100'000},
        Market{"all_prices", 2, kTop / 2, kTop - 4, 0, 5, 1'000, 100'000},
        Market{"bottom_of_prices", 1, 300, 598, 0, 4, 300, 100'000},
        Market{"top_of_prices", 1, kTop - 299, 598, 0, 4, 300, 100'000},
        Market{"many_instruments", 300, 5'000, 100, 1, 20, 3'000, 100'000},
        Market{"members_meet_themselves", 1, 1'000, 30, 0, 1, 100, 100'000},
        Market{"mostly_icebergs", 2, 1'000, 30, 0, 5, 100, 100'000, References::rise, 70},
        Market{"always_full", 2, 1'000, 400, 10, 5, 400, 300},
        Market{"references_fall", 1, 1'000, 100, 0, 10, 500, 100'000, References::fall},
        Market{"references_collide", 1, 1'000, 100, 0, 10, 500, 100'000, References::collide},
        Market{"references_anywhere", 1, 1'000, 100, 0, 10, 500, 100'000, References::any}),
    [](const testing::TestParamInfo<Market>& market) { return std::string(market.param.name); });

}  // namespace
}  // namespace okiagari::market
