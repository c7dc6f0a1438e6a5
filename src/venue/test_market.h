// A small market for tests: two instruments, three members with an account each (the first has
// two), four sessions, enough of everything, all logged in at gateway 1. It reads events as lines
// of text, and holds every batch to what is always true: contiguous numbers, and the venue's
// invariants.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/signature.h"
#include "venue/batch_writer.h"
#include "venue/event_text.h"
#include "venue/venue.h"

namespace okiagari::venue {

using Lines = std::vector<std::string>;

// Which stops went, in their order.
[[nodiscard]] inline Lines triggered(const Lines& lines) {
  Lines found;
  for (const std::string& line : lines) {
    const std::size_t at = line.find("triggered ");
    if (at != std::string::npos) found.push_back(line.substr(at, line.find(':', at) - at));
  }
  return found;
}

[[nodiscard]] inline base::KeyPair operator_keys(std::uint8_t number) {
  std::array<std::byte, 32> seed{};
  seed[0] = std::byte{number};
  return base::key_pair_from_seed(seed);
}

// Signs `command` in one of its two places, as it will be sent.
template <typename Command>
void approve(Command& command, std::size_t place, std::uint16_t operator_id,
             const base::KeyPair& keys, std::uint32_t accept_until_s = 0) {
  command.header.size_bytes = sizeof command;
  command.header.type = Command::kType;
  command.header.version = kCommandVersion;
  Approval& approval = command.approvals[place];
  approval.operator_id = operator_id;
  approval.accept_until_s = accept_until_s;
  approval.signature =
      base::sign(approved_digest(approval_digest(base::object_bytes(command)), accept_until_s),
                 keys.secret_key);
}

class TestMarket {
 public:
  static constexpr GatewayId kGateway = 1;
  static constexpr std::uint32_t kTickE4 = 100;
  static constexpr std::int64_t kMoneyPerTickLot = 10;
  static constexpr PriceTicks kHighLimit = 1'000;
  static constexpr std::int64_t kCash = 100'000'000;
  static constexpr std::int64_t kLots = 10'000;
  static constexpr TimestampNs kStart_ns = 1'000'000'000;

  explicit TestMarket(const Limits& limits = Limits{}) : venue(limits) {
    BatchWriter batch;
    for (InstrumentId id = 1; id <= 2; ++id) batch.add(instrument(id));
    for (MemberId id = 1; id <= 3; ++id) {
      AddMember member{};
      member.member = id;
      member.firm = {'F', 'R', 'M', static_cast<char>('0' + id)};
      batch.add(member);
    }
    for (AccountId id = 1; id <= 4; ++id) {
      AddAccount account{};
      account.account = id;
      account.member = id == 4 ? MemberId{1} : static_cast<MemberId>(id);
      batch.add(account);
      batch.add(transfer(id, 0, 1, kCash));
      batch.add(transfer(id, 1, 2, kLots));
      batch.add(transfer(id, 2, 3, kLots));
    }
    for (SessionId id = 1; id <= 4; ++id) {
      AddSession session{};
      session.added_session = id;
      session.member = id == 4 ? MemberId{1} : id;
      session.default_account = id;
      batch.add(session);
      batch.add(login(id, kGateway, id));
    }
    apply(batch);
  }

  // What is sent.

  static AddInstrument instrument(InstrumentId id) {
    AddInstrument command{};
    command.instrument = id;
    command.symbol = {'S', static_cast<char>('0' + id % 10), ' ', ' ', ' ', ' ', ' ', ' '};
    command.tick_e4 = kTickE4;
    command.money_per_tick_lot = kMoneyPerTickLot;
    command.low_limit = 1;
    command.high_limit = kHighLimit;
    command.state = InstrumentState::full;
    return command;
  }
  static AdjustFunds transfer(AccountId account, InstrumentId asset, std::uint64_t number,
                              Money amount) {
    AdjustFunds command{};
    command.account = account;
    command.asset = asset;
    command.transfer_number = number;
    command.amount_low = static_cast<std::int64_t>(amount);
    command.amount_high = static_cast<std::int64_t>(amount >> 64);
    return command;
  }
  static Login login(SessionId session, GatewayId gateway, std::uint64_t nonce,
                     bool cancel_on_disconnect = false) {
    Login command{};
    command.header.session = session;
    command.header.gateway = gateway;
    command.nonce = nonce;
    command.cancel_on_disconnect = cancel_on_disconnect ? 1 : 0;
    return command;
  }
  Logout logout(SessionId session, LogoutReason reason) const {
    Logout command{};
    command.header.session = session;
    command.header.gateway = view(session).gateway;
    command.header.epoch = view(session).epoch;
    command.reason = reason;
    return command;
  }
  // The price is in ticks.
  static NewOrder order(std::uint32_t reference, Side side, QuantityLots quantity,
                        std::uint32_t price, InstrumentId instrument = 1) {
    NewOrder command{};
    command.user_reference = reference;
    command.quantity = quantity;
    command.price_e4 = std::uint64_t{price} * kTickE4;
    command.instrument = instrument;
    command.side = side;
    command.time_in_force = static_cast<std::uint8_t>(market::TimeInForce::day);
    return command;
  }
  static NewIceberg iceberg(std::uint32_t reference, Side side, QuantityLots quantity,
                            std::uint32_t price, QuantityLots display) {
    NewIceberg command{};
    static_cast<NewOrder&>(command) = order(reference, side, quantity, price);
    command.display = display;
    return command;
  }
  static ReplaceOrder replacement(std::uint32_t original, std::uint32_t reference,
                                  QuantityLots quantity, std::uint32_t price) {
    ReplaceOrder command{};
    command.original_user_reference = original;
    command.user_reference = reference;
    command.quantity = quantity;
    command.price_e4 = std::uint64_t{price} * kTickE4;
    return command;
  }
  static ReplaceIceberg iceberg_replacement(std::uint32_t original, std::uint32_t reference,
                                            QuantityLots quantity, std::uint32_t price,
                                            QuantityLots display) {
    ReplaceIceberg command{};
    static_cast<ReplaceOrder&>(command) = replacement(original, reference, quantity, price);
    command.display = display;
    return command;
  }
  // Prices in ticks; price 0: a market order.
  static NewStop stop(std::uint32_t reference, Side side, QuantityLots quantity,
                      std::uint32_t price, std::uint32_t trigger) {
    NewStop command{};
    command.user_reference = reference;
    command.quantity = quantity;
    command.price_e4 = std::uint64_t{price} * kTickE4;
    command.trigger_e4 = std::uint64_t{trigger} * kTickE4;
    command.instrument = 1;
    command.side = side;
    command.price_type = price == 0 ? 1 : 0;
    return command;
  }
  static ReplaceStop stop_replacement(std::uint32_t original, std::uint32_t reference,
                                      QuantityLots quantity, std::uint32_t price,
                                      std::uint32_t trigger) {
    ReplaceStop command{};
    command.original_user_reference = original;
    command.user_reference = reference;
    command.quantity = quantity;
    command.price_e4 = std::uint64_t{price} * kTickE4;
    command.trigger_e4 = std::uint64_t{trigger} * kTickE4;
    command.price_type = price == 0 ? 1 : 0;
    return command;
  }
  // `distance` in ticks, too.
  static NewTrailingStop trailing_stop(std::uint32_t reference, Side side, QuantityLots quantity,
                                       std::uint32_t price, std::uint32_t distance) {
    NewTrailingStop command{};
    static_cast<NewOrder&>(command) = order(reference, side, quantity, price);
    command.price_type = price == 0 ? 1 : 0;
    command.distance_e4 = std::uint64_t{distance} * kTickE4;
    return command;
  }
  static ReplaceTrailingStop trailing_replacement(std::uint32_t original, std::uint32_t reference,
                                                  QuantityLots quantity, std::uint32_t price,
                                                  std::uint32_t distance) {
    ReplaceTrailingStop command{};
    static_cast<ReplaceOrder&>(command) = replacement(original, reference, quantity, price);
    command.price_type = price == 0 ? 1 : 0;
    command.distance_e4 = std::uint64_t{distance} * kTickE4;
    return command;
  }
  static CancelOrder cancellation(std::uint32_t reference, QuantityLots remaining = 0) {
    CancelOrder command{};
    command.user_reference = reference;
    command.quantity = remaining;
    return command;
  }

  // The next command of a session's stream.
  template <typename Command>
  Command in_stream(SessionId session, Command command) const {
    const Venue::SessionView now = view(session);
    command.header.session = session;
    command.header.gateway = now.gateway;
    command.header.epoch = now.epoch;
    command.header.stream_number = now.next_stream_number;
    return command;
  }

  // What comes of it; stream marks are left out where they are not asked for.

  Lines apply_bytes(base::Bytes batch) {
    events.clear();
    const Sequence before = venue.last_sequence();
    venue.apply_batch(batch, events);
    commands = venue.last_sequence() - before;
    check_numbers();
    const base::Status status = venue.check_invariants();
    EXPECT_TRUE(status.ok()) << status.error().message;
    return lines();
  }
  Lines apply(BatchWriter& batch) { return apply_bytes(batch.finish(++now_ns)); }
  template <typename Command>
  Lines send(const Command& command) {
    BatchWriter batch;
    batch.add(command);
    return without_marks(apply(batch));
  }
  template <typename Command>
  Lines send(SessionId session, const Command& command) {
    return send(in_stream(session, command));
  }
  Lines buy(SessionId session, std::uint32_t reference, QuantityLots quantity,
            std::uint32_t price) {
    return send(session, order(reference, Side::buy, quantity, price));
  }
  Lines sell(SessionId session, std::uint32_t reference, QuantityLots quantity,
             std::uint32_t price) {
    return send(session, order(reference, Side::sell, quantity, price));
  }
  // One lot changes hands at that price; the references are of sessions 2 and 3.
  Lines trade(std::uint32_t price) {
    const std::uint32_t sold = view(2).next_user_reference;
    const std::uint32_t bought = view(3).next_user_reference;
    sell(2, sold, 1, price);
    return buy(3, bought, 1, price);
  }
  Lines cancel(SessionId session, std::uint32_t reference, QuantityLots remaining = 0) {
    return send(session, cancellation(reference, remaining));
  }

  // Operators 1 and 2, who approve everything that control() sends.
  void add_operators() {
    for (std::uint8_t id = 1; id <= 2; ++id) {
      AddOperator command{};
      command.operator_id = id;
      command.public_key = operator_keys(id).public_key;
      send(command);
    }
  }
  // Operator 3, who may only stop; before anything was controlled.
  void add_stopper() {
    AddOperator command{};
    command.operator_id = 3;
    command.stop_only = 1;
    command.public_key = operator_keys(3).public_key;
    send(command);
  }
  static SetInstrumentState state_change(std::uint64_t number, Scope scope, std::uint16_t target,
                                         InstrumentState state) {
    SetInstrumentState command{};
    command.control_number = number;
    command.scope = scope;
    command.target = target;
    command.state = state;
    return command;
  }
  template <typename Command>
  Lines control(Command command) {
    approve(command, 0, 1, operator_keys(1));
    approve(command, 1, 2, operator_keys(2));
    return send(command);
  }
  Lines set_state(InstrumentId instrument, InstrumentState state) {
    return control(state_change(++control_number, Scope::instrument, instrument, state));
  }

  Venue::SessionView view(SessionId session) const {
    Venue::SessionView seen;
    EXPECT_TRUE(venue.session(session, seen));
    return seen;
  }
  Money total(AccountId account, InstrumentId asset) const { return balance(account, asset).total; }
  Money reserved(AccountId account, InstrumentId asset) const {
    return balance(account, asset).reserved;
  }
  Venue::BalanceView balance(AccountId account, InstrumentId asset) const {
    Venue::BalanceView seen;
    EXPECT_TRUE(venue.balance(account, asset, seen));
    return seen;
  }
  std::string snapshot() const {
    base::ByteWriter bytes;
    venue.write_snapshot(bytes);
    return std::string(base::as_text(bytes.view()));
  }

  static Lines without_marks(Lines all) {
    std::erase_if(
        all, [](const std::string& line) { return line.find(": decided: ") != std::string::npos; });
    return all;
  }

  // The events of the last batch, one by one.
  template <typename Visitor>
  void for_each_event(Visitor visit) const {
    for (base::Bytes left = events.view(); !left.empty();) {
      const auto size = base::load_little<std::uint16_t>(left.data());
      ASSERT_GE(size, sizeof(EventHeader));
      ASSERT_LE(size, left.size());
      visit(left.first(size));
      left = left.subspan(size);
    }
  }

  Venue venue;
  base::ByteWriter events;
  Sequence commands = 0;  // applied by the last batch
  TimestampNs now_ns = kStart_ns;
  std::uint64_t control_number = 0;

 private:
  Lines lines() const {
    Lines all;
    for_each_event([&](base::Bytes event) { all.push_back(text_of(event)); });
    return all;
  }

  void check_numbers() {
    for_each_event([&](base::Bytes event) {
      EventHeader header;
      std::memcpy(&header, event.data(), sizeof header);
      EXPECT_EQ(header.event_number, ++last_event_);
      EXPECT_EQ(header.timestamp_ns, venue.last_timestamp_ns());
      if (header.feed_number != 0) {
        EXPECT_EQ(header.feed_number, ++last_feed_);
        EXPECT_EQ(header.session, 0);
      }
      if (header.session_number != 0) {
        EXPECT_EQ(header.session_number, ++last_message_[header.session]);
      }
    });
    EXPECT_EQ(venue.last_event_number(), last_event_);
    EXPECT_EQ(venue.last_feed_number(), last_feed_);
  }

  std::uint64_t last_event_ = 0;
  std::uint64_t last_feed_ = 0;
  std::map<SessionId, std::uint32_t> last_message_;
};

}  // namespace okiagari::venue
