#include "cli/lobster_replay.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <deque>
#include <filesystem>
#include <map>
#include <optional>
#include <unordered_map>
#include <vector>

#include "base/assert.h"
#include "base/signature.h"
#include "cli/lobster_file.h"
#include "venue/venue.h"

namespace okiagari::cli {

namespace {

using venue::CommandHeader;

constexpr InstrumentId kInstrument = 1;
constexpr SessionId kRestingSession = 1;
constexpr SessionId kTakingSession = 2;
constexpr std::int64_t kEndowment = std::int64_t{1} << 60;

base::KeyPair operator_keys(std::uint16_t which) {
  std::array<std::byte, 32> seed{};
  seed[0] = static_cast<std::byte>(which + 1);
  return base::key_pair_from_seed(seed);
}

// One market, one member, enough money; every row becomes one batch.
class RecordedMarket {
 public:
  RecordedMarket();

  void set_time(TimestampNs time_ns) { time_ns_ = time_ns; }
  // The new order's user reference.
  std::uint32_t rest(Side side, std::int64_t price_e4, QuantityLots lots);
  void lower(std::uint32_t user_reference, QuantityLots remaining);
  struct Hit {
    std::uint32_t user_reference = 0;  // of the resting order
    QuantityLots lots = 0;
    std::int64_t price_e4 = 0;
  };
  // An immediate-or-cancel order on `side`; what it traded with, in order.
  std::vector<Hit> take(Side side, std::int64_t price_e4, QuantityLots lots);
  void set_state(venue::InstrumentState state);

  [[nodiscard]] std::optional<LobsterLevel> best(Side side) const;
  [[nodiscard]] bool shows(const LobsterBook& book) const;
  [[nodiscard]] std::uint64_t refused() const { return refused_; }

 private:
  template <typename Command>
  void apply(Command command);
  template <typename Command>
  void apply_from(SessionId session, Command command);
  void read_events();

  struct Stream {
    std::uint32_t epoch = 0;
    std::uint32_t next_stream_number = 1;
    std::uint32_t next_user_reference = 1;
  };
  Stream streams_[3];
  venue::Venue venue_{venue::Limits{}};
  TimestampNs time_ns_ = 1;
  base::ByteWriter batch_;
  base::ByteWriter events_;
  std::vector<Hit> hits_;
  std::uint64_t refused_ = 0;
  std::uint64_t control_number_ = 0;
};

RecordedMarket::RecordedMarket() {
  venue::AddInstrument instrument{};
  instrument.instrument = kInstrument;
  instrument.symbol = {'L', 'O', 'B', 'S', 'T', 'E', 'R', ' '};
  instrument.tick_e4 = 1;
  instrument.money_per_tick_lot = 1;
  instrument.low_limit = 1;
  instrument.high_limit = kMaxPriceTicks;
  instrument.state = venue::InstrumentState::full;
  apply(instrument);
  for (std::uint16_t i = 0; i < 2; ++i) {
    venue::AddOperator added{};
    added.operator_id = static_cast<std::uint16_t>(i + 1);
    added.public_key = operator_keys(i).public_key;
    apply(added);
  }
  venue::AddMember member{};
  member.member = 1;
  member.firm = {'L', 'O', 'B', 'S'};
  apply(member);
  venue::AddAccount account{};
  account.account = 1;
  account.member = 1;
  apply(account);
  for (InstrumentId asset : {InstrumentId{0}, kInstrument}) {
    venue::AdjustFunds funds{};
    funds.account = 1;
    funds.asset = asset;
    funds.transfer_number = asset + 1u;
    funds.amount_low = kEndowment;
    apply(funds);
  }
  for (SessionId session : {kRestingSession, kTakingSession}) {
    venue::AddSession added{};
    added.added_session = session;
    added.member = 1;
    added.default_account = 1;
    apply(added);
    venue::Login login{};
    login.header.session = session;
    login.header.gateway = 1;
    login.nonce = session;
    apply(login);
    venue::Venue::SessionView view;
    ASSERT(venue_.session(session, view), "session {} was not added", session);
    streams_[session].epoch = view.epoch;
  }
}

template <typename Command>
void RecordedMarket::apply(Command command) {
  command.header.size_bytes = sizeof(Command);
  command.header.type = Command::kType;
  command.header.version = venue::kCommandVersion;
  venue::BatchHeader header{};
  header.version = venue::kBatchVersion;
  header.count = 1;
  header.size_bytes = sizeof header + sizeof command;
  header.timestamp_ns = time_ns_;
  batch_.clear();
  batch_.object(header);
  batch_.object(command);
  events_.clear();
  venue_.apply_batch(batch_.view(), events_);
  read_events();
}

template <typename Command>
void RecordedMarket::apply_from(SessionId session, Command command) {
  Stream& stream = streams_[session];
  command.header.session = session;
  command.header.gateway = 1;
  command.header.epoch = stream.epoch;
  command.header.stream_number = stream.next_stream_number++;
  apply(command);
}

void RecordedMarket::read_events() {
  hits_.clear();
  base::ByteReader reader(events_.view());
  while (reader.remaining() >= sizeof(venue::EventHeader)) {
    venue::EventHeader header;
    std::memcpy(&header, events_.view().data() + reader.offset(), sizeof header);
    const base::Bytes event = reader.bytes(header.size_bytes);
    ASSERT(reader.ok() && header.size_bytes >= sizeof header, "an event of {} bytes",
           header.size_bytes);
    if (header.type == venue::EventType::order_executed) {
      venue::OrderExecuted executed;
      std::memcpy(&executed, event.data(), sizeof executed);
      if (executed.aggressor == 0) {
        hits_.push_back({executed.user_reference, executed.quantity,
                         static_cast<std::int64_t>(executed.price_e4)});
      }
    } else if (header.type == venue::EventType::order_rejected ||
               header.type == venue::EventType::cancel_rejected ||
               header.type == venue::EventType::stream_gap) {
      ++refused_;
    } else if (header.type == venue::EventType::control_result) {
      venue::ControlResult result;
      std::memcpy(&result, event.data(), sizeof result);
      if (result.reason != venue::Reason::none) ++refused_;
    }
  }
}

std::uint32_t RecordedMarket::rest(Side side, std::int64_t price_e4, QuantityLots lots) {
  venue::NewOrder order{};
  order.user_reference = streams_[kRestingSession].next_user_reference++;
  order.quantity = lots;
  order.price_e4 = static_cast<std::uint64_t>(price_e4);
  order.instrument = kInstrument;
  order.side = side;
  apply_from(kRestingSession, order);
  return order.user_reference;
}

void RecordedMarket::lower(std::uint32_t user_reference, QuantityLots remaining) {
  venue::CancelOrder cancel{};
  cancel.user_reference = user_reference;
  cancel.quantity = remaining;
  apply_from(kRestingSession, cancel);
}

std::vector<RecordedMarket::Hit> RecordedMarket::take(Side side, std::int64_t price_e4,
                                                      QuantityLots lots) {
  venue::NewOrder order{};
  order.user_reference = streams_[kTakingSession].next_user_reference++;
  order.quantity = lots;
  order.price_e4 = static_cast<std::uint64_t>(price_e4);
  order.instrument = kInstrument;
  order.side = side;
  order.time_in_force = static_cast<std::uint8_t>(market::TimeInForce::immediate_or_cancel);
  apply_from(kTakingSession, order);
  return hits_;
}

// Two operators approve, as the venue asks of whatever lets trading start again.
void RecordedMarket::set_state(venue::InstrumentState state) {
  venue::SetInstrumentState control{};
  control.header.size_bytes = sizeof control;
  control.header.type = venue::SetInstrumentState::kType;
  control.header.version = venue::kCommandVersion;
  control.control_number = ++control_number_;
  control.scope = venue::Scope::instrument;
  control.state = state;
  control.target = kInstrument;
  const base::Digest act = venue::approval_digest(base::object_bytes(control));
  for (std::uint16_t i = 0; i < 2; ++i) {
    control.approvals[i].operator_id = static_cast<std::uint16_t>(i + 1);
    control.approvals[i].signature = base::sign(act, operator_keys(i).secret_key);
  }
  apply(control);
}

std::optional<LobsterLevel> RecordedMarket::best(Side side) const {
  market::Level level{};
  if (!venue_.books().best(kInstrument, side, level)) return std::nullopt;
  return LobsterLevel{level.price, level.quantity};
}

bool RecordedMarket::shows(const LobsterBook& book) const {
  std::vector<market::Level> levels;
  for (Side side : {Side::buy, Side::sell}) {
    const auto& recorded = book.levels[static_cast<int>(side)];
    levels.clear();
    venue_.books().levels(kInstrument, side, book.depth, levels);
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
  explicit Replayer(LobsterCounts& counts) : counts_(counts) {}

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
  const std::uint32_t reference = market.rest(message.side, message.price_e4, message.size);
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
  const auto best = market.best(message.side);
  const bool at_best = best && best->price_e4 == message.price_e4;
  const bool seed_first = !known && !queue.empty() && queue.front().order == 0;
  counts_.executions_of_known += known ? 1 : 0;
  counts_.executions_at_best += known && at_best ? 1 : 0;
  counts_.executions_of_older += !known && !seed_first ? 1 : 0;

  const bool first = known && queue.front().order == message.order;
  const bool tradable = at_best && (first || seed_first) && queue.front().lots >= message.size;
  if (!tradable)
    return take_away(message.side, message.price_e4, message.order, message.size, has_book);
  Resting& maker = level->second.front();
  const auto hits = market.take(opposite(message.side), message.price_e4, message.size);
  const bool as_named = hits.size() == 1 && hits[0].user_reference == maker.user_reference &&
                        hits[0].lots == message.size && hits[0].price_e4 == message.price_e4;
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
    const std::uint32_t reference = market.rest(side, price_e4, missing);
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
  if (market.shows(book)) return true;
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
      return replayer.market.set_state(state_of_halt_row(message.price_e4));
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

}  // namespace okiagari::cli
