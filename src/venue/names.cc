#include "venue/names.h"

#include <array>
#include <utility>

namespace okiagari::venue {

namespace {

template <typename Value>
using Name = std::pair<Value, std::string_view>;

constexpr auto kCommandTypes = std::to_array<Name<CommandType>>({
    {CommandType::new_order, "new order"},
    {CommandType::replace_order, "replace order"},
    {CommandType::cancel_order, "cancel order"},
    {CommandType::mass_cancel, "mass cancel"},
    {CommandType::new_stop, "new stop"},
    {CommandType::replace_stop, "replace stop"},
    {CommandType::new_iceberg, "new iceberg"},
    {CommandType::replace_iceberg, "replace iceberg"},
    {CommandType::new_trailing_stop, "new trailing stop"},
    {CommandType::replace_trailing_stop, "replace trailing stop"},
    {CommandType::login, "login"},
    {CommandType::logout, "logout"},
    {CommandType::set_instrument_state, "set instrument state"},
    {CommandType::set_price_limits, "set price limits"},
    {CommandType::trade_bust, "trade bust"},
    {CommandType::set_trading_plan, "set trading plan"},
    {CommandType::advance_plan, "advance plan"},
    {CommandType::end_day, "end day"},
    {CommandType::found_cluster, "found cluster"},
    {CommandType::add_instrument, "add instrument"},
    {CommandType::add_member, "add member"},
    {CommandType::add_account, "add account"},
    {CommandType::add_session, "add session"},
    {CommandType::add_operator, "add operator"},
    {CommandType::adjust_funds, "adjust funds"},
    {CommandType::set_auction_rules, "set auction rules"},
    {CommandType::checkpoint, "checkpoint"},
    {CommandType::checkpoint_in_steps, "checkpoint in steps"},
    {CommandType::attest, "attest"},
    {CommandType::quarantine, "quarantine"},
    {CommandType::no_operation, "no operation"},
});

constexpr auto kReasons = std::to_array<Name<Reason>>({
    {Reason::none, "none"},
    {Reason::unknown_instrument, "unknown instrument"},
    {Reason::unknown_account, "unknown account"},
    {Reason::price_off_tick, "price off tick"},
    {Reason::price_out_of_limits, "price out of limits"},
    {Reason::price_too_large, "price too large"},
    {Reason::quantity_zero, "quantity zero"},
    {Reason::quantity_too_large, "quantity too large"},
    {Reason::insufficient_funds, "insufficient funds"},
    {Reason::insufficient_position, "insufficient position"},
    {Reason::state_forbids, "state forbids"},
    {Reason::member_halted, "member halted"},
    {Reason::would_trade, "would trade"},
    {Reason::cannot_fill, "cannot fill"},
    {Reason::number_never_arrived, "number never arrived"},
    {Reason::number_too_old, "number too old"},
    {Reason::books_full, "books full"},
    {Reason::unknown_order, "unknown order"},
    {Reason::malformed, "malformed"},
    {Reason::quarantined, "quarantined"},
    {Reason::approval_missing, "approval missing"},
    {Reason::approval_wrong, "approval wrong"},
    {Reason::stale_control_number, "stale control number"},
    {Reason::not_supported, "not supported"},
    {Reason::unknown_session, "unknown session"},
    {Reason::wrong_epoch, "wrong epoch"},
    {Reason::already_exists, "already exists"},
    {Reason::bound_reached, "bound reached"},
    {Reason::symbol_taken, "symbol taken"},
    {Reason::approval_expired, "approval expired"},
    {Reason::unknown_segment, "unknown segment"},
    {Reason::market_held, "market held"},
    {Reason::no_auction_price, "no auction price"},
    {Reason::outside_collar, "outside collar"},
    {Reason::times_not_ascending, "times not ascending"},
    {Reason::nothing_due, "nothing due"},
    {Reason::phase_too_late, "phase too late"},
    {Reason::day_has_ended, "day has ended"},
    {Reason::day_is_ending, "day is ending"},
    {Reason::too_many_peaks, "too many peaks"},
    {Reason::nothing_to_follow, "nothing to follow"},
    {Reason::too_many_distances, "too many distances"},
    {Reason::by_member, "by member"},
    {Reason::immediate_rest, "immediate rest"},
    {Reason::self_trade, "self trade"},
    {Reason::by_operator, "by operator"},
    {Reason::session_absent, "session absent"},
    {Reason::halted, "halted"},
    {Reason::session_ended, "session ended"},
    {Reason::auction_ended, "auction ended"},
    {Reason::stop_refused, "stop refused"},
    {Reason::day_over, "day over"},
});

constexpr auto kInstrumentStates = std::to_array<Name<InstrumentState>>({
    {InstrumentState::halted, "halted"},
    {InstrumentState::cancel_only, "cancel only"},
    {InstrumentState::post_only, "post only"},
    {InstrumentState::auction_call, "auction call"},
    {InstrumentState::uncross, "uncross"},
    {InstrumentState::limit_only, "limit only"},
    {InstrumentState::full, "full"},
    {InstrumentState::closed, "closed"},
    {kDayEnd, "day end"},
});

template <typename Value, std::size_t kSize>
std::string_view look_up(const std::array<Name<Value>, kSize>& names, Value wanted) {
  for (const auto& [value, name] : names) {
    if (value == wanted) return name;
  }
  return "unknown";
}

}  // namespace

std::string_view name_of(CommandType type) { return look_up(kCommandTypes, type); }
std::string_view name_of(Reason reason) { return look_up(kReasons, reason); }
std::string_view name_of(InstrumentState state) { return look_up(kInstrumentStates, state); }
std::string_view name_of(Side side) { return side == Side::buy ? "buy" : "sell"; }

}  // namespace okiagari::venue
