#include "recordings/itch_replay.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "recordings/itch_file.h"
#include "recordings/recorded_market.h"

namespace okiagari::recordings {

namespace {

constexpr std::size_t kInstrumentsMax = 9'999;
constexpr std::uint32_t kPriceDecimals = 4;

struct Counts {
  std::array<std::uint64_t, 128> by_type{};
  std::uint64_t symbols = 0;
  std::uint64_t entered = 0;
  std::uint64_t would_trade = 0;
  std::uint64_t out_of_range = 0;
  std::uint64_t unknown_orders = 0;
  std::uint64_t too_many = 0;  // of an order that has less
  std::uint64_t executions = 0;
  std::uint64_t at_best = 0;
  std::uint64_t of_first = 0;
  std::uint64_t at_other_price = 0;
};

class Replayer {
 public:
  explicit Replayer(bool keeps_flow) : market(keeps_flow) {}

  [[nodiscard]] base::Status take(const check::ItchMessage& message);

  RecordedMarket market;
  Counts counts;

 private:
  struct Order {
    std::uint32_t user_reference = 0;  // 0: not in the venue's book
    QuantityLots lots = 0;
    std::int64_t price_ticks = 0;
    InstrumentId instrument = 0;
    Side side = Side::buy;
  };
  using Orders = std::unordered_map<std::uint64_t, Order>;

  [[nodiscard]] base::Status add(const check::ItchMessage& message);
  void enter(Order order, std::uint64_t reference);
  [[nodiscard]] Orders::iterator find(std::uint64_t reference);
  void lower(Orders::iterator order, QuantityLots by);
  void remove(Orders::iterator order);
  void execute(const check::ItchMessage& message);
  void replace(const check::ItchMessage& message);

  std::vector<InstrumentId> instruments_;  // by locate; 0: not listed
  std::size_t listed_ = 0;
  std::set<std::string> symbols_;
  Orders orders_;
};

base::Status Replayer::take(const check::ItchMessage& message) {
  ++counts.by_type[static_cast<unsigned char>(message.type) % counts.by_type.size()];
  // Messages that say nothing about the book have no time of their own here.
  if (message.time_ns > 0) market.set_time(message.time_ns);
  switch (message.type) {
    case check::kItchDirectory:
      ++counts.symbols;
      return {};
    case check::kItchAdd:
    case check::kItchAddAttributed:
      return add(message);
    case check::kItchExecuted:
    case check::kItchExecutedAtPrice:
      execute(message);
      return {};
    case check::kItchCancel:
      if (const auto order = find(message.reference); order != orders_.end()) {
        lower(order, message.quantity);
      }
      return {};
    case check::kItchDelete:
      if (const auto order = find(message.reference); order != orders_.end()) remove(order);
      return {};
    case check::kItchReplace:
      replace(message);
      return {};
    default:
      return {};
  }
}

base::Status Replayer::add(const check::ItchMessage& message) {
  if (message.locate >= instruments_.size()) instruments_.resize(message.locate + std::size_t{1});
  InstrumentId& instrument = instruments_[message.locate];
  if (instrument == 0) {
    if (listed_ >= kInstrumentsMax) {
      return base::Error{fmt::format("orders on more than {} instruments", kInstrumentsMax)};
    }
    std::string symbol(message.symbol.begin(), message.symbol.end());
    symbol.erase(symbol.find_last_not_of(' ') + 1);
    const bool is_printable =
        std::ranges::all_of(symbol, [](char c) { return c >= ' ' && c <= '~'; });
    if (symbol.empty() || symbol[0] == ' ' || !is_printable) {
      return base::Error{"an order without a symbol"};
    }
    if (!symbols_.insert(symbol).second) {
      return base::Error{fmt::format("{} has two locates", symbol)};
    }
    instrument = market.list({symbol, kPriceDecimals, 0});
    ++listed_;
  }
  Order order;
  order.lots = message.quantity;
  order.price_ticks = message.price_e4;
  order.instrument = instrument;
  order.side = message.side == 'B' ? Side::buy : Side::sell;
  enter(order, message.reference);
  return {};
}

void Replayer::enter(Order order, std::uint64_t reference) {
  const bool is_in_range = order.price_ticks >= 1 && order.price_ticks <= kMaxPriceTicks &&
                           order.lots >= 1 && order.lots <= kMaxQuantityLots;
  const auto other = market.first(order.instrument, opposite(order.side));
  const bool would_trade =
      other && (order.side == Side::buy ? order.price_ticks >= other->price_ticks
                                        : order.price_ticks <= other->price_ticks);
  counts.out_of_range += is_in_range ? 0 : 1;
  counts.would_trade += is_in_range && would_trade ? 1 : 0;
  if (is_in_range && !would_trade) {
    ++counts.entered;
    order.user_reference = market.rest(order.instrument, order.side, order.price_ticks, order.lots);
  }
  orders_[reference] = order;
}

Replayer::Orders::iterator Replayer::find(std::uint64_t reference) {
  const auto found = orders_.find(reference);
  if (found == orders_.end()) ++counts.unknown_orders;
  return found;
}

void Replayer::lower(Orders::iterator found, QuantityLots by) {
  Order& order = found->second;
  if (by > order.lots) ++counts.too_many;
  order.lots -= std::min(order.lots, by);
  if (order.user_reference != 0) market.lower(order.user_reference, order.lots);
  if (order.lots == 0) orders_.erase(found);
}

void Replayer::remove(Orders::iterator found) { lower(found, found->second.lots); }

void Replayer::execute(const check::ItchMessage& message) {
  const auto found = find(message.reference);
  if (found == orders_.end()) return;
  Order& order = found->second;
  if (message.type == check::kItchExecutedAtPrice && message.price_e4 != order.price_ticks) {
    ++counts.at_other_price;
    return lower(found, message.quantity);
  }
  if (order.user_reference == 0) return lower(found, message.quantity);
  ++counts.executions;
  const auto first = market.first(order.instrument, order.side);
  const bool is_at_best = first && first->price_ticks == order.price_ticks;
  const bool is_first = first && first->user_reference == order.user_reference;
  counts.at_best += is_at_best ? 1 : 0;
  if (!is_first || message.quantity > order.lots || message.quantity == 0) {
    return lower(found, message.quantity);
  }
  market.take(order.instrument, opposite(order.side), order.price_ticks, message.quantity);
  const auto& hits = market.hits();
  const bool is_as_named = hits.size() == 1 && hits[0].user_reference == order.user_reference &&
                           hits[0].lots == message.quantity &&
                           hits[0].price_ticks == order.price_ticks;
  counts.of_first += is_as_named ? 1 : 0;
  order.lots -= message.quantity;
  if (order.lots == 0) orders_.erase(found);
}

void Replayer::replace(const check::ItchMessage& message) {
  const auto found = find(message.reference);
  if (found == orders_.end()) return;
  Order order = found->second;
  remove(found);
  order.user_reference = 0;
  order.lots = message.quantity;
  order.price_ticks = message.price_e4;
  enter(order, message.new_reference);
}

void judge(const std::string& name, const ItchFile& file, const Replayer& replayer,
           base::Report& report) {
  const Counts& counts = replayer.counts;
  const auto told = [&](const std::string& what, std::uint64_t value, const char* unit) {
    report.figure(fmt::format("{}: {}", name, what), static_cast<double>(value), unit);
  };
  const auto zero = [&](const char* what, std::uint64_t value) {
    report.check(fmt::format("{}: {}", name, what), static_cast<std::int64_t>(value),
                 std::int64_t{0});
  };
  told("messages", file.messages(), "messages");
  for (std::size_t type = 0; type < counts.by_type.size(); ++type) {
    if (counts.by_type[type] == 0) continue;
    told(fmt::format("messages of type {}", static_cast<char>(type)), counts.by_type[type],
         "messages");
  }
  told("symbols", counts.symbols, "symbols");
  told("orders entered", counts.entered, "orders");
  told("orders that would have traded at once", counts.would_trade, "orders");
  told("orders that cannot be entered", counts.out_of_range, "orders");
  told("messages about orders from before the file", counts.unknown_orders, "messages");
  told("executions at another price than the order's", counts.at_other_price, "executions");
  told("executions", counts.executions, "executions");
  if (counts.executions > 0) {
    const auto share = [&](std::uint64_t part) {
      return 100.0 * static_cast<double>(part) / static_cast<double>(counts.executions);
    };
    report.figure_at_least(fmt::format("{}: executions at the best price", name),
                           share(counts.at_best), "%", 99.0);
    report.figure_at_least(fmt::format("{}: traded with the very order named", name),
                           share(counts.of_first), "%", 98.0);
  }
  zero("messages that are none of ITCH 5.0", file.unknown());
  zero("bytes left over", file.bytes_left_over());
  zero("orders that lost more than they had", counts.too_many);
  zero("commands refused", replayer.market.refused());
}

}  // namespace

base::Result<HeldRecording> hold_itch(const HoldOptions& options) {
  auto file = ItchFile::open(options.path);
  if (!file) return file.error();
  Replayer replayer(options.keeps_flow);
  check::ItchMessage message;
  for (std::uint64_t taken = 0;;) {
    auto more = file.value().next(message);
    if (!more) return more.error();
    if (!more.value()) break;
    if (base::Status status = replayer.take(message); !status) {
      return base::Error{
          fmt::format("{}: message {}: {}", options.path, taken + 1, status.error().message)};
    }
    if (++taken % 1'000'000 == 0) options.progress(taken);
  }
  HeldRecording held{base::Report("replay itch", 0), {}, ""};
  judge(std::filesystem::path(options.path).filename().string(), file.value(), replayer,
        held.report);
  held.flow = replayer.market.take_flow();
  return held;
}

}  // namespace okiagari::recordings
