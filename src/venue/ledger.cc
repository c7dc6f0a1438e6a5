#include "venue/ledger.h"

#include <algorithm>

namespace okiagari::venue {

namespace {

constexpr unsigned kSmallestSlotBits = 10;

bool is_sound(const Balance& balance) {
  return balance.reserved >= 0 && balance.reserved <= balance.total;
}

}  // namespace

Ledger::Ledger(std::uint32_t positions_max)
    : accounts_(1),
      came_in_(1),
      positions_max_(positions_max),
      slots_(std::size_t{1} << kSmallestSlotBits),
      shift_(64 - kSmallestSlotBits) {}

void Ledger::add_account(MemberId member) { accounts_.push_back(Account{member, 0, {}}); }

Balance* Ledger::add_position(AccountId account, InstrumentId instrument) {
  if (positions_.size() >= positions_max_) return nullptr;
  if (2 * (positions_.size() + 1) > slots_.size()) double_slots();
  place(key_of(account, instrument), static_cast<std::uint32_t>(positions_.size()));
  positions_.push_back(Position{account, instrument, {}});
  return &positions_.back().balance;
}

void Ledger::place(std::uint64_t key, std::uint32_t position) {
  std::size_t at = home(key);
  while (slots_[at].key != 0) at = (at + 1) & (slots_.size() - 1);
  slots_[at] = Slot{key, position};
}

void Ledger::double_slots() {
  slots_.assign(2 * slots_.size(), Slot{});
  --shift_;
  for (std::uint32_t i = 0; i < positions_.size(); ++i) {
    place(key_of(positions_[i].account, positions_[i].instrument), i);
  }
}

Reason Ledger::adjust(AccountId account, AssetId asset, std::uint64_t transfer_number,
                      Money amount) {
  Account& owner = accounts_[account];
  if (transfer_number <= owner.last_transfer_number) return Reason::already_exists;
  // Checked one by one, so that no sum of the checks overflows.
  if (amount > kCameInMax || amount < -kCameInMax) return Reason::bound_reached;
  if (came_in_[asset] + amount > kCameInMax) return Reason::bound_reached;

  Balance* balance = asset == kCash ? &owner.cash : position(account, asset);
  const Money available = balance == nullptr ? 0 : balance->available();
  if (available + amount < 0) {
    return asset == kCash ? Reason::insufficient_funds : Reason::insufficient_position;
  }
  if (balance == nullptr) balance = add_position(account, asset);
  if (balance == nullptr) return Reason::bound_reached;

  balance->total += amount;
  came_in_[asset] += amount;
  owner.last_transfer_number = transfer_number;
  return Reason::none;
}

bool Ledger::conserved() {
  sums_.assign(came_in_.size(), 0);
  bool sound = true;
  for (const Account& account : accounts_) {
    sums_[kCash] += account.cash.total;
    sound &= is_sound(account.cash);
  }
  for (const Position& position : positions_) {
    sums_[position.instrument] += position.balance.total;
    sound &= is_sound(position.balance);
  }
  return sound && std::equal(sums_.begin(), sums_.end(), came_in_.begin());
}

}  // namespace okiagari::venue
