#include "recordings/traded_pairs.h"

#include <cstddef>
#include <optional>

namespace okiagari::recordings {

namespace {

std::uint64_t distance(TimestampNs a, TimestampNs b) { return a < b ? b - a : a - b; }

class Losses {
 public:
  Losses(const std::vector<OrderLoss>& losses, std::uint64_t apart_ns)
      : losses_(losses), apart_ns_(apart_ns), is_used_(losses.size()) {}

  bool explain(const TradedLots& trade, Side side) {
    while (first_ < losses_.size() && losses_[first_].time_ns + apart_ns_ < trade.time_ns) ++first_;
    std::optional<std::size_t> best;
    for (std::size_t i = first_; i < losses_.size(); ++i) {
      const OrderLoss& loss = losses_[i];
      if (loss.time_ns > trade.time_ns + apart_ns_) break;
      if (is_used_[i] || loss.side != side) continue;
      if (loss.lots != trade.lots && loss.lots != 0) continue;
      if (!best || is_better(loss, losses_[*best], trade)) best = i;
    }
    if (best) is_used_[*best] = true;
    return best.has_value();
  }

 private:
  static bool is_better(const OrderLoss& a, const OrderLoss& b, const TradedLots& trade) {
    if ((a.lots == 0) != (b.lots == 0)) return a.lots != 0;
    return distance(a.time_ns, trade.time_ns) < distance(b.time_ns, trade.time_ns);
  }

  const std::vector<OrderLoss>& losses_;
  std::uint64_t apart_ns_;
  std::vector<bool> is_used_;
  std::size_t first_ = 0;
};

}  // namespace

std::uint64_t count_explained(const std::vector<TradedLots>& trades,
                              const std::vector<OrderLoss>& losses, std::uint64_t apart_ns) {
  Losses left(losses, apart_ns);
  std::uint64_t explained = 0;
  for (const TradedLots& trade : trades) {
    const bool has_buy = left.explain(trade, Side::buy);
    const bool has_sell = left.explain(trade, Side::sell);
    explained += has_buy && has_sell ? 1 : 0;
  }
  return explained;
}

}  // namespace okiagari::recordings
