#include "bench/venue_stream.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>

#include "market/order_books.h"
#include "venue/command.h"

namespace okiagari::bench {

using venue::BatchWriter;
using venue::CommandHeader;

namespace {

constexpr Money kPlentyOfMoney = Money{1} << 90;
constexpr Money kPlentyOfLots = Money{1} << 50;

venue::AdjustFunds deposit(AccountId account, InstrumentId asset, std::uint64_t number,
                           Money amount) {
  venue::AdjustFunds command{};
  command.account = account;
  command.asset = asset;
  command.transfer_number = number;
  command.amount_low = static_cast<std::int64_t>(amount);
  command.amount_high = static_cast<std::int64_t>(amount >> 64);
  return command;
}

void add_instruments(std::uint16_t symbols, BatchWriter& batch) {
  for (std::uint32_t id = 1; id <= symbols; ++id) {
    venue::AddInstrument command{};
    command.instrument = static_cast<InstrumentId>(id);
    const std::string symbol = fmt::format("{:<8}", fmt::format("S{}", id));
    std::copy_n(symbol.begin(), command.symbol.size(), command.symbol.begin());
    command.tick_e4 = kTickE4;
    command.money_per_tick_lot = 1;
    command.low_limit = 1;
    command.high_limit = 200'000;
    command.state = venue::InstrumentState::full;
    batch.add(command);
  }
}

// A member, an account and a session of each number, with enough of everything, logged in.
void add_participants(std::uint16_t symbols, BatchWriter& batch) {
  for (std::uint16_t id = 1; id <= kSessions; ++id) {
    venue::AddMember member{};
    member.member = id;
    member.firm = {'F', 'I', 'R', 'M'};
    batch.add(member);
    venue::AddAccount account{};
    account.account = id;
    account.member = id;
    batch.add(account);
    std::uint64_t transfer = 0;
    batch.add(deposit(id, 0, ++transfer, kPlentyOfMoney));
    for (std::uint32_t asset = 1; asset <= symbols; ++asset) {
      batch.add(deposit(id, static_cast<InstrumentId>(asset), ++transfer, kPlentyOfLots));
    }
    venue::AddSession session{};
    session.added_session = id;
    session.member = id;
    session.default_account = id;
    batch.add(session);
    venue::Login login{};
    login.header.session = id;
    login.header.gateway = kGateway;
    login.nonce = id;
    batch.add(login);
  }
}

}  // namespace

void add_market(std::uint16_t symbols, BatchWriter& batch) {
  add_instruments(symbols, batch);
  add_participants(symbols, batch);
}

void Sender::send(const StreamRecord& record, BatchWriter& batch) {
  const auto session = static_cast<SessionId>(1 + (record.id % 8) * 2 + record.side);
  CommandHeader header{};
  header.session = session;
  header.gateway = kGateway;
  header.epoch = 1;
  header.stream_number = ++stream_numbers_[session];
  if (record.type == RecordType::cancel) {
    venue::CancelOrder command{};
    command.header = header;
    command.user_reference = references_[record.id];
    batch.add(command);
    return;
  }
  std::vector<std::uint32_t>& ids = ids_[session];
  ids.push_back(static_cast<std::uint32_t>(record.id));
  references_[record.id] = static_cast<std::uint32_t>(ids.size());
  venue::NewOrder command{};
  command.header = header;
  command.user_reference = references_[record.id];
  command.quantity = record.quantity;
  command.price_e4 = std::uint64_t{record.price} * kTickE4;
  command.instrument = static_cast<InstrumentId>(record.symbol + 1);
  command.side = static_cast<Side>(record.side);
  command.time_in_force = static_cast<std::uint8_t>(record.type == RecordType::limit
                                                        ? market::TimeInForce::good_till_cancel
                                                        : market::TimeInForce::immediate_or_cancel);
  command.self_trade = static_cast<std::uint8_t>(market::SelfTradePrevention::cancel_newest);
  command.client_order_id = {'b', 'e', 'n', 'c', 'h'};
  batch.add(command);
}

}  // namespace okiagari::bench
