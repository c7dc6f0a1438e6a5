#include "recordings/lobster_replay.h"

#include <fmt/format.h>

#include <algorithm>
#include <deque>
#include <filesystem>
#include <map>
#include <optional>
#include <unordered_map>
#include <vector>

#include "recordings/lobster_file.h"
#include "recordings/recorded_market.h"

namespace okiagari::recordings {

namespace {

constexpr InstrumentId kInstrument = 1;

bool shows(const RecordedMarket& market, const LobsterBook& book) {
  for (Side side : {Side::buy, Side::sell}) {
    const auto& recorded = book.levels[static_cast<int>(side)];
    const auto levels = market.levels(kInstrument, side, book.depth);
    if (levels.size() != recorded.size()) return false;
    for (std::size_t i = 0; i < levels.size(); ++i) {
      if (levels[i].price != recorded[i].price_e4 || levels[i].quantity != recorded[i].size)
        return false;
    }
  }
  return true;
}

// What the replay believes is in the book, order by order: it decides which command a row becomes.
class Replayer {
 public:
  explicit Replayer(LobsterCounts& counts) : counts_(counts) { market.list({"LOBSTER", 4, 0}); }

  void submit(const LobsterMessage& message);
  // Takes `lots` away at a price: from the order named, then from seeds; with `from_anyone` from
  // others too.
  void take_away(Side side, std::int64_t price_e4, std::int64_t order, std::uint64_t lots,
                 bool from_anyone);
  void execute(const LobsterMessage& message, bool has_book);
  // Lets levels that came into view be what the file says. False when another level differs.
  bool follow(const LobsterBook& book, const LobsterBook* before, std::string& mismatch);

  RecordedMarket market;

 private:
  struct Resting {
    std::int64_t order;  // of the recording; 0 for a seed
    std::uint32_t user_reference;
    QuantityLots lots;
  };
  using Queue = std::deque<Resting>;

  void lower(Resting& resting, QuantityLots by);
  void drop_empty(Side side, std::int64_t price_e4);
  [[nodiscard]] std::uint64_t size_at(Side side, std::int64_t price_e4) const;
  bool follow_level(Side side, std::int64_t price_e4, const LobsterBook& book,
                    const LobsterBook* before);

  LobsterCounts& counts_;
  std::map<std::int64_t, Queue> levels_[2];
};

void Replayer::submit(const LobsterMessage& message) {
  const std::uint32_t reference =
      market.rest(kInstrument, message.side, message.price_e4, message.size);
  levels_[static_cast<int>(message.side)][message.price_e4].push_back(
      {message.order, reference, message.size});
}

void Replayer::lower(Resting& resting, QuantityLots by) {
  resting.lots -= by;
  market.lower(resting.user_reference, resting.lots);
}

void Replayer::drop_empty(Side side, std::int64_t price_e4) {
  auto& levels = levels_[static_cast<int>(side)];
  const auto level = levels.find(price_e4);
  if (level == levels.end()) return;
  std::erase_if(level->second, [](const Resting& r) { return r.lots == 0; });
  if (level->second.empty()) levels.erase(level);
}

std::uint64_t Replayer::size_at(Side side, std::int64_t price_e4) const {
  const auto& levels = levels_[static_cast<int>(side)];
  const auto level = levels.find(price_e4);
  std::uint64_t sum = 0;
  if (level != levels.end()) {
    for (const Resting& resting : level->second) sum += resting.lots;
  }
  return sum;
}

void Replayer::take_away(Side side, std::int64_t price_e4, std::int64_t order, std::uint64_t lots,
                         bool from_anyone) {
  auto& levels = levels_[static_cast<int>(side)];
  const auto level = levels.find(price_e4);
  if (level == levels.end()) return;
  const auto take_from = [&](auto&& wanted) {
    for (Resting& resting : level->second) {
      if (lots == 0) return;
      if (resting.lots == 0 || !wanted(resting)) continue;
      const auto taken = static_cast<QuantityLots>(std::min<std::uint64_t>(lots, resting.lots));
      lower(resting, taken);
      lots -= taken;
    }
  };
  take_from([&](const Resting& r) { return order != 0 && r.order == order; });
  if (from_anyone) {
    take_from([](const Resting& r) { return r.order == 0; });
    take_from([](const Resting&) { return true; });
  }
  drop_empty(side, price_e4);
}

void Replayer::execute(const LobsterMessage& message, bool has_book) {
  ++counts_.executions;
  auto& levels = levels_[static_cast<int>(message.side)];
  const auto level = levels.find(message.price_e4);
  const Queue empty;
  const Queue& queue = level == levels.end() ? empty : level->second;
  const bool known = std::any_of(queue.begin(), queue.end(),
                                 [&](const Resting& r) { return r.order == message.order; });
  const auto best = market.best(kInstrument, message.side);
  const bool at_best = best && best->price == message.price_e4;
  const bool seed_first = !known && !queue.empty() && queue.front().order == 0;
  counts_.executions_of_known += known ? 1 : 0;
  counts_.executions_at_best += known && at_best ? 1 : 0;
  counts_.executions_of_older += !known && !seed_first ? 1 : 0;

  const bool first = known && queue.front().order == message.order;
  const bool tradable = at_best && (first || seed_first) && queue.front().lots >= message.size;
  if (!tradable)
    return take_away(message.side, message.price_e4, message.order, message.size, has_book);
  Resting& maker = level->second.front();
  market.take(kInstrument, opposite(message.side), message.price_e4, message.size);
  const auto& hits = market.hits();
  const bool as_named = hits.size() == 1 && hits[0].user_reference == maker.user_reference &&
                        hits[0].lots == message.size && hits[0].price_ticks == message.price_e4;
  if (as_named && known) ++counts_.executions_of_first;
  if (as_named && !known) ++counts_.executions_of_seed;
  maker.lots -= message.size;
  drop_empty(message.side, message.price_e4);
}

bool Replayer::follow_level(Side side, std::int64_t price_e4, const LobsterBook& book,
                            const LobsterBook* before) {
  const std::uint64_t have = size_at(side, price_e4);
  const std::uint64_t want = book.size_at(side, price_e4);
  if (have == want) return true;
  const bool was_in_view = before != nullptr && before->in_view(side, price_e4);
  if (was_in_view) return false;
  if (want > have) {
    const auto missing = static_cast<QuantityLots>(want - have);
    const std::uint32_t reference = market.rest(kInstrument, side, price_e4, missing);
    levels_[static_cast<int>(side)][price_e4].push_back({0, reference, missing});
    ++counts_.seeds;
    counts_.seed_lots += missing;
  } else {
    take_away(side, price_e4, 0, have - want, true);
    ++counts_.stale_levels;
  }
  return true;
}

bool Replayer::follow(const LobsterBook& book, const LobsterBook* before, std::string& mismatch) {
  for (Side side : {Side::buy, Side::sell}) {
    std::vector<std::int64_t> prices;
    for (const auto& [price, queue] : levels_[static_cast<int>(side)]) {
      if (book.in_view(side, price)) prices.push_back(price);
    }
    // Stale levels go first: a seed must not trade with one.
    for (std::int64_t price : prices) {
      if (follow_level(side, price, book, before)) continue;
      mismatch = fmt::format("the {} level {} has {} lots, recorded are {}",
                             side == Side::buy ? "bid" : "ask", price, size_at(side, price),
                             book.size_at(side, price));
      return false;
    }
  }
  for (Side side : {Side::buy, Side::sell}) {
    for (const LobsterLevel& level : book.levels[static_cast<int>(side)]) {
      if (follow_level(side, level.price_e4, book, before)) continue;
      mismatch = fmt::format("the recorded {} level {} with {} lots has {}",
                             side == Side::buy ? "bid" : "ask", level.price_e4, level.size,
                             size_at(side, level.price_e4));
      return false;
    }
  }
  if (shows(market, book)) return true;
  mismatch = "the venue's best levels are not the recorded ones";
  return false;
}

// -1 halts, 0 lets orders in again, 1 resumes trading.
venue::InstrumentState state_of_halt_row(std::int64_t price) {
  if (price < 0) return venue::InstrumentState::cancel_only;
  return price == 0 ? venue::InstrumentState::limit_only : venue::InstrumentState::full;
}

void play(Replayer& replayer, const LobsterMessage& message, bool has_book, LobsterCounts& counts) {
  replayer.market.set_time(message.time_ns);
  switch (message.type) {
    case LobsterType::submission:
      ++counts.submissions;
      return replayer.submit(message);
    case LobsterType::partial_cancel:
    case LobsterType::deletion:
      ++counts.cancels;
      return replayer.take_away(message.side, message.price_e4, message.order, message.size,
                                has_book);
    case LobsterType::visible_execution:
      return replayer.execute(message, has_book);
    case LobsterType::hidden_execution:
      ++counts.hidden_executions;
      return;
    case LobsterType::trading_halt:
      ++counts.halts;
      return replayer.market.set_state(kInstrument, state_of_halt_row(message.price_e4));
  }
}

}  // namespace

base::Result<LobsterCounts> replay_lobster(const std::string& message_file,
                                           const std::function<void(std::uint64_t)>& progress) {
  auto messages = LineReader::open(message_file);
  if (!messages) return messages.error();
  std::optional<LineReader> books;
  if (const auto path = book_file_of(message_file)) {
    auto opened = LineReader::open(*path);
    if (!opened) return opened.error();
    books.emplace(std::move(opened.value()));
  }
  LobsterCounts counts;
  Replayer replayer(counts);
  LobsterMessage message;
  LobsterBook book;
  LobsterBook before;
  for (;;) {
    auto more = read_message(messages.value(), message);
    if (!more) return more.error();
    if (!more.value()) break;
    play(replayer, message, books.has_value(), counts);
    if (books) {
      std::swap(book, before);
      auto row = read_book(*books, book);
      if (!row) return row.error();
      if (!row.value())
        return base::Error{fmt::format("{}: ends before its message file", books->path())};
      std::string mismatch;
      if (!replayer.follow(book, counts.rows == 0 ? nullptr : &before, mismatch)) {
        if (counts.rows_with_wrong_book++ == 0) {
          counts.first_mismatch = fmt::format("{}:{}: {}", message_file, counts.rows + 1, mismatch);
        }
      }
    }
    if (++counts.rows % 10'000 == 0) progress(counts.rows);
  }
  counts.refused = replayer.market.refused();
  return counts;
}

void judge_lobster(const std::string& message_file, bool has_book, const LobsterCounts& counts,
                   base::Report& report) {
  const std::string name = std::filesystem::path(message_file).filename().string();
  const auto told = [&](const char* what, std::uint64_t value, const char* unit) {
    report.figure(fmt::format("{}: {}", name, what), static_cast<double>(value), unit);
  };
  const auto zero = [&](const char* what, std::uint64_t value) {
    report.check(fmt::format("{}: {}", name, what), static_cast<std::int64_t>(value),
                 std::int64_t{0});
  };
  told("rows", counts.rows, "rows");
  told("submissions", counts.submissions, "orders");
  told("cancels and deletions", counts.cancels, "cancels");
  told("visible executions", counts.executions, "executions");
  told("hidden executions", counts.hidden_executions, "executions");
  told("halt rows", counts.halts, "rows");
  told("executions of orders of the file", counts.executions_of_known, "executions");
  told("executions of seeds", counts.executions_of_seed, "executions");
  told("executions of older orders", counts.executions_of_older, "executions");
  if (has_book) {
    told("levels seeded when they came into view", counts.seeds, "seeds");
    told("lots seeded", counts.seed_lots, "lots");
    told("levels found stale when they came into view", counts.stale_levels, "levels");
    zero("rows whose book is not the recorded one", counts.rows_with_wrong_book);
  }
  zero("commands refused", counts.refused);
  const auto known = static_cast<double>(counts.executions_of_known);
  if (counts.executions_of_known > 0) {
    const double at_best = 100.0 * static_cast<double>(counts.executions_at_best) / known;
    const double first = 100.0 * static_cast<double>(counts.executions_of_first) / known;
    report.figure_at_least(fmt::format("{}: executions at the best price", name), at_best, "%",
                           99.9);
    // Only a file that is deep enough to need no book shows every order of a queue, so only there
    // the venue's queue can be expected to be the recorded one.
    const std::string traded = fmt::format("{}: traded with the very order named", name);
    if (has_book) {
      report.figure(traded, first, "%");
    } else {
      report.figure_at_least(traded, first, "%", 98.0);
    }
  }
}

}  // namespace okiagari::recordings
