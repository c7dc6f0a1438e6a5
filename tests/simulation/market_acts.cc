#include "tests/simulation/market_acts.h"

#include <algorithm>
#include <array>

#include "base/signature.h"
#include "tests/simulation/member.h"
#include "venue/venue.h"

namespace okiagari::simulation {
namespace {

constexpr std::uint16_t kApprovers = 2;
constexpr std::uint32_t kDaysMax = 16;  // of the month of which the first one is the 14th

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

MarketActs::MarketActs(World& world) : world_(world), random_(world.scenario.seed, 3) {}

template <typename Command>
void MarketActs::add(Command command) {
  command.header.size_bytes = sizeof command;
  command.header.type = Command::kType;
  command.header.version = venue::kCommandVersion;
  commands_.object(command);
}

Act MarketActs::end(venue::CommandType last, std::uint64_t number) {
  const base::Bytes commands = commands_.view();
  Act act{{commands.begin(), commands.end()}, last, number};
  commands_.clear();
  return act;
}

MarketActs::Mistake MarketActs::draw_mistake() {
  return random_.chance(900) ? Mistake::none : static_cast<Mistake>(random_.between(1, 4));
}

template <typename Command>
Act MarketActs::act(Command command, int approvals) {
  const Mistake mistake = draw_mistake();
  command.header.size_bytes = sizeof command;
  command.header.type = Command::kType;
  command.header.version = venue::kCommandVersion;
  command.control_number =
      mistake == Mistake::stale_number && controls_ > 0 ? controls_ : ++controls_;
  const base::Digest act = venue::approval_digest(base::object_bytes(command));
  const auto now_s = static_cast<std::uint32_t>((kEpochUs + world_.agenda.now_us()) / 1'000'000);
  for (std::uint16_t id = 1; id <= approvals; ++id) {
    if (mistake == Mistake::one_approval && id > 1) break;
    venue::Approval& approval = command.approvals[id - 1U];
    approval.operator_id = id;
    approval.accept_until_s = mistake == Mistake::expired ? now_s - 10 : now_s + 3'600;
    approval.signature =
        base::sign(venue::approved_digest(act, approval.accept_until_s), key_of(id).secret_key);
    if (mistake == Mistake::wrong_signature) approval.signature[5] ^= std::byte{1};
  }
  add(command);
  return end(Command::kType, command.control_number);
}

void MarketActs::add_reference_data() {
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
    instrument.segment = id == 1 ? 0 : kSegment;
    instrument.tick_e4 = 100;
    instrument.money_per_tick_lot = 1;
    instrument.low_limit = kLowLimit;
    instrument.high_limit = kHighLimit;
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
}

Act MarketActs::set_up() {
  add_reference_data();
  // In some runs one of them has no calls.
  const auto called = static_cast<InstrumentId>(kInstruments - random_.below(2));
  for (InstrumentId id = 1; id <= called; ++id) add_rules(id);
  const auto accounts = static_cast<AccountId>(world_.scenario.members);
  for (InstrumentId asset = 0; asset <= kInstruments; ++asset) {
    ++transfers_;
    for (AccountId account = 1; account <= accounts; ++account) {
      venue::AdjustFunds deposit{};
      deposit.account = account;
      deposit.asset = asset;
      deposit.transfer_number = transfers_;
      // The last one is poor, and will often be refused.
      const std::int64_t rich = asset == 0 ? 1'000'000'000 : 1'000'000;
      deposit.amount_low = account == accounts ? rich / 10'000 : rich;
      add(deposit);
    }
  }
  return end(venue::CommandType::adjust_funds, transfers_);
}

Act MarketActs::deposit() {
  venue::AdjustFunds deposit{};
  deposit.account = static_cast<AccountId>(world_.scenario.members);
  deposit.asset = static_cast<InstrumentId>(random_.below(kInstruments + 1));
  deposit.transfer_number = ++transfers_;
  deposit.amount_low = deposit.asset == 0 ? 50'000 : 50;
  add(deposit);
  return end(venue::CommandType::adjust_funds, transfers_);
}

void MarketActs::add_rules(InstrumentId instrument) {
  venue::SetAuctionRules rules{};
  rules.instrument = instrument;
  rules.price_method = static_cast<std::uint8_t>(random_.below(2));
  rules.candidates = static_cast<std::uint8_t>(random_.below(3));
  rules.allocation = static_cast<std::uint8_t>(random_.below(2));
  rules.takes_market_orders = static_cast<std::uint8_t>(random_.chance(700) ? 1 : 0);
  // Narrow, so that many a price lies beyond: ticks, or a thousandth of a price about 1000.
  rules.collar_unit = static_cast<std::uint8_t>(random_.below(3));
  rules.collar = static_cast<std::uint32_t>(rules.collar_unit == 2 ? random_.between(5, 40)
                                                                   : random_.below(4));
  rules.collar_step = rules.collar_unit == 2 ? 20 : 2;
  rules.extensions_max = static_cast<std::uint8_t>(random_.below(3));
  rules.base_price = random_.chance(700) ? 1'000 : 0;
  rules.call_s = 1;
  rules.extension_s = static_cast<std::uint32_t>(random_.below(2));
  rules.random_end_s = static_cast<std::uint32_t>(random_.below(2));
  add(rules);
}

Act MarketActs::set_auction_rules(InstrumentId instrument) {
  add_rules(instrument);
  return end(venue::CommandType::set_auction_rules, instrument);
}

Act MarketActs::set_state(venue::Scope scope, std::uint16_t target, venue::InstrumentState state) {
  venue::SetInstrumentState command{};
  command.scope = scope;
  command.state = state;
  command.target = target;
  const bool is_stop =
      state == venue::InstrumentState::halted || state == venue::InstrumentState::cancel_only;
  return act(command, is_stop && random_.chance(700) ? 1 : 2);
}

Act MarketActs::set_price_limits(InstrumentId instrument, PriceTicks low, PriceTicks high) {
  venue::SetPriceLimits command{};
  command.instrument = instrument;
  command.low = low;
  command.high = high;
  return act(command, 2);
}

std::uint32_t MarketActs::next_day() const { return kFirstDay + std::min(days_tried_, kDaysMax); }

Act MarketActs::set_plan(std::span<const venue::PlannedPhase> phases) {
  venue::SetTradingPlan command{};
  command.day = next_day();
  command.count = static_cast<std::uint16_t>(phases.size());
  std::copy(phases.begin(), phases.end(), command.phases.begin());
  const bool ends = !phases.empty() && phases.back().state == venue::kDayEnd;
  // Now and then the same day again, which must be refused if it has ended.
  if (ends && random_.chance(850)) ++days_tried_;
  return act(command, phases.empty() ? 1 : 2);
}

Act MarketActs::end_day() {
  venue::EndDay command{};
  command.day = next_day();
  if (random_.chance(850)) ++days_tried_;
  return act(command, 2);
}

}  // namespace okiagari::simulation
