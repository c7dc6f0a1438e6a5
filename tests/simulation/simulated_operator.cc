#include "tests/simulation/simulated_operator.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <span>

#include "base/signature.h"
#include "tests/simulation/member.h"
#include "venue/venue.h"

namespace okiagari::simulation {
namespace {

constexpr std::uint16_t kApprovers = 2;

const base::KeyPair& key_of(std::uint16_t approver) {
  static const std::array<base::KeyPair, kApprovers> keys = [] {
    std::array<base::KeyPair, kApprovers> made;
    for (std::size_t i = 0; i < kApprovers; ++i) {
      std::array<std::byte, 32> seed{};
      seed[0] = static_cast<std::byte>(i + 1);
      made[i] = base::key_pair_from_seed(seed);
    }
    return made;
  }();
  return keys[approver - 1U];
}

}  // namespace

SimulatedOperator::SimulatedOperator(World& world)
    : Subscriber(world, kOperator),
      random_(world.scenario.seed, 3),
      // Signatures cost more than all the rest of an act.
      halts_(world.scenario.seed % 16 == 3) {
  plan_set_up();
}

template <typename Command>
void SimulatedOperator::add(Command command) {
  command.header.size_bytes = sizeof command;
  command.header.type = Command::kType;
  command.header.version = venue::kCommandVersion;
  commands_.object(command);
}

void SimulatedOperator::end_act(venue::CommandType last, std::uint64_t number) {
  const base::Bytes commands = commands_.view();
  acts_.push_back({{commands.begin(), commands.end()}, last, number});
  commands_.clear();
}

void SimulatedOperator::plan_set_up() {
  for (std::uint16_t id = 1; id <= kApprovers; ++id) {
    add(venue::AddOperator{.header = {},
                           .operator_id = id,
                           .stop_only = 0,
                           .reserved = {},
                           .public_key = key_of(id).public_key});
  }
  for (InstrumentId id = 1; id <= kInstruments; ++id) {
    venue::AddInstrument instrument{};
    instrument.instrument = id;
    instrument.symbol = {'S', 'I', 'M', static_cast<char>('0' + id), ' ', ' ', ' ', ' '};
    instrument.tick_e4 = 100;
    instrument.money_per_tick_lot = 1;
    instrument.low_limit = 500;
    instrument.high_limit = 1500;
    instrument.state = venue::InstrumentState::full;
    add(instrument);
  }
  const auto sessions = static_cast<SessionId>(world_.scenario.members);
  for (MemberId id = 1; id <= (sessions + 1U) / 2; ++id) {
    venue::AddMember member{};
    member.member = id;
    member.firm = {'F', 'R', 'M', static_cast<char>('0' + id % 10)};
    add(member);
  }
  for (SessionId id = 1; id <= sessions; ++id) {
    const auto member = static_cast<MemberId>((id + 1U) / 2);
    add(venue::AddAccount{.header = {}, .account = id, .member = member, .reserved = 0});
    add(venue::AddSession{
        .header = {}, .added_session = id, .member = member, .default_account = id});
  }
  for (InstrumentId asset = 0; asset <= kInstruments; ++asset) {
    ++transfers_;
    for (AccountId account = 1; account <= sessions; ++account) {
      venue::AdjustFunds deposit{};
      deposit.account = account;
      deposit.asset = asset;
      deposit.transfer_number = transfers_;
      // The last one is poor, and will often be refused.
      const std::int64_t rich = asset == 0 ? 1'000'000'000 : 1'000'000;
      deposit.amount_low = account == sessions ? rich / 10'000 : rich;
      add(deposit);
    }
  }
  end_act(venue::CommandType::adjust_funds, transfers_);
}

void SimulatedOperator::act() {
  if (!world_.market_is_set_up || acts_.size() > 2) return;
  if (halts_) {
    plan_halt();
    halts_ = false;
  } else {
    plan_deposit();
  }
  if (acts_.size() <= 2) on_caught_up();
}

void SimulatedOperator::plan_deposit() {
  venue::AdjustFunds deposit{};
  deposit.account = static_cast<AccountId>(world_.scenario.members);
  deposit.asset = static_cast<InstrumentId>(random_.below(kInstruments + 1));
  deposit.transfer_number = ++transfers_;
  deposit.amount_low = deposit.asset == 0 ? 50'000 : 50;
  add(deposit);
  end_act(venue::CommandType::adjust_funds, transfers_);
}

void SimulatedOperator::plan_halt() {
  const auto instrument = static_cast<InstrumentId>(random_.between(1, kInstruments));
  plan_state(venue::InstrumentState::cancel_only, instrument);
  plan_state(venue::InstrumentState::full, instrument);
}

void SimulatedOperator::plan_state(venue::InstrumentState state, InstrumentId instrument) {
  venue::SetInstrumentState command{};
  command.header.size_bytes = sizeof command;
  command.header.type = venue::SetInstrumentState::kType;
  command.header.version = venue::kCommandVersion;
  command.control_number = ++controls_;
  command.scope = venue::Scope::instrument;
  command.state = state;
  command.target = instrument;
  const base::Digest digest = venue::approval_digest(base::object_bytes(command));
  const std::uint16_t needed = state == venue::InstrumentState::full ? 2 : 1;
  for (std::uint16_t id = 1; id <= needed; ++id) {
    venue::Approval& approval = command.approvals[id - 1U];
    approval.operator_id = id;
    approval.signature = base::sign(digest, key_of(id).secret_key);
  }
  add(command);
  end_act(venue::CommandType::set_instrument_state, controls_);
}

void SimulatedOperator::on_caught_up() {
  if (!acts_.empty()) submit(acts_.front().commands);
}

void SimulatedOperator::on_event(base::Bytes event, const venue::EventHeader& header) {
  if (header.type != venue::EventType::control_result || header.gateway != 0) return;
  venue::ControlResult result{};
  std::memcpy(&result, event.data(), std::min(event.size(), sizeof result));
  if (acts_.empty() || result.command != acts_.front().last) return;
  if (result.number != acts_.front().number) return;
  // The commands of an act are in one batch: when one was answered, all were.
  world_.market_is_set_up = true;
  acts_.pop_front();
  on_caught_up();
}

}  // namespace okiagari::simulation
