#include "client/load.h"

#include <algorithm>
#include <bit>
#include <chrono>
#include <utility>

#include "client/order_entry.h"

namespace okiagari::client {

namespace ouch = wire::ouch;

namespace {

// Orders that are due are sent together this often: a member's pace, and no busy waiting on the
// cores that the servers share.
constexpr std::uint64_t kPaceNs = 100'000;
// Prices around the middle: about one order in four meets another.
constexpr std::uint64_t kPassiveTicks = 20;
constexpr std::uint64_t kCrossingTicks = 5;
constexpr std::uint64_t kQuantityMax = 10;

class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(seed * 0x9E3779B97F4A7C15 + 1) {}
  std::uint64_t below(std::uint64_t bound) {
    state_ ^= state_ << 13;
    state_ ^= state_ >> 7;
    state_ ^= state_ << 17;
    return (state_ >> 11) % bound;
  }

 private:
  std::uint64_t state_;
};

}  // namespace

// One session's share of the load.
class Load::Trader final : private OrderEntrySession::Listener {
 public:
  Trader(net::Loop& loop, Load& load, SoupAccess access, std::uint64_t seed)
      : load_(load),
        name_(access.name),
        random_(seed),
        slots_(
            std::bit_ceil(4 * std::size_t{load.options_.window + load.options_.live_orders_max})),
        session_(loop, *this, std::move(access)) {}

  // False when it cannot send now, or has a full window.
  bool enter(std::uint64_t due_ns) {
    if (unanswered_ >= load_.options_.window) return false;
    const LoadOptions& options = load_.options_;
    const bool is_buy = random_.below(2) == 0;
    const std::uint64_t crossing_ticks = options.crosses ? kCrossingTicks : 0;
    // Between the best of both sides there is room when none shall meet.
    const std::uint64_t offset =
        random_.below(kPassiveTicks + crossing_ticks) + (options.crosses ? 0 : 1);
    const std::uint64_t away_e4 = offset * options.tick_e4;
    const std::uint64_t crossing_e4 = crossing_ticks * options.tick_e4;
    OrderTicket ticket;
    ticket.symbol = options.symbols[random_.below(options.symbols.size())];
    ticket.side = is_buy ? Side::buy : Side::sell;
    ticket.quantity = static_cast<QuantityLots>(1 + random_.below(kQuantityMax));
    ticket.price_e4 = is_buy ? options.mid_price_e4 + crossing_e4 - away_e4
                             : options.mid_price_e4 - crossing_e4 + away_e4;
    const std::uint32_t number = session_.enter(ticket);
    if (number == 0) return false;
    slot(number) = {due_ns, number, ticket.quantity};
    ++unanswered_;
    ++load_.figures_.orders_sent;
    return true;
  }

  [[nodiscard]] bool is_ready() const { return session_.is_ready(); }
  [[nodiscard]] bool is_refused() const { return session_.is_refused(); }
  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] std::uint32_t unanswered() const { return unanswered_; }
  void flush() { session_.flush(); }
  void tick(std::uint64_t now_ms) { session_.tick(now_ms); }
  [[nodiscard]] std::uint64_t next_deadline_ms() const { return session_.next_deadline_ms(); }
  void close(bool log_out) { session_.close(log_out); }

 private:
  struct Slot {
    std::uint64_t due_ns = 0;
    std::uint32_t number = 0;  // 0: answered
    QuantityLots open = 0;
  };
  Slot& slot(std::uint32_t number) { return slots_[number & (slots_.size() - 1)]; }

  // An order may be answered once only; what a replay tells of older runs is nobody's.
  bool settle(std::uint32_t number) {
    Slot& mine = slot(number);
    if (mine.number != number || mine.due_ns == 0) return false;
    --unanswered_;
    load_.acknowledged(std::exchange(mine.due_ns, 0));
    return true;
  }
  void take_from(std::uint32_t number, QuantityLots quantity) {
    Slot& mine = slot(number);
    if (mine.number == number) mine.open -= std::min(mine.open, quantity);
  }

  void on_accepted(std::uint64_t, const ouch::Accepted& message) override {
    if (!settle(message.user_reference)) return;
    ++load_.figures_.orders_acknowledged;
    live_.push_back(message.user_reference);
    if (live_.size() - oldest_live_ <= load_.options_.live_orders_max) return;
    const std::uint32_t oldest = live_[oldest_live_++];
    if (oldest_live_ >= 4'096) {
      live_.erase(live_.begin(), live_.begin() + static_cast<std::ptrdiff_t>(oldest_live_));
      oldest_live_ = 0;
    }
    const Slot& old = slot(oldest);
    if (old.number == oldest && old.open > 0 && session_.cancel(oldest)) {
      ++load_.figures_.cancels_sent;
    }
  }
  void on_rejected(std::uint64_t, const ouch::Rejected& message) override {
    if (settle(message.user_reference)) ++load_.figures_.orders_rejected;
  }
  void on_executed(std::uint64_t, const ouch::Executed& message) override {
    ++load_.figures_.executions;
    take_from(message.user_reference, message.quantity);
  }
  void on_canceled(std::uint64_t, const ouch::Canceled& message) override {
    ++load_.figures_.cancels_answered;
    take_from(message.user_reference, message.quantity);
  }
  void on_cancel_rejected(std::uint64_t, const ouch::CancelReject&) override {
    ++load_.figures_.cancels_answered;
  }
  void on_refusal(const ouch::LocalRefusal& refusal) override {
    if (refusal.refused_type != ouch::EnterOrder::kType) return;
    Slot& mine = slot(refusal.user_reference);
    if (mine.number != refusal.user_reference || mine.due_ns == 0) return;
    mine.due_ns = 0;
    --unanswered_;
    ++load_.figures_.orders_refused;
  }
  void on_lost(const std::string&) override { ++load_.figures_.connections_lost; }

  Load& load_;
  std::string name_;
  Random random_;
  std::vector<Slot> slots_;
  std::vector<std::uint32_t> live_;
  std::size_t oldest_live_ = 0;
  std::uint32_t unanswered_ = 0;
  OrderEntrySession session_;
};

Load::Load(net::Loop& loop, LoadOptions options)
    : options_(std::move(options)), timer_(loop.context()) {
  std::uint64_t seed = options_.seed;
  for (const SoupAccess& access : options_.sessions) {
    traders_.push_back(std::make_unique<Trader>(loop, *this, access, ++seed));
  }
}

Load::~Load() = default;

bool Load::is_ready() const {
  return std::all_of(traders_.begin(), traders_.end(), [](const auto& t) { return t->is_ready(); });
}

std::string Load::refused_session() const {
  for (const auto& trader : traders_) {
    if (trader->is_refused()) return trader->name();
  }
  return {};
}

std::uint64_t Load::unanswered() const {
  std::uint64_t sum = 0;
  for (const auto& trader : traders_) sum += trader->unanswered();
  return sum;
}

void Load::start(std::uint64_t orders_per_second) {
  options_.orders_per_second = orders_per_second;
  is_running_ = true;
  started_ns_ = net::Loop::now_ns();
  scheduled_ = 0;
}

void Load::end_turn() {
  const std::uint64_t now_ns = net::Loop::now_ns();
  const std::uint64_t now_ms = now_ns / 1'000'000;
  for (const auto& trader : traders_) {
    if (now_ms >= trader->next_deadline_ms()) trader->tick(now_ms);
  }
  if (is_running_ && options_.orders_per_second == 0) fill_windows(now_ns);
  if (is_running_ && options_.orders_per_second != 0) send_due(now_ns);
  for (const auto& trader : traders_) trader->flush();
}

std::uint64_t Load::next_deadline_ms() const {
  std::uint64_t deadline_ms = UINT64_MAX;
  for (const auto& trader : traders_) {
    deadline_ms = std::min(deadline_ms, trader->next_deadline_ms());
  }
  return deadline_ms;
}

void Load::fill_windows(std::uint64_t now_ns) {
  for (const auto& trader : traders_) {
    while (trader->enter(now_ns)) {
    }
  }
}

// Every order that is due by now goes to the next session that takes it. What nobody takes stays
// due, and its latency runs.
void Load::send_due(std::uint64_t now_ns) {
  const std::uint64_t rate = options_.orders_per_second;
  const auto due = static_cast<std::uint64_t>(static_cast<__int128>(now_ns - started_ns_) * rate /
                                              1'000'000'000);
  while (scheduled_ < due) {
    const auto after_ns =
        static_cast<std::uint64_t>(static_cast<__int128>(scheduled_) * 1'000'000'000 / rate);
    bool taken = false;
    for (std::size_t tries = 0; tries < traders_.size() && !taken; ++tries) {
      taken = traders_[next_trader_]->enter(started_ns_ + after_ns);
      next_trader_ = (next_trader_ + 1) % traders_.size();
    }
    if (!taken) break;
    ++scheduled_;
  }
  wake_at(now_ns + kPaceNs);
}

void Load::wake_at(std::uint64_t when_ns) {
  if (std::exchange(is_timer_armed_, true)) return;
  timer_.expires_at(std::chrono::steady_clock::time_point(std::chrono::nanoseconds(when_ns)));
  timer_.async_wait([this](const boost::system::error_code& error) {
    if (!error) is_timer_armed_ = false;
  });
}

void Load::acknowledged(std::uint64_t due_ns) {
  const std::uint64_t now_ns = net::Loop::now_ns();
  figures_.latency.add(now_ns - due_ns);
  if (last_acknowledgement_ns_ != 0) {
    longest_gap_ns_ = std::max(longest_gap_ns_, now_ns - last_acknowledgement_ns_);
  }
  last_acknowledgement_ns_ = now_ns;
}

void Load::begin_measurement() {
  figures_ = {};
  reset_longest_gap();
}

void Load::reset_longest_gap() { longest_gap_ns_ = 0; }

std::uint64_t Load::longest_gap_ns() const {
  if (last_acknowledgement_ns_ == 0) return longest_gap_ns_;
  return std::max(longest_gap_ns_, net::Loop::now_ns() - last_acknowledgement_ns_);
}

void Load::close(bool log_out) {
  for (const auto& trader : traders_) trader->close(log_out);
}

}  // namespace okiagari::client
