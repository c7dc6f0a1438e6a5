#include "tests/checker/made_run.h"

#include <fmt/format.h>

#include <cstring>

#include "base/assert.h"
#include "wire/itch_venue.h"

namespace okiagari::checker_test {
namespace {

using check::HistoryEvent;

constexpr std::uint32_t kTickE4 = 100;
constexpr PriceTicks kMiddleTicks = 10'000;
constexpr std::uint32_t kBatchCommands = 7;

class Maker {
 public:
  explicit Maker(const MadeOptions& options)
      : options_(options),
        venue_(limits()),
        random_(options.seed),
        mix_(options.seed, tradables()) {}

  MadeRun run() {
    add_reference_data();
    for (std::uint16_t id = 1; id <= options_.sessions; ++id) log_in(id);
    close_batch();
    for (std::uint32_t count = 0; count < options_.messages; ++count) {
      send(static_cast<std::uint16_t>(1 + random_.below(std::uint32_t{options_.sessions})));
      if (batch_count_ == kBatchCommands) close_batch();
    }
    close_batch();
    add_replays();
    return std::move(run_);
  }

 private:
  struct MemberState {
    check::OrderView orders;
    std::uint32_t next_user_reference = 1;
    std::uint32_t stream_number = 0;
    std::uint64_t sent = 0;
    std::uint64_t answers = 0;
  };

  static venue::Limits limits() {
    venue::Limits limits;
    limits.books.max_live_orders = 100'000;
    limits.max_positions = 10'000;
    return limits;
  }

  [[nodiscard]] std::vector<check::Tradable> tradables() const {
    std::vector<check::Tradable> list;
    for (std::uint16_t id = 1; id <= options_.instruments; ++id) {
      list.push_back({check::padded_symbol(fmt::format("SYM{}", id)), kTickE4,
                      static_cast<std::uint32_t>(kMiddleTicks)});
    }
    return list;
  }

  template <typename Command>
  static Command blank(SessionId session = 0, GatewayId gateway = 0) {
    Command command{};
    command.header.size_bytes = sizeof(Command);
    command.header.type = Command::kType;
    command.header.version = venue::kCommandVersion;
    command.header.session = session;
    command.header.gateway = gateway;
    return command;
  }

  template <typename Command>
  void add(const Command& command) {
    commands_.object(command);
    ++batch_count_;
  }

  void add_reference_data() {
    for (const check::Tradable& tradable : tradables()) {
      auto instrument = blank<venue::AddInstrument>();
      instrument.instrument = ++instruments_;
      instrument.symbol = tradable.symbol;
      instrument.tick_e4 = kTickE4;
      instrument.money_per_tick_lot = 1;
      instrument.low_limit = 1;
      instrument.high_limit = 2 * kMiddleTicks;
      instrument.state = venue::InstrumentState::full;
      add(instrument);
    }
    for (std::uint16_t id = 1; id <= options_.sessions; ++id) add_member(id);
    close_batch();
  }

  // Two sessions to a member, so that self-trades occur between sessions too.
  void add_member(std::uint16_t id) {
    const auto member_id = static_cast<MemberId>((id + 1) / 2);
    if (id % 2 == 1) {
      auto member = blank<venue::AddMember>();
      member.member = member_id;
      member.firm = {'M', 'E', 'M', static_cast<char>('0' + member_id % 10)};
      add(member);
    }
    auto account = blank<venue::AddAccount>();
    account.account = id;
    account.member = member_id;
    add(account);
    auto session = blank<venue::AddSession>();
    session.added_session = id;
    session.member = member_id;
    session.default_account = id;
    add(session);
    for (InstrumentId asset = 0; asset <= instruments_; ++asset) {
      auto funds = blank<venue::AdjustFunds>();
      funds.account = id;
      funds.asset = asset;
      funds.transfer_number = asset + 1u;
      // The first account is poor, so that refusals for want of funds occur.
      funds.amount_low = id == 1 ? 1'000'000 : 1'000'000'000'000;
      add(funds);
    }
  }

  void log_in(std::uint16_t id) {
    auto login = blank<venue::Login>(id, static_cast<GatewayId>(1 + id % 2));
    login.nonce = id;
    add(login);
  }

  void send(std::uint16_t id) {
    MemberState& member = members_[id];
    base::ByteWriter message;
    mix_.draw(member.orders, member.next_user_reference, message);
    const char type = static_cast<char>(message.view()[0]);
    if (type != 'X') ++member.next_user_reference;
    record(HistoryEvent::sent, id, ++member.sent, message.view());
    std::byte command[wire::ouch::kCommandBytesMax];
    const wire::ouch::Origin origin{.session = id,
                                    .gateway = static_cast<GatewayId>(1 + id % 2),
                                    .epoch = 1,
                                    .stream_number = ++member.stream_number};
    const auto translated =
        wire::ouch::command_from_ouch(message.view(), origin, symbols_, command);
    ASSERT(translated.size_bytes != 0, "a drawn message is refused: {}",
           wire::ouch::describe(translated.refusal));
    commands_.bytes(base::Bytes(command).first(translated.size_bytes));
    ++batch_count_;
  }

  void close_batch() {
    time_ns_ += 1'000'000;
    venue::BatchHeader header{};
    header.version = venue::kBatchVersion;
    header.count = batch_count_;
    header.size_bytes = static_cast<std::uint32_t>(sizeof header + commands_.size());
    header.timestamp_ns = kStartNs + time_ns_;
    base::ByteWriter batch;
    batch.object(header);
    batch.bytes(commands_.view());
    commands_.clear();
    batch_count_ = 0;
    run_.batches.emplace_back(batch.view().begin(), batch.view().end());
    events_.clear();
    venue_.apply_batch(batch.view(), events_);
    tell_events();
  }

  void tell_events() {
    base::Bytes rest = events_.view();
    while (!rest.empty()) {
      const auto& header = *reinterpret_cast<const venue::EventHeader*>(rest.data());
      take(header);
      rest = rest.subspan(header.size_bytes);
    }
  }

  void take(const venue::EventHeader& header) {
    if (header.type == venue::EventType::reference_instrument) {
      const auto& event = reinterpret_cast<const venue::ReferenceInstrument&>(header);
      symbols_.add(event.instrument, event.symbol);
    }
    if (header.feed_number != 0) {
      std::byte message[wire::itch::kMessageBytesMax];
      const std::size_t size = wire::itch::itch_from_event(header, symbols_, message);
      record(HistoryEvent::feed, 1, header.feed_number, base::Bytes(message).first(size));
    }
    if (header.session_number == 0) return;
    std::byte message[wire::ouch::kMessageBytesMax];
    const std::size_t size = wire::ouch::ouch_from_event(header, symbols_, message);
    const base::Bytes bytes = base::Bytes(message).first(size);
    MemberState& member = members_[header.session];
    record(HistoryEvent::answered, header.session, ++member.answers, bytes);
    check::OuchAnswer answer;
    ASSERT(check::decode_ouch(bytes, answer), "{}", base::to_hex(bytes));
    member.orders.take(answer);
  }

  void add_replays() {
    record(HistoryEvent::quiet, 0, 0, {});
    const std::vector<MadeRecord> live = run_.records;
    for (std::uint16_t id = 1; id <= options_.sessions; ++id) {
      record(HistoryEvent::replay_begins, id, 0, {});
      for (const MadeRecord& from : live) {
        if (from.event != HistoryEvent::answered || from.source != id) continue;
        record(HistoryEvent::replayed, id, from.number, from.bytes);
      }
    }
    for (std::uint16_t node = 1; node <= run_.nodes; ++node) {
      for (const MadeRecord& from : live) {
        if (from.event != HistoryEvent::feed) continue;
        record(HistoryEvent::feed_replayed, node, from.number, from.bytes);
      }
    }
  }

  void record(HistoryEvent event, std::uint16_t source, std::uint64_t number, base::Bytes bytes) {
    run_.records.push_back(
        {event, source, ++time_ns_, number, std::vector<std::byte>(bytes.begin(), bytes.end())});
  }

  static constexpr TimestampNs kStartNs = 1'700'000'000'000'000'000;

  MadeOptions options_;
  venue::Venue venue_;
  check::Random random_;
  check::OrderMix mix_;
  wire::Symbols symbols_;
  std::map<std::uint16_t, MemberState> members_;
  InstrumentId instruments_ = 0;
  base::ByteWriter commands_;
  base::ByteWriter events_;
  std::uint32_t batch_count_ = 0;
  std::uint64_t time_ns_ = 0;
  MadeRun run_;
};

}  // namespace

MadeRun make_run(const MadeOptions& options) { return Maker(options).run(); }

check::Journal MadeRun::journal_of(const std::vector<std::vector<std::byte>>& batches,
                                   std::uint16_t node) {
  check::Journal journal;
  journal.node = node;
  base::Digest chain{};
  for (const auto& batch : batches) {
    chain = base::digest(chain, batch);
    journal.entries.push_back({journal.last_index() + 1, 1, check::kEntryCommand, chain, batch});
  }
  return journal;
}

std::vector<check::Journal> MadeRun::journals() const {
  std::vector<check::Journal> list;
  for (std::uint16_t node = 1; node <= nodes; ++node) list.push_back(journal_of(batches, node));
  return list;
}

check::History MadeRun::history() const {
  check::History history;
  for (const MadeRecord& record : records) {
    history.add(record.event, record.source, record.time_ns, record.number, record.bytes);
  }
  return history;
}

check::Verdict MadeRun::judged(std::vector<check::Journal> journals) const {
  const check::History made = history();
  check::Evidence evidence;
  evidence.history = &made;
  evidence.journals = std::move(journals);
  return check::judge(evidence);
}

}  // namespace okiagari::checker_test
