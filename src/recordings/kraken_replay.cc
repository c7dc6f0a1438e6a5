#include "recordings/kraken_replay.h"

#include <fmt/format.h>
#include <zlib.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <map>
#include <utility>
#include <vector>

#include "base/assert.h"
#include "recordings/kraken_recording.h"
#include "recordings/rebuilt_books.h"
#include "recordings/recorded_market.h"

namespace okiagari::recordings {

namespace {

constexpr std::uint64_t kLargeLot = 1'000'000'000;  // of the last decimal
constexpr std::size_t kLevelsSummed = 10;

struct Counts {
  std::uint64_t updates = 0;
  std::uint64_t snapshots = 0;
  std::uint64_t levels = 0;
  std::uint64_t out_of_range = 0;
  std::uint64_t checksums = 0;
  std::uint64_t wrong_checksums = 0;
  std::uint64_t trades = 0;
};

std::uint64_t power_of_ten(std::uint32_t exponent) {
  std::uint64_t power = 1;
  while (exponent-- > 0) power *= 10;
  return power;
}

class Replayer {
 public:
  Replayer(const KrakenRecording& recording, bool keeps_flow);

  void take(const KrakenUpdate& update);

  Counts counts;
  std::string first_mismatch;
  [[nodiscard]] RecordedMarket& market() { return market_; }
  [[nodiscard]] std::uint64_t wrong_messages() const { return books_.wrong() + undecoded_; }

 private:
  // Orders at a price on one of a pair's two instruments, in order of entry.
  struct Part {
    std::uint32_t user_reference = 0;
    QuantityLots lots = 0;
  };
  struct Level {
    std::array<std::vector<Part>, 2> parts;  // of small lots, of large lots
  };
  struct Pair {
    std::array<InstrumentId, 2> instruments{};
    std::uint64_t ticks_of = 1;                      // written units of price in a tick
    std::map<std::uint64_t, Level> levels[2];        // by side and ticks
    std::map<std::uint64_t, std::uint64_t> told[2];  // what the recording says
  };

  void list(const KrakenPair& recorded);
  // The changes of an update as they leave each level, one entry a level.
  std::map<std::pair<Side, std::uint64_t>, std::uint64_t> targets(const KrakenUpdate& update,
                                                                  Pair& pair);
  void truncate(Pair& pair, std::size_t depth,
                std::map<std::pair<Side, std::uint64_t>, std::uint64_t>& targets);
  void lower(Pair& pair, Side side, std::uint64_t price, std::uint64_t volume);
  void raise(Pair& pair, Side side, std::uint64_t price, std::uint64_t volume);
  [[nodiscard]] std::uint32_t checksum(const Pair& pair);
  void add_side(const Pair& pair, Side side, std::string& into);

  const KrakenRecording& recording_;
  RebuiltBooks books_;
  std::uint64_t undecoded_ = 0;
  RecordedMarket market_;
  std::vector<Pair> pairs_;
};

Replayer::Replayer(const KrakenRecording& recording, bool keeps_flow)
    : recording_(recording), market_(keeps_flow, [this](base::Bytes message) {
        check::ItchMessage decoded;
        if (!check::decode_itch(message, decoded)) ++undecoded_;
        books_.take(decoded);
      }) {
  for (const KrakenPair& pair : recording.pairs) list(pair);
}

void Replayer::list(const KrakenPair& recorded) {
  Pair pair;
  pair.ticks_of = power_of_ten(recorded.zero_decimals);
  std::string symbol = recorded.name;
  std::erase(symbol, '/');
  const std::uint32_t price_decimals = recorded.price_decimals - recorded.zero_decimals;
  for (std::size_t i = 0; i < pair.instruments.size(); ++i) {
    // Its number makes the symbol its own: names of pairs may begin alike.
    const auto number = 2 * pairs_.size() + i + 1;
    pair.instruments[i] = market_.list(
        {fmt::format("{:.4}{:04}", symbol, number), price_decimals, recorded.volume_decimals});
  }
  pairs_.push_back(std::move(pair));
}

std::map<std::pair<Side, std::uint64_t>, std::uint64_t> Replayer::targets(
    const KrakenUpdate& update, Pair& pair) {
  std::map<std::pair<Side, std::uint64_t>, std::uint64_t> targets;
  if (update.is_snapshot) {
    for (const Side side : {Side::buy, Side::sell}) {
      for (const auto& [price, volume] : pair.told[static_cast<int>(side)]) {
        targets[{side, price}] = 0;
      }
      pair.told[static_cast<int>(side)].clear();
    }
  }
  for (const KrakenLevel& level : update.levels) {
    ++counts.levels;
    const std::uint64_t price = level.price / pair.ticks_of;
    if (price < 1 || price > static_cast<std::uint64_t>(kMaxPriceTicks) ||
        level.volume / kLargeLot > kMaxQuantityLots) {
      ++counts.out_of_range;
      continue;
    }
    targets[{level.side, price}] = level.volume;
    auto& told = pair.told[static_cast<int>(level.side)];
    if (level.volume == 0) {
      told.erase(price);
    } else {
      told[price] = level.volume;
    }
  }
  return targets;
}

// Levels beyond the depth are told no more.
void Replayer::truncate(Pair& pair, std::size_t depth,
                        std::map<std::pair<Side, std::uint64_t>, std::uint64_t>& targets) {
  for (const Side side : {Side::buy, Side::sell}) {
    auto& told = pair.told[static_cast<int>(side)];
    while (told.size() > depth) {
      const auto worst = side == Side::buy ? told.begin() : std::prev(told.end());
      targets[{side, worst->first}] = 0;
      told.erase(worst);
    }
  }
}

void Replayer::take(const KrakenUpdate& update) {
  ++counts.updates;
  counts.snapshots += update.is_snapshot ? 1 : 0;
  market_.set_time(update.time_ns);
  Pair& pair = pairs_[update.pair];
  auto wanted = targets(update, pair);
  truncate(pair, recording_.pairs[update.pair].depth, wanted);
  // What goes, goes first: the book of an update is not crossed, but half of one may be.
  for (const auto& [place, volume] : wanted) lower(pair, place.first, place.second, volume);
  for (const auto& [place, volume] : wanted) raise(pair, place.first, place.second, volume);
  if (!update.checksum) return;
  ++counts.checksums;
  const std::uint32_t ours = checksum(pair);
  if (ours == *update.checksum) return;
  if (counts.wrong_checksums++ == 0) {
    first_mismatch =
        fmt::format("line {}: {}: the checksum of the rebuilt book is {}, Kraken's is {}",
                    update.line, recording_.pairs[update.pair].name, ours, *update.checksum);
  }
}

std::array<std::uint64_t, 2> in_lots(std::uint64_t volume) {
  return {volume % kLargeLot, volume / kLargeLot};
}

void Replayer::lower(Pair& pair, Side side, std::uint64_t price, std::uint64_t volume) {
  auto& levels = pair.levels[static_cast<int>(side)];
  const auto found = levels.find(price);
  if (found == levels.end()) return;
  const auto wanted = in_lots(volume);
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    auto& parts = found->second.parts[i];
    std::uint64_t have = 0;
    for (const Part& part : parts) have += part.lots;
    while (have > wanted[i]) {
      Part& part = parts.back();
      const auto by =
          static_cast<QuantityLots>(std::min<std::uint64_t>(have - wanted[i], part.lots));
      part.lots -= by;
      have -= by;
      market_.lower(part.user_reference, part.lots);
      if (part.lots == 0) parts.pop_back();
    }
  }
  if (volume == 0) levels.erase(found);
}

void Replayer::raise(Pair& pair, Side side, std::uint64_t price, std::uint64_t volume) {
  if (volume == 0) return;
  Level& level = pair.levels[static_cast<int>(side)][price];
  const auto wanted = in_lots(volume);
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    auto& parts = level.parts[i];
    std::uint64_t have = 0;
    for (const Part& part : parts) have += part.lots;
    if (wanted[i] <= have) continue;
    const auto more = static_cast<QuantityLots>(wanted[i] - have);
    const std::uint32_t reference =
        market_.rest(pair.instruments[i], side, static_cast<std::int64_t>(price), more);
    counts.trades += market_.hits().size();
    parts.push_back({reference, more});
  }
}

// The best ten levels as the rebuilt books have them: price, then volume, as written but without
// point and leading zeros.
void Replayer::add_side(const Pair& pair, Side side, std::string& into) {
  std::map<std::uint32_t, std::uint64_t> volumes;
  const auto take = [&](const auto& level, std::size_t i) {
    volumes[level.first] += level.second * (i == 0 ? 1 : kLargeLot);
  };
  for (std::size_t i = 0; i < pair.instruments.size(); ++i) {
    const auto& levels = books_.levels(pair.instruments[i], side);
    std::size_t taken = 0;
    // No more than ten of one instrument can be among the ten of both.
    if (side == Side::sell) {
      for (auto level = levels.begin(); level != levels.end() && taken++ < kLevelsSummed; ++level) {
        take(*level, i);
      }
    } else {
      for (auto level = levels.rbegin(); level != levels.rend() && taken++ < kLevelsSummed;
           ++level) {
        take(*level, i);
      }
    }
  }
  std::vector<std::pair<std::uint32_t, std::uint64_t>> best(volumes.begin(), volumes.end());
  if (side == Side::buy) std::reverse(best.begin(), best.end());
  best.resize(std::min(best.size(), kLevelsSummed));
  for (const auto& [price, volume] : best) {
    into += fmt::format("{}{}", price * pair.ticks_of, volume);
  }
}

std::uint32_t Replayer::checksum(const Pair& pair) {
  std::string text;
  add_side(pair, Side::sell, text);
  add_side(pair, Side::buy, text);
  return static_cast<std::uint32_t>(
      crc32(0, reinterpret_cast<const Bytef*>(text.data()), static_cast<uInt>(text.size())));
}

void judge(const std::string& name, Replayer& replayer, std::size_t pairs, base::Report& report) {
  const Counts& counts = replayer.counts;
  const auto told = [&](const char* what, std::uint64_t value, const char* unit) {
    report.figure(fmt::format("{}: {}", name, what), static_cast<double>(value), unit);
  };
  const auto zero = [&](const char* what, std::uint64_t value) {
    report.check(fmt::format("{}: {}", name, what), static_cast<std::int64_t>(value),
                 std::int64_t{0});
  };
  told("pairs", pairs, "pairs");
  told("updates", counts.updates, "updates");
  told("snapshots among them", counts.snapshots, "updates");
  told("levels told", counts.levels, "levels");
  told("levels that cannot be entered", counts.out_of_range, "levels");
  told("checksums", counts.checksums, "checksums");
  zero("checksums that the book rebuilt from the feed does not give", counts.wrong_checksums);
  zero("messages of the feed that do not fit", replayer.wrong_messages());
  zero("trades that the recording does not have", counts.trades);
  zero("commands refused", replayer.market().refused());
}

}  // namespace

base::Result<HeldRecording> hold_kraken(const HoldOptions& options) {
  auto recording = read_kraken(options.path);
  if (!recording) return recording.error();
  Replayer replayer(recording.value(), options.keeps_flow);
  for (const KrakenUpdate& update : recording.value().updates) {
    replayer.take(update);
    if (replayer.counts.updates % 10'000 == 0) options.progress(replayer.counts.updates);
  }
  HeldRecording held{base::Report("replay kraken", 0), {}, replayer.first_mismatch};
  judge(std::filesystem::path(options.path).filename().string(), replayer,
        recording.value().pairs.size(), held.report);
  held.flow = replayer.market().take_flow();
  return held;
}

}  // namespace okiagari::recordings
