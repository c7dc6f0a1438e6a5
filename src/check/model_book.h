// Order books as simply as they can be written: a map of prices and a list at each. Price, then
// time; trades at the resting price. What the checker believes the market must do.
#pragma once

#include <cstdint>
#include <functional>
#include <list>
#include <map>
#include <unordered_map>
#include <vector>

namespace okiagari::check {

struct ModelOrder {
  std::uint64_t key = 0;  // session << 32 | user reference
  std::uint64_t reference = 0;
  std::uint64_t entry = 0;  // counts the orders that came to rest
  std::int32_t price_ticks = 0;
  std::uint32_t open = 0;
  std::uint32_t display = 0;   // of an iceberg, the most that it shows at a time; else 0
  std::uint32_t hidden = 0;    // of what is open
  std::uint32_t executed = 0;  // since it was first entered, also under earlier numbers
  std::uint16_t instrument = 0;
  std::uint16_t member = 0;
  std::uint8_t side = 0;  // 0 buy, 1 sell
  // 0 day, 1 until cancelled, 2 immediate, 3 fill or kill, 4 at the auction, 5 till a date
  std::uint8_t time_in_force = 0;
  std::uint16_t last_day = 0;   // of one till a date, days since the epoch
  std::uint8_t self_trade = 0;  // 0 allowed, cancel: 1 the newest, 2 the oldest, 3 both
  bool is_market = false;
  bool post_only = false;

  [[nodiscard]] std::uint32_t shown() const { return open - hidden; }
  [[nodiscard]] bool may_rest() const {
    return !is_market && (time_in_force <= 1 || time_in_force == 5);
  }
};

[[nodiscard]] constexpr std::uint64_t model_key(std::uint16_t session, std::uint32_t reference) {
  return std::uint64_t{session} << 32 | reference;
}

inline constexpr std::uint8_t kAtAuction = 4;
inline constexpr std::uint8_t kGoodTillDate = 5;

class ModelBooks {
 public:
  enum class Outcome : std::uint8_t { taken, would_trade, cannot_fill, price_out_of_limits };

  // Called in the order of events; the maker as it was before.
  struct Listener {
    std::function<void(const ModelOrder& maker, std::uint32_t quantity)> on_fill;
    std::function<void(const ModelOrder& resting)> on_self_trade_cancel;
    // Of an iceberg that shows nothing any more: under which number it shows more; 0: it ends.
    std::function<std::uint64_t(const ModelOrder& maker)> on_nothing_shown;
  };

  struct Submitted {
    Outcome outcome = Outcome::taken;
    std::uint32_t resting = 0;
    std::uint32_t dropped = 0;
    bool dropped_by_self_trade = false;
  };

  void set_limits(std::uint16_t instrument, std::int32_t low_ticks, std::int32_t high_ticks);

  [[nodiscard]] Outcome judge(const ModelOrder& incoming) const;
  // Only after judge() said `taken`.
  Submitted submit(const ModelOrder& incoming, const Listener& listener);

  // Comes to rest without matching; a market order before all limits.
  void enter_call(const ModelOrder& incoming) { rest(incoming, incoming.open, 0, ++last_entry_); }
  // Of one instrument, oldest first.
  [[nodiscard]] std::vector<ModelOrder> orders_of(std::uint16_t instrument) const;

  // Null when it does not live.
  [[nodiscard]] const ModelOrder* find(std::uint64_t key) const;
  void remove(std::uint64_t key);
  // So many lots of it have traded in an auction, what is hidden last. True when more is open, but
  // nothing is shown any more.
  [[nodiscard]] bool execute(std::uint64_t key, std::uint32_t lots);
  // It shows its next lots, behind all that are shown.
  void show(std::uint64_t key, std::uint64_t reference);
  // What is hidden goes first.
  void reduce(std::uint64_t key, std::uint32_t open);
  void rename(std::uint64_t from, std::uint64_t to);
  // Of one session, oldest first.
  [[nodiscard]] std::vector<std::uint64_t> keys_of(std::uint16_t session) const;
  [[nodiscard]] std::size_t size() const { return places_.size(); }
  // Every live order, in no order that means anything.
  void for_each(const std::function<void(const ModelOrder&)>& visit) const;

 private:
  using Queue = std::list<ModelOrder>;
  struct Book {
    // By how good a price is to the other side: asks rise, bids (negated) too.
    std::map<std::int64_t, Queue> sides[2];
    std::int32_t low_ticks = 1;
    std::int32_t high_ticks = 1;
  };

  [[nodiscard]] static std::int64_t rank(std::uint8_t side, std::int32_t price_ticks) {
    return side == 0 ? -std::int64_t{price_ticks} : std::int64_t{price_ticks};
  }
  // The worst rank of the other side that the order trades with.
  [[nodiscard]] std::int64_t reach(const ModelOrder& incoming, const Book& book) const;
  [[nodiscard]] bool can_fill(const ModelOrder& incoming, const Book& book) const;
  void rest(const ModelOrder& incoming, std::uint32_t quantity, std::uint32_t filled,
            std::uint64_t entry);

  std::map<std::uint16_t, Book> books_;
  std::unordered_map<std::uint64_t, Queue::iterator> places_;
  std::uint64_t last_entry_ = 0;
};

}  // namespace okiagari::check
