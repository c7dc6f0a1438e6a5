#include "venue/names.h"

namespace okiagari::venue {

std::string_view name_of(CommandType type) {
  switch (type) {
    case CommandType::new_order:
      return "new order";
    case CommandType::replace_order:
      return "replace order";
    case CommandType::cancel_order:
      return "cancel order";
    case CommandType::mass_cancel:
      return "mass cancel";
    case CommandType::login:
      return "login";
    case CommandType::logout:
      return "logout";
    case CommandType::set_instrument_state:
      return "set instrument state";
    case CommandType::set_price_limits:
      return "set price limits";
    case CommandType::trade_bust:
      return "trade bust";
    case CommandType::add_instrument:
      return "add instrument";
    case CommandType::add_member:
      return "add member";
    case CommandType::add_account:
      return "add account";
    case CommandType::add_session:
      return "add session";
    case CommandType::add_operator:
      return "add operator";
    case CommandType::adjust_funds:
      return "adjust funds";
    case CommandType::checkpoint:
      return "checkpoint";
    case CommandType::attest:
      return "attest";
    case CommandType::quarantine:
      return "quarantine";
    case CommandType::no_operation:
      return "no operation";
  }
  return "unknown";
}

std::string_view name_of(Reason reason) {
  switch (reason) {
    case Reason::none:
      return "none";
    case Reason::unknown_instrument:
      return "unknown instrument";
    case Reason::unknown_account:
      return "unknown account";
    case Reason::price_off_tick:
      return "price off tick";
    case Reason::price_out_of_limits:
      return "price out of limits";
    case Reason::price_too_large:
      return "price too large";
    case Reason::quantity_zero:
      return "quantity zero";
    case Reason::quantity_too_large:
      return "quantity too large";
    case Reason::insufficient_funds:
      return "insufficient funds";
    case Reason::insufficient_position:
      return "insufficient position";
    case Reason::state_forbids:
      return "state forbids";
    case Reason::member_halted:
      return "member halted";
    case Reason::would_trade:
      return "would trade";
    case Reason::cannot_fill:
      return "cannot fill";
    case Reason::number_never_arrived:
      return "number never arrived";
    case Reason::number_too_old:
      return "number too old";
    case Reason::books_full:
      return "books full";
    case Reason::unknown_order:
      return "unknown order";
    case Reason::malformed:
      return "malformed";
    case Reason::quarantined:
      return "quarantined";
    case Reason::approval_missing:
      return "approval missing";
    case Reason::approval_wrong:
      return "approval wrong";
    case Reason::stale_control_number:
      return "stale control number";
    case Reason::not_supported:
      return "not supported";
    case Reason::unknown_session:
      return "unknown session";
    case Reason::wrong_epoch:
      return "wrong epoch";
    case Reason::already_exists:
      return "already exists";
    case Reason::bound_reached:
      return "bound reached";
    case Reason::by_member:
      return "by member";
    case Reason::immediate_rest:
      return "immediate rest";
    case Reason::self_trade:
      return "self trade";
    case Reason::by_operator:
      return "by operator";
    case Reason::session_absent:
      return "session absent";
    case Reason::halted:
      return "halted";
    case Reason::session_ended:
      return "session ended";
  }
  return "unknown";
}

std::string_view name_of(InstrumentState state) {
  switch (state) {
    case InstrumentState::halted:
      return "halted";
    case InstrumentState::cancel_only:
      return "cancel only";
    case InstrumentState::post_only:
      return "post only";
    case InstrumentState::auction_call:
      return "auction call";
    case InstrumentState::uncross:
      return "uncross";
    case InstrumentState::limit_only:
      return "limit only";
    case InstrumentState::full:
      return "full";
    case InstrumentState::closed:
      return "closed";
  }
  return "unknown";
}

std::string_view name_of(Side side) { return side == Side::buy ? "buy" : "sell"; }

}  // namespace okiagari::venue
