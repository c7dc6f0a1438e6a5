// Who owns what: per account its cash and its positions, each with the part that is reserved for
// live orders, and per asset what came in from outside. Money and lots only move here; why they
// move is decided by those who call.
//
// What came into an asset is bounded (kCameInMax), and nothing but a deposit adds to the sum over
// all accounts, so no balance can overflow.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/assert.h"
#include "base/types.h"
#include "venue/event.h"

namespace okiagari::venue {

// Asset 0 is cash in minor units, asset n is instrument n in lots.
using AssetId = InstrumentId;
inline constexpr AssetId kCash = 0;

struct Balance {
  Money total = 0;
  Money reserved = 0;
  [[nodiscard]] Money available() const { return total - reserved; }
};

class Ledger {
 public:
  static constexpr Money kCameInMax = Money{1} << 120;

  struct Account {
    MemberId member = 0;
    std::uint64_t last_transfer_number = 0;
    Balance cash;
  };
  struct Position {
    AccountId account = 0;
    InstrumentId instrument = 0;
    Balance balance;
  };

  explicit Ledger(std::uint32_t positions_max);

  // Accounts and assets are dense; adding gives the next number.
  void add_account(MemberId member);
  void add_asset() { came_in_.push_back(0); }

  [[nodiscard]] std::uint32_t accounts() const {
    return static_cast<std::uint32_t>(accounts_.size() - 1);
  }
  [[nodiscard]] std::uint32_t assets() const { return static_cast<std::uint32_t>(came_in_.size()); }
  // Only accounts that exist: 1 to accounts().
  [[nodiscard]] Account& account(AccountId account) { return accounts_[account]; }
  [[nodiscard]] const Account& account(AccountId account) const { return accounts_[account]; }
  [[nodiscard]] Balance& cash(AccountId account) { return accounts_[account].cash; }

  // Null when the account never had any. Valid until a position is opened.
  [[nodiscard]] Balance* position(AccountId account, InstrumentId instrument) {
    const std::uint32_t at = find(key_of(account, instrument));
    return at == kNone ? nullptr : &positions_[at].balance;
  }
  // Opens an empty one if there is none; null when the bound on positions is reached.
  [[nodiscard]] Balance* open_position(AccountId account, InstrumentId instrument) {
    Balance* found = position(account, instrument);
    return found != nullptr ? found : add_position(account, instrument);
  }

  // A deposit or a withdrawal. Reason::none when done; nothing has changed otherwise.
  [[nodiscard]] Reason adjust(AccountId account, AssetId asset, std::uint64_t transfer_number,
                              Money amount);

  [[nodiscard]] Money came_in(AssetId asset) const { return came_in_[asset]; }
  void set_came_in(AssetId asset, Money amount) { came_in_[asset] = amount; }

  // In the order in which they were opened, which a snapshot does not keep.
  [[nodiscard]] const std::vector<Position>& positions() const { return positions_; }

  // What came in is what is there, in every asset, and 0 <= reserved <= total in every balance.
  [[nodiscard]] bool conserved();

 private:
  static constexpr std::uint32_t kNone = UINT32_MAX;

  struct Slot {
    std::uint64_t key = 0;  // no account has number 0, so no key is 0
    std::uint32_t position = 0;
  };

  static std::uint64_t key_of(AccountId account, InstrumentId instrument) {
    return std::uint64_t{account} << 16 | instrument;
  }
  [[nodiscard]] std::size_t home(std::uint64_t key) const {
    return static_cast<std::size_t>(key * 0x9E3779B97F4A7C15 >> shift_);
  }
  [[nodiscard]] std::uint32_t find(std::uint64_t key) const {
    for (std::size_t at = home(key);; at = (at + 1) & (slots_.size() - 1)) {
      if (slots_[at].key == key) return slots_[at].position;
      if (slots_[at].key == 0) return kNone;
    }
  }
  Balance* add_position(AccountId account, InstrumentId instrument);
  void place(std::uint64_t key, std::uint32_t position);
  void double_slots();

  std::vector<Account> accounts_;
  std::vector<Money> came_in_;
  std::vector<Position> positions_;
  std::uint32_t positions_max_;
  // Open addressing, at most half full. Nothing iterates over it.
  std::vector<Slot> slots_;
  unsigned shift_;
  std::vector<Money> sums_;  // scratch of conserved()
};

}  // namespace okiagari::venue
