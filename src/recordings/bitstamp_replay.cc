#include "recordings/bitstamp_replay.h"

#include <fmt/format.h>

#include <algorithm>
#include <deque>
#include <filesystem>
#include <map>
#include <unordered_map>
#include <utility>
#include <vector>

#include "recordings/bitstamp_log.h"
#include "recordings/recorded_market.h"
#include "recordings/traded_pairs.h"

namespace okiagari::recordings {

namespace {

constexpr InstrumentId kInstrument = 1;
constexpr std::uint64_t kSeed = 0;  // in place of an order's number
constexpr TimestampNs kGraceNs = 2'000'000'000;
constexpr std::uint64_t kApartNs = 5'000'000'000;
constexpr std::size_t kLevelsCompared = 5;
// Deep enough to meet every level of a snapshot behind those that are only ours.
constexpr std::size_t kLevelsLookedAt = 400;

struct Counts {
  std::uint64_t lines = 0;
  std::uint64_t created = 0;
  std::uint64_t unknown = 0;     // events of orders from before the log
  std::uint64_t taken_back = 0;  // trades of the venue that the log never confirmed
  std::uint64_t lowered = 0;     // trades of the log that the venue had not made
  std::uint64_t out_of_range = 0;
  std::uint64_t snapshots = 0;
  std::uint64_t compared = 0;  // levels
  std::uint64_t agreed = 0;
  std::uint64_t seeds = 0;
  std::uint64_t stale = 0;
};

// A snapshot's levels: how many were compared and how many agreed.
struct Agreement {
  std::uint64_t line = 0;
  std::uint64_t compared = 0;
  std::uint64_t agreed = 0;
};

class Replayer {
 public:
  explicit Replayer(bool keeps_flow) : market(keeps_flow) {
    market.list({"BTCUSD", kBitstampPriceDecimals, kBitstampLotDecimals});
  }

  void take(const BitstampLine& line);

  RecordedMarket market;
  Counts counts;
  std::vector<Agreement> agreements;
  std::vector<TradedLots> trades;
  std::vector<OrderLoss> losses;
  std::string first_mismatch;

 private:
  // The venue's orders hold less than the largest of the recording, so one may stand for a part.
  struct Part {
    std::uint32_t user_reference = 0;
    QuantityLots lots = 0;
  };
  struct Order {
    Side side = Side::buy;
    std::int64_t price_ticks = 0;
    std::uint64_t lots = 0;   // left by the log
    std::vector<Part> parts;  // left in the venue, in order of entry
    [[nodiscard]] std::uint64_t in_venue() const {
      std::uint64_t sum = 0;
      for (const Part& part : parts) sum += part.lots;
      return sum;
    }
  };
  struct Place {
    Side side;
    std::int64_t price_ticks;
    auto operator<=>(const Place&) const = default;
  };
  using Levels = std::vector<BitstampLevel>;

  void create(const BitstampLine& line);
  void change(const BitstampLine& line);
  void remove(const BitstampLine& line);
  void enter(std::uint64_t id, Order& order, std::uint64_t lots);
  void met(const RecordedMarket::Hit& hit);
  void lower_to(Order& order, std::uint64_t lots);
  void lose(const BitstampLine& line, std::uint64_t lots);
  void settle();
  Order& seed_at(Place place);
  void lower_seed(Place place, std::uint64_t by);

  void follow(const BitstampLine& line);
  void seed(Side side, const Levels& recorded);
  void compare(Side side, const Levels& recorded, Agreement& agreement);
  void drop_stale(Side side, const Levels& recorded);
  [[nodiscard]] std::map<std::int64_t, std::uint64_t> ours(Side side) const;
  [[nodiscard]] bool was_in_view(Side side, std::int64_t price_ticks) const;

  std::unordered_map<std::uint64_t, Order> orders_;
  std::map<Place, Order> seeds_;
  struct Owner {
    std::uint64_t order = kSeed;
    Place place{};  // of a seed
  };
  std::vector<Owner> owners_;  // by user reference, from 1
  // Orders that traded in the venue, to be looked at when the log has had time to confirm it.
  std::deque<std::pair<TimestampNs, std::uint64_t>> unconfirmed_;
  Levels before_[2];
  bool has_before_ = false;
  TimestampNs now_ns_ = 0;
};

void Replayer::take(const BitstampLine& line) {
  ++counts.lines;
  now_ns_ = std::max(now_ns_, line.time_ns);
  market.set_time(now_ns_);
  settle();
  switch (line.event) {
    case BitstampEvent::order_created:
      return create(line);
    case BitstampEvent::order_changed:
      return change(line);
    case BitstampEvent::order_deleted:
      return remove(line);
    case BitstampEvent::trade:
      trades.push_back({now_ns_, line.lots});
      return;
    case BitstampEvent::order_book:
      return follow(line);
  }
}

void Replayer::create(const BitstampLine& line) {
  ++counts.created;
  if (line.price_ticks < 1 || line.price_ticks > kMaxPriceTicks) {
    ++counts.out_of_range;
    return;
  }
  if (orders_.contains(line.order)) return change(line);
  Order& order = orders_[line.order];
  order.side = line.side;
  order.price_ticks = line.price_ticks;
  order.lots = line.lots;
  enter(line.order, order, line.lots);
}

void Replayer::enter(std::uint64_t id, Order& order, std::uint64_t lots) {
  while (lots > 0) {
    const auto part = static_cast<QuantityLots>(std::min<std::uint64_t>(lots, kMaxQuantityLots));
    lots -= part;
    const std::uint32_t reference = market.rest(kInstrument, order.side, order.price_ticks, part);
    owners_.push_back({id, {order.side, order.price_ticks}});
    QuantityLots left = part;
    for (const RecordedMarket::Hit& hit : market.hits()) {
      met(hit);
      left -= hit.lots;
    }
    if (left < part) unconfirmed_.emplace_back(now_ns_ + kGraceNs, id);
    if (left > 0) order.parts.push_back({reference, left});
  }
}

// A resting order that a new one traded with.
void Replayer::met(const RecordedMarket::Hit& hit) {
  const Owner& owner = owners_.at(hit.user_reference - 1);
  Order& order = owner.order == kSeed ? seeds_[owner.place] : orders_[owner.order];
  for (Part& part : order.parts) {
    if (part.user_reference == hit.user_reference) part.lots -= hit.lots;
  }
  std::erase_if(order.parts, [](const Part& part) { return part.lots == 0; });
  if (owner.order != kSeed) unconfirmed_.emplace_back(now_ns_ + kGraceNs, owner.order);
}

// From the last part, as a lowered order keeps its place.
void Replayer::lower_to(Order& order, std::uint64_t lots) {
  std::uint64_t too_many = order.in_venue();
  too_many -= std::min(too_many, lots);
  while (too_many > 0) {
    Part& part = order.parts.back();
    const auto by = static_cast<QuantityLots>(std::min<std::uint64_t>(too_many, part.lots));
    part.lots -= by;
    too_many -= by;
    market.lower(part.user_reference, part.lots);
    if (part.lots == 0) order.parts.pop_back();
  }
}

void Replayer::lose(const BitstampLine& line, std::uint64_t lots) {
  losses.push_back({now_ns_, line.side, lots});
}

void Replayer::change(const BitstampLine& line) {
  const auto found = orders_.find(line.order);
  if (found == orders_.end()) {
    ++counts.unknown;
    return lose(line, 0);
  }
  Order& order = found->second;
  const std::uint64_t had = order.lots;
  order.lots = line.lots;
  if (order.lots < had) lose(line, had - order.lots);
  if (order.price_ticks != line.price_ticks) {
    lower_to(order, 0);
    order.price_ticks = line.price_ticks;
    return enter(line.order, order, line.lots);
  }
  const std::uint64_t in_venue = order.in_venue();
  if (order.lots > had) return enter(line.order, order, order.lots - had);
  if (in_venue > order.lots) {
    ++counts.lowered;
    lower_to(order, order.lots);
  }
}

// Nothing left: it was filled. Else it was cancelled with so much left.
void Replayer::remove(const BitstampLine& line) {
  const auto found = orders_.find(line.order);
  if (found == orders_.end()) {
    ++counts.unknown;
    if (line.lots == 0) return lose(line, 0);
    return lower_seed({line.side, line.price_ticks}, line.lots);
  }
  Order& order = found->second;
  if (line.lots < order.lots) lose(line, order.lots - line.lots);
  if (order.in_venue() > line.lots) ++counts.lowered;
  lower_to(order, 0);
  orders_.erase(found);
}

// What the venue traded and the log did not confirm in time did not happen.
void Replayer::settle() {
  while (!unconfirmed_.empty() && unconfirmed_.front().first <= now_ns_) {
    const std::uint64_t id = unconfirmed_.front().second;
    unconfirmed_.pop_front();
    const auto found = orders_.find(id);
    if (found == orders_.end()) continue;
    Order& order = found->second;
    const std::uint64_t in_venue = order.in_venue();
    if (in_venue >= order.lots) continue;
    ++counts.taken_back;
    enter(id, order, order.lots - in_venue);
  }
}

Replayer::Order& Replayer::seed_at(Place place) {
  Order& seed = seeds_[place];
  seed.side = place.side;
  seed.price_ticks = place.price_ticks;
  return seed;
}

void Replayer::lower_seed(Place place, std::uint64_t by) {
  const auto found = seeds_.find(place);
  if (found == seeds_.end()) return;
  const std::uint64_t have = found->second.in_venue();
  lower_to(found->second, have - std::min(have, by));
}

std::map<std::int64_t, std::uint64_t> Replayer::ours(Side side) const {
  std::map<std::int64_t, std::uint64_t> levels;
  for (const market::Level& level : market.levels(kInstrument, side, kLevelsLookedAt)) {
    levels[level.price] = level.quantity;
  }
  return levels;
}

bool Replayer::was_in_view(Side side, std::int64_t price_ticks) const {
  const Levels& shown = before_[static_cast<int>(side)];
  if (!has_before_ || shown.empty()) return false;
  const std::int64_t worst = shown.back().price_ticks;
  return side == Side::buy ? price_ticks >= worst : price_ticks <= worst;
}

// What the snapshot has beyond ours is of orders from before the log, where no snapshot showed it.
void Replayer::seed(Side side, const Levels& recorded) {
  const auto have = ours(side);
  const auto other = market.best(kInstrument, opposite(side));
  for (const BitstampLevel& level : recorded) {
    if (was_in_view(side, level.price_ticks)) continue;
    if (level.price_ticks < 1 || level.price_ticks > kMaxPriceTicks) continue;
    const auto mine = have.find(level.price_ticks);
    const std::uint64_t lots = mine == have.end() ? 0 : mine->second;
    const bool would_trade = other && (side == Side::buy ? level.price_ticks >= other->price
                                                         : level.price_ticks <= other->price);
    if (level.lots <= lots || would_trade) continue;
    enter(kSeed, seed_at({side, level.price_ticks}), level.lots - lots);
    ++counts.seeds;
  }
}

void Replayer::compare(Side side, const Levels& recorded, Agreement& agreement) {
  const auto levels = market.levels(kInstrument, side, kLevelsCompared);
  for (std::size_t i = 0; i < std::min(kLevelsCompared, recorded.size()); ++i) {
    ++agreement.compared;
    const bool agrees = i < levels.size() && levels[i].price == recorded[i].price_ticks &&
                        levels[i].quantity == recorded[i].lots;
    agreement.agreed += agrees ? 1 : 0;
    if (agrees || !first_mismatch.empty()) continue;
    first_mismatch = fmt::format(
        "line {}: {} {} of the snapshot is {} lots at {}, the venue has {} at {}", counts.lines,
        side == Side::buy ? "bid" : "ask", i + 1, recorded[i].lots, recorded[i].price_ticks,
        i < levels.size() ? levels[i].quantity : 0, i < levels.size() ? levels[i].price : 0);
  }
}

// Seeds that the snapshot no longer shows.
void Replayer::drop_stale(Side side, const Levels& recorded) {
  if (recorded.empty()) return;
  const std::int64_t worst = recorded.back().price_ticks;
  std::map<std::int64_t, std::uint64_t> shown;
  for (const BitstampLevel& level : recorded) shown[level.price_ticks] = level.lots;
  const auto have = ours(side);
  for (auto& [place, seed] : seeds_) {
    const bool in_view =
        side == Side::buy ? place.price_ticks >= worst : place.price_ticks <= worst;
    const std::uint64_t lots = seed.in_venue();
    if (place.side != side || !in_view || lots == 0) continue;
    const auto mine = have.find(place.price_ticks);
    const auto theirs = shown.find(place.price_ticks);
    const std::uint64_t want = theirs == shown.end() ? 0 : theirs->second;
    if (mine == have.end() || mine->second <= want) continue;
    lower_to(seed, lots - std::min(lots, mine->second - want));
    ++counts.stale;
  }
}

void Replayer::follow(const BitstampLine& line) {
  Agreement agreement;
  agreement.line = counts.lines;
  for (const Side side : {Side::buy, Side::sell}) seed(side, line.levels[static_cast<int>(side)]);
  for (const Side side : {Side::buy, Side::sell}) {
    compare(side, line.levels[static_cast<int>(side)], agreement);
  }
  for (const Side side : {Side::buy, Side::sell}) {
    drop_stale(side, line.levels[static_cast<int>(side)]);
    before_[static_cast<int>(side)] = line.levels[static_cast<int>(side)];
  }
  has_before_ = true;
  ++counts.snapshots;
  counts.compared += agreement.compared;
  counts.agreed += agreement.agreed;
  agreements.push_back(agreement);
}

double percent(std::uint64_t part, std::uint64_t whole) {
  return whole == 0 ? 100.0 : 100.0 * static_cast<double>(part) / static_cast<double>(whole);
}

void judge(const std::string& name, const Replayer& replayer, base::Report& report) {
  const Counts& counts = replayer.counts;
  const auto told = [&](const char* what, std::uint64_t value, const char* unit) {
    report.figure(fmt::format("{}: {}", name, what), static_cast<double>(value), unit);
  };
  told("lines", counts.lines, "lines");
  told("orders created", counts.created, "orders");
  told("events of orders from before the log", counts.unknown, "events");
  told("orders at prices that cannot be entered", counts.out_of_range, "orders");
  told("snapshots of the exchange", counts.snapshots, "books");
  told("levels seeded when they came into view", counts.seeds, "levels");
  told("seeds found stale", counts.stale, "levels");
  told("trades in the venue", replayer.market.trades(), "trades");
  told("fills of the log that the venue had not made", counts.lowered, "events");
  told("fills of the venue that the log never confirmed", counts.taken_back, "orders");
  told("levels compared, five of each side", counts.compared, "levels");
  Agreement last_fifth;
  for (const Agreement& one : replayer.agreements) {
    if (5 * one.line < 4 * counts.lines) continue;
    last_fifth.compared += one.compared;
    last_fifth.agreed += one.agreed;
  }
  report.figure_at_least(fmt::format("{}: levels that agree", name),
                         percent(counts.agreed, counts.compared), "%", 98.0);
  report.figure_at_least(fmt::format("{}: levels that agree in the last fifth", name),
                         percent(last_fifth.agreed, last_fifth.compared), "%", 98.75);
  told("trades of the log", replayer.trades.size(), "trades");
  report.figure_at_least(
      fmt::format("{}: trades explained by two orders", name),
      percent(count_explained(replayer.trades, replayer.losses, kApartNs), replayer.trades.size()),
      "%", 99.0);
  report.check(fmt::format("{}: commands refused", name),
               static_cast<std::int64_t>(replayer.market.refused()), std::int64_t{0});
}

}  // namespace

base::Result<HeldRecording> hold_bitstamp(const HoldOptions& options) {
  auto lines = LineReader::open(options.path);
  if (!lines) return lines.error();
  Replayer replayer(options.keeps_flow);
  BitstampLine line;
  for (;;) {
    auto more = read_bitstamp(lines.value(), line);
    if (!more) return more.error();
    if (!more.value()) break;
    replayer.take(line);
    if (replayer.counts.lines % 10'000 == 0) options.progress(replayer.counts.lines);
  }
  if (replayer.counts.lines == 0) return base::Error{options.path + ": no line is there"};
  HeldRecording held{base::Report("replay bitstamp", 0), {}, replayer.first_mismatch};
  judge(std::filesystem::path(options.path).filename().string(), replayer, held.report);
  held.flow = replayer.market.take_flow();
  return held;
}

}  // namespace okiagari::recordings
