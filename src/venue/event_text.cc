#include "venue/event_text.h"

#include <fmt/format.h>

#include <cstring>
#include <string_view>

#include "venue/event.h"
#include "venue/names.h"

namespace okiagari::venue {

namespace {

std::string_view text_of(const std::array<char, 8>& symbol) {
  const std::string_view padded(symbol.data(), symbol.size());
  return padded.substr(0, padded.find_last_not_of(' ') + 1);
}

// What is said to a session.
std::string words(const OrderAccepted& e) {
  return fmt::format("accepted {}: {} {} of {} at {}, reference {}{}", e.user_reference,
                     name_of(e.side), e.quantity, e.instrument, e.price_e4, e.reference,
                     e.live != 0 ? ", lives" : "");
}
std::string words(const OrderReplaced& e) {
  return fmt::format("replaced {} by {}: {} {} of {} at {}, reference {}{}",
                     e.original_user_reference, e.user_reference, name_of(e.side), e.quantity,
                     e.instrument, e.price_e4, e.reference, e.live != 0 ? ", lives" : "");
}
std::string words(const IcebergAccepted& e) {
  return fmt::format("{}, shows {}", words(static_cast<const OrderAccepted&>(e)), e.display);
}
std::string words(const IcebergReplaced& e) {
  return fmt::format("{}, shows {}", words(static_cast<const OrderReplaced&>(e)), e.display);
}
std::string words(const PeakShown& e) {
  return fmt::format("shown {}: {}, reference {}", e.user_reference, e.quantity, e.reference);
}
std::string words(const OrderCanceled& e) {
  return fmt::format("canceled {}: {} gone, {} left, {}", e.user_reference, e.quantity, e.remaining,
                     name_of(e.reason));
}
std::string words(const OrderExecuted& e) {
  return fmt::format("executed {}: {} at {}, {} left, match {}{}", e.user_reference, e.quantity,
                     e.price_e4, e.remaining, e.match,
                     e.in_auction != 0  ? ", in the auction"
                     : e.aggressor != 0 ? ", aggressor"
                                        : "");
}
std::string words(const OrderRejected& e) {
  return fmt::format("rejected {}: {}", e.user_reference, name_of(e.reason));
}
std::string words(const CancelRejected& e) {
  return fmt::format("cancel rejected {}: {}", e.user_reference, name_of(e.reason));
}
std::string words(const StopAccepted& e) {
  return fmt::format("stop accepted {}: {} {} of {} at {} from {}, reference {}", e.user_reference,
                     name_of(e.side), e.quantity, e.instrument, e.price_e4, e.trigger_e4,
                     e.reference);
}
std::string words(const StopReplaced& e) {
  return fmt::format("stop replaced {} by {}: {} {} of {} at {} from {}, reference {}",
                     e.original_user_reference, e.user_reference, name_of(e.side), e.quantity,
                     e.instrument, e.price_e4, e.trigger_e4, e.reference);
}
std::string words(const TrailingStopAccepted& e) {
  return fmt::format("trailing {}, distance {}", words(static_cast<const StopAccepted&>(e)),
                     e.distance_e4);
}
std::string words(const TrailingStopReplaced& e) {
  return fmt::format("trailing {}, distance {}", words(static_cast<const StopReplaced&>(e)),
                     e.distance_e4);
}
std::string words(const StopTriggered& e) {
  return fmt::format("triggered {}: {} {} of {} after {}, reference {}{}", e.user_reference,
                     name_of(e.side), e.quantity, e.instrument, e.last_price_e4, e.reference,
                     e.live != 0 ? ", lives" : "");
}
std::string words(const SessionNotice& e) {
  return fmt::format("notice: instrument {} {}, reason {}", e.instrument, name_of(e.state),
                     e.reason);
}

// To a gateway.
std::string words(const LoginAccepted& e) {
  return fmt::format("login accepted: epoch {}, next message {}, next reference {}", e.epoch,
                     e.next_session_number, e.next_user_reference);
}
std::string words(const LoginRefused& e) {
  return fmt::format("login refused: {}", name_of(e.reason));
}
std::string words(const SessionFenced& e) { return fmt::format("fenced: epoch {}", e.epoch); }
std::string words(const StreamMark& e) {
  return fmt::format("decided: {} of epoch {}", e.header.stream_number, e.epoch);
}
std::string words(const StreamGap& e) {
  return fmt::format("gap: expected {} of epoch {}", e.expected, e.epoch);
}
std::string words(const ControlResult& e) {
  return fmt::format("{} {}: {}, {} affected", name_of(e.command), e.number,
                     e.reason == Reason::none ? "done" : name_of(e.reason), e.affected);
}
std::string words(const ReferenceInstrument& e) {
  return fmt::format("instrument {} is {}, tick {}, {}", e.instrument, text_of(e.symbol), e.tick_e4,
                     name_of(e.state));
}
std::string words(const ReferenceSegment& e) {
  return fmt::format("instrument {} is in segment {}", e.instrument, e.segment);
}
std::string words(const ReferenceSession& e) {
  return fmt::format("session {} is of member {}", e.added_session, e.member);
}

// To the feed.
std::string words(const FeedAdd& e) {
  return fmt::format("add {}: {} {} of {} at {}", e.reference, name_of(e.side), e.quantity,
                     e.instrument, e.price_e4);
}
std::string words(const FeedExecute& e) {
  return fmt::format("execute {}: {}, match {}", e.reference, e.quantity, e.match);
}
std::string words(const FeedReduce& e) {
  return fmt::format("reduce {}: by {}", e.reference, e.quantity);
}
std::string words(const FeedDelete& e) { return fmt::format("delete {}", e.reference); }
std::string words(const FeedReplace& e) {
  return fmt::format("replace {} by {}: {} at {}", e.original_reference, e.reference, e.quantity,
                     e.price_e4);
}
std::string words(const FeedState& e) {
  return fmt::format("state of {}: {}, reason {}", e.instrument, name_of(e.state), e.reason);
}
std::string words(const FeedInstrument& e) {
  return fmt::format("instrument {} is {}, tick {}", e.instrument, text_of(e.symbol), e.tick_e4);
}
std::string words(const FeedSystem& e) { return fmt::format("system {}", e.code); }
std::string words(const FeedExecuteAt& e) {
  return fmt::format("execute {}: {} at {}, match {}", e.reference, e.quantity, e.price_e4,
                     e.match);
}
std::string words(const FeedCross& e) {
  return fmt::format("cross of {}: {} at {}, match {}", e.instrument, e.volume, e.price_e4,
                     e.match);
}
std::string words(const FeedIndicative& e) {
  return fmt::format("indicative of {}: {} at {}, surplus {}, reference {}", e.instrument, e.volume,
                     e.price_e4, e.surplus, e.reference_e4);
}
std::string words(const FeedCollar& e) {
  return fmt::format("collar of {}: {} to {}, reference {}, extension {}", e.instrument, e.low_e4,
                     e.high_e4, e.reference_e4, e.extensions);
}

template <typename Event>
std::string line(const EventHeader& header, base::Bytes bytes) {
  if (bytes.size() != sizeof(Event)) return "an event of the wrong size";
  Event event;
  std::memcpy(&event, bytes.data(), sizeof event);
  if (header.feed_number != 0) return fmt::format("feed: {}", words(event));
  if (header.session_number != 0)
    return fmt::format("session {}: {}", header.session, words(event));
  if (header.session != 0) {
    return fmt::format("gateway {} about session {}: {}", header.gateway, header.session,
                       words(event));
  }
  return fmt::format("gateway {}: {}", header.gateway, words(event));
}

// To a gateway or to the feed.
std::string line_of_others(const EventHeader& header, base::Bytes bytes) {
  switch (header.type) {
    case EventType::login_accepted:
      return line<LoginAccepted>(header, bytes);
    case EventType::login_refused:
      return line<LoginRefused>(header, bytes);
    case EventType::session_fenced:
      return line<SessionFenced>(header, bytes);
    case EventType::stream_mark:
      return line<StreamMark>(header, bytes);
    case EventType::stream_gap:
      return line<StreamGap>(header, bytes);
    case EventType::control_result:
      return line<ControlResult>(header, bytes);
    case EventType::reference_instrument:
      return line<ReferenceInstrument>(header, bytes);
    case EventType::reference_segment:
      return line<ReferenceSegment>(header, bytes);
    case EventType::reference_session:
      return line<ReferenceSession>(header, bytes);
    case EventType::feed_add:
      return line<FeedAdd>(header, bytes);
    case EventType::feed_execute:
      return line<FeedExecute>(header, bytes);
    case EventType::feed_reduce:
      return line<FeedReduce>(header, bytes);
    case EventType::feed_delete:
      return line<FeedDelete>(header, bytes);
    case EventType::feed_replace:
      return line<FeedReplace>(header, bytes);
    case EventType::feed_state:
      return line<FeedState>(header, bytes);
    case EventType::feed_instrument:
      return line<FeedInstrument>(header, bytes);
    case EventType::feed_system:
      return line<FeedSystem>(header, bytes);
    case EventType::feed_execute_at:
      return line<FeedExecuteAt>(header, bytes);
    case EventType::feed_cross:
      return line<FeedCross>(header, bytes);
    case EventType::feed_indicative:
      return line<FeedIndicative>(header, bytes);
    case EventType::feed_collar:
      return line<FeedCollar>(header, bytes);
    default:
      return "an event of an unknown type";
  }
}

}  // namespace

std::string text_of(base::Bytes bytes) {
  EventHeader header;
  if (bytes.size() < sizeof header) return "an event of the wrong size";
  std::memcpy(&header, bytes.data(), sizeof header);
  switch (header.type) {
    case EventType::order_accepted:
      return line<OrderAccepted>(header, bytes);
    case EventType::order_replaced:
      return line<OrderReplaced>(header, bytes);
    case EventType::order_canceled:
      return line<OrderCanceled>(header, bytes);
    case EventType::order_executed:
      return line<OrderExecuted>(header, bytes);
    case EventType::order_rejected:
      return line<OrderRejected>(header, bytes);
    case EventType::cancel_rejected:
      return line<CancelRejected>(header, bytes);
    case EventType::stop_accepted:
      return line<StopAccepted>(header, bytes);
    case EventType::stop_replaced:
      return line<StopReplaced>(header, bytes);
    case EventType::stop_triggered:
      return line<StopTriggered>(header, bytes);
    case EventType::trailing_stop_accepted:
      return line<TrailingStopAccepted>(header, bytes);
    case EventType::trailing_stop_replaced:
      return line<TrailingStopReplaced>(header, bytes);
    case EventType::iceberg_accepted:
      return line<IcebergAccepted>(header, bytes);
    case EventType::iceberg_replaced:
      return line<IcebergReplaced>(header, bytes);
    case EventType::peak_shown:
      return line<PeakShown>(header, bytes);
    case EventType::session_notice:
      return line<SessionNotice>(header, bytes);
    default:
      return line_of_others(header, bytes);
  }
}

}  // namespace okiagari::venue
