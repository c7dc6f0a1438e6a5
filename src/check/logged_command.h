// The commands in a journal's batches, read by docs/formats/commands.md alone.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/hash.h"
#include "check/ouch.h"

namespace okiagari::check {

enum class LoggedType : std::uint8_t {
  new_order = 1,
  replace_order = 2,
  cancel_order = 3,
  mass_cancel = 4,
  new_stop = 5,
  replace_stop = 6,
  new_iceberg = 7,
  replace_iceberg = 8,
  new_trailing_stop = 9,
  replace_trailing_stop = 10,
  login = 16,
  logout = 17,
  set_instrument_state = 32,
  set_price_limits = 33,
  trade_bust = 34,
  set_trading_plan = 35,
  advance_plan = 36,
  end_day = 37,
  add_instrument = 48,
  add_member = 49,
  add_account = 50,
  add_session = 51,
  add_operator = 52,
  adjust_funds = 53,
  set_auction_rules = 54,
  checkpoint = 64,
  attest = 65,
  quarantine = 66,
  no_operation = 67,
  checkpoint_in_steps = 68,
  found_cluster = 80,
};

// One command, whatever its type; what a type does not have stays zero.
struct LoggedCommand {
  LoggedType type{};
  std::uint16_t session = 0;
  std::uint16_t gateway = 0;
  std::uint32_t epoch = 0;
  std::uint32_t stream_number = 0;

  std::uint32_t user_reference = 0;
  std::uint32_t original_user_reference = 0;
  std::uint32_t quantity = 0;
  std::uint64_t price_e4 = 0;
  std::uint64_t trigger_e4 = 0;
  std::uint64_t distance_e4 = 0;  // of a trailing stop
  std::uint32_t display = 0;      // of an iceberg
  std::uint32_t account = 0;
  std::uint16_t instrument = 0;
  std::uint8_t side = 0;  // 0 buy, 1 sell; of a mass cancel also 2 both
  std::uint8_t price_type = 0;
  std::uint8_t time_in_force = 0;  // 255: as the order has it that is replaced
  std::uint16_t last_day = 0;      // days since the epoch
  std::uint8_t self_trade = 0;
  std::uint8_t post_only = 0;
  ClientOrderId client_order_id{};

  std::uint64_t nonce = 0;
  std::uint8_t cancel_on_disconnect = 0;
  std::uint8_t logout_reason = 0;

  std::uint64_t number = 0;  // control, transfer, checkpoint, match or quarantined sequence
  std::uint8_t scope = 0;
  std::uint8_t state = 0;
  std::uint16_t target = 0;
  std::uint32_t reason = 0;
  // The signatures are not checked here.
  struct Approval {
    std::uint16_t operator_id = 0;  // 0: none
    std::uint32_t accept_until_s = 0;
  };
  std::array<Approval, 2> approvals{};
  struct Phase {
    std::uint64_t at_ns = 0;
    std::uint32_t reason = 0;
    std::uint16_t target = 0;
    std::uint8_t scope = 0;
    std::uint8_t state = 0;
  };
  static constexpr std::size_t kPhasesMax = 24;
  std::uint32_t date = 0;         // of a plan or a day's end, 20261126
  base::Digest digest{};          // of a plan, its signatures included
  std::uint16_t phase_count = 0;  // as it says; those behind are not read
  std::vector<Phase> phases;
  std::int32_t low_ticks = 0;
  std::int32_t high_ticks = 0;

  Symbol symbol{};
  std::uint32_t tick_e4 = 0;
  std::int64_t money_per_tick_lot = 0;
  std::uint16_t segment = 0;
  std::uint16_t member = 0;
  std::uint16_t added_session = 0;
  std::array<char, 4> firm{};
  std::uint16_t operator_id = 0;
  std::uint8_t stop_only = 0;
  std::int64_t amount_low = 0;
  std::int64_t amount_high = 0;

  // Rules of an instrument's calls.
  std::uint8_t price_method = 0;  // 0 three conditions, 1 largest volume
  std::uint8_t candidates = 0;    // 0 every tick, 1 named prices
  std::uint8_t allocation = 0;    // 0 by time, 1 members in turn
  std::uint8_t takes_market_orders = 0;
  std::uint8_t collar_unit = 0;  // 0 none, 1 ticks, 2 ten thousandths
  std::uint8_t extensions_max = 0;
  std::int32_t base_price = 0;
  std::uint32_t collar = 0;
  std::uint32_t collar_step = 0;
  std::uint32_t extension_s = 0;
  std::uint32_t random_end_s = 0;

  std::uint64_t state_hash = 0;   // of an attestation or a founding
  std::uint64_t founded_on = 0;   // index of the last entry that a founding takes over
  std::uint64_t old_cluster = 0;  // of a founding; the new one is its number
  std::uint16_t node = 0;

  [[nodiscard]] bool is_from_session() const {
    return type >= LoggedType::new_order && type <= LoggedType::replace_trailing_stop;
  }
};

struct LoggedBatch {
  std::uint64_t timestamp_ns = 0;
  std::vector<LoggedCommand> commands;
};

// False when the bytes are no batch of whole, known commands.
[[nodiscard]] bool decode_batch(base::Bytes payload, LoggedBatch& batch);
// For findings: the command in one line.
[[nodiscard]] std::string describe(const LoggedCommand& command);

}  // namespace okiagari::check
