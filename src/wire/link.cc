#include "wire/link.h"

namespace okiagari::wire {

namespace {

struct BodySize {
  std::size_t fixed = 0;
  bool is_known = false;
  bool has_more = false;
};

constexpr BodySize exactly(std::size_t bytes) { return {bytes, true, false}; }
constexpr BodySize at_least(std::size_t bytes) { return {bytes, true, true}; }

BodySize body_size(LinkFrameType type) {
  switch (type) {
    case LinkFrameType::hello:
      return exactly(sizeof(Hello));
    case LinkFrameType::subscribe:
      return exactly(sizeof(Subscribe));
    case LinkFrameType::submit:
      return at_least(0);
    case LinkFrameType::history_request:
      return exactly(sizeof(HistoryRequest));
    case LinkFrameType::status_request:
      return exactly(0);
    case LinkFrameType::transfer_request:
      return at_least(sizeof(TransferRequest));
    case LinkFrameType::history_bytes_request:
      return exactly(sizeof(HistoryBytesRequest));
    case LinkFrameType::preview_request:
      return exactly(sizeof(PreviewRequest));
    case LinkFrameType::member_request:
      return at_least(sizeof(MemberRequest));
    case LinkFrameType::member_result:
      return at_least(sizeof(MemberResult));
    case LinkFrameType::submit_refused:
      return at_least(sizeof(SubmitRefused));
    case LinkFrameType::servers:
    case LinkFrameType::preview:
      return at_least(0);
    case LinkFrameType::node_status:
      return exactly(sizeof(NodeStatus));
    case LinkFrameType::events:
      return at_least(sizeof(EventsPrefix));
    case LinkFrameType::caught_up:
      return exactly(sizeof(CaughtUp));
    case LinkFrameType::subscribe_refused:
      return exactly(sizeof(SubscribeRefused));
    case LinkFrameType::history:
      return at_least(sizeof(HistoryPrefix));
    case LinkFrameType::history_end:
      return exactly(sizeof(HistoryEnd));
    case LinkFrameType::node_report:
      return at_least(0);
    case LinkFrameType::transfer_result:
      return at_least(sizeof(TransferResult));
    case LinkFrameType::history_bytes:
      return at_least(sizeof(HistoryBytesPrefix));
  }
  return {};
}

}  // namespace

LinkFault decode_link(base::Bytes bytes, LinkFrame& frame) {
  if (bytes.size() < sizeof(LinkFrameHeader)) return LinkFault::incomplete;
  const auto& header = *reinterpret_cast<const LinkFrameHeader*>(bytes.data());
  if (header.size_bytes < sizeof header) return LinkFault::size_too_small;
  if (header.size_bytes > kMaxLinkFrameBytes) return LinkFault::size_too_large;
  if (header.version != kLinkVersion) return LinkFault::unknown_version;
  const BodySize allowed = body_size(header.type);
  if (!allowed.is_known) return LinkFault::unknown_type;
  const std::size_t body = header.size_bytes - sizeof header;
  if (body < allowed.fixed || (body > allowed.fixed && !allowed.has_more)) {
    return LinkFault::wrong_body_size;
  }
  if (bytes.size() < header.size_bytes) return LinkFault::incomplete;
  frame.type = header.type;
  frame.body = bytes.subspan(sizeof header, body);
  frame.size_bytes = header.size_bytes;
  return LinkFault::none;
}

const char* describe(LinkFault fault) {
  switch (fault) {
    case LinkFault::none:
      return "no fault";
    case LinkFault::incomplete:
      return "incomplete frame";
    case LinkFault::size_too_small:
      return "frame smaller than its header";
    case LinkFault::size_too_large:
      return "frame larger than 4 MiB";
    case LinkFault::unknown_version:
      return "frame of a version that this program does not know";
    case LinkFault::unknown_type:
      return "frame of an unknown type";
    case LinkFault::wrong_body_size:
      return "frame with a body of the wrong size";
  }
  return "unknown fault";
}

void append_link_frame(base::ByteWriter& into, LinkFrameType type, base::Bytes body) {
  into.object(link_header(type, body.size()));
  into.bytes(body);
}

namespace {

// 0 when it is none of the feed's.
std::size_t feed_event_size(venue::EventType type) {
  switch (type) {
    case venue::EventType::feed_add:
      return sizeof(venue::FeedAdd);
    case venue::EventType::feed_execute:
      return sizeof(venue::FeedExecute);
    case venue::EventType::feed_reduce:
      return sizeof(venue::FeedReduce);
    case venue::EventType::feed_delete:
      return sizeof(venue::FeedDelete);
    case venue::EventType::feed_replace:
      return sizeof(venue::FeedReplace);
    case venue::EventType::feed_state:
      return sizeof(venue::FeedState);
    case venue::EventType::feed_instrument:
      return sizeof(venue::FeedInstrument);
    case venue::EventType::feed_system:
      return sizeof(venue::FeedSystem);
    case venue::EventType::feed_execute_at:
      return sizeof(venue::FeedExecuteAt);
    case venue::EventType::feed_cross:
      return sizeof(venue::FeedCross);
    case venue::EventType::feed_indicative:
      return sizeof(venue::FeedIndicative);
    case venue::EventType::feed_collar:
      return sizeof(venue::FeedCollar);
    default:
      return 0;
  }
}

}  // namespace

std::size_t event_size(venue::EventType type) {
  switch (type) {
    case venue::EventType::order_accepted:
      return sizeof(venue::OrderAccepted);
    case venue::EventType::order_replaced:
      return sizeof(venue::OrderReplaced);
    case venue::EventType::order_canceled:
      return sizeof(venue::OrderCanceled);
    case venue::EventType::order_executed:
      return sizeof(venue::OrderExecuted);
    case venue::EventType::order_rejected:
      return sizeof(venue::OrderRejected);
    case venue::EventType::cancel_rejected:
      return sizeof(venue::CancelRejected);
    case venue::EventType::session_notice:
      return sizeof(venue::SessionNotice);
    case venue::EventType::stop_accepted:
      return sizeof(venue::StopAccepted);
    case venue::EventType::stop_replaced:
      return sizeof(venue::StopReplaced);
    case venue::EventType::stop_triggered:
      return sizeof(venue::StopTriggered);
    case venue::EventType::iceberg_accepted:
      return sizeof(venue::IcebergAccepted);
    case venue::EventType::iceberg_replaced:
      return sizeof(venue::IcebergReplaced);
    case venue::EventType::peak_shown:
      return sizeof(venue::PeakShown);
    case venue::EventType::trailing_stop_accepted:
      return sizeof(venue::TrailingStopAccepted);
    case venue::EventType::trailing_stop_replaced:
      return sizeof(venue::TrailingStopReplaced);
    case venue::EventType::login_accepted:
      return sizeof(venue::LoginAccepted);
    case venue::EventType::login_refused:
      return sizeof(venue::LoginRefused);
    case venue::EventType::session_fenced:
      return sizeof(venue::SessionFenced);
    case venue::EventType::stream_mark:
      return sizeof(venue::StreamMark);
    case venue::EventType::stream_gap:
      return sizeof(venue::StreamGap);
    case venue::EventType::control_result:
      return sizeof(venue::ControlResult);
    case venue::EventType::reference_instrument:
      return sizeof(venue::ReferenceInstrument);
    case venue::EventType::reference_segment:
      return sizeof(venue::ReferenceSegment);
    case venue::EventType::reference_session:
      return sizeof(venue::ReferenceSession);
    default:
      return feed_event_size(type);
  }
}

std::size_t command_size(venue::CommandType type) {
  switch (type) {
    case venue::CommandType::new_order:
      return sizeof(venue::NewOrder);
    case venue::CommandType::replace_order:
      return sizeof(venue::ReplaceOrder);
    case venue::CommandType::cancel_order:
      return sizeof(venue::CancelOrder);
    case venue::CommandType::mass_cancel:
      return sizeof(venue::MassCancel);
    case venue::CommandType::new_stop:
      return sizeof(venue::NewStop);
    case venue::CommandType::replace_stop:
      return sizeof(venue::ReplaceStop);
    case venue::CommandType::new_iceberg:
      return sizeof(venue::NewIceberg);
    case venue::CommandType::replace_iceberg:
      return sizeof(venue::ReplaceIceberg);
    case venue::CommandType::new_trailing_stop:
      return sizeof(venue::NewTrailingStop);
    case venue::CommandType::replace_trailing_stop:
      return sizeof(venue::ReplaceTrailingStop);
    case venue::CommandType::login:
      return sizeof(venue::Login);
    case venue::CommandType::logout:
      return sizeof(venue::Logout);
    case venue::CommandType::set_instrument_state:
      return sizeof(venue::SetInstrumentState);
    case venue::CommandType::set_price_limits:
      return sizeof(venue::SetPriceLimits);
    case venue::CommandType::set_trading_plan:
      return sizeof(venue::SetTradingPlan);
    case venue::CommandType::advance_plan:
      return sizeof(venue::AdvancePlan);
    case venue::CommandType::end_day:
      return sizeof(venue::EndDay);
    case venue::CommandType::trade_bust:
      return sizeof(venue::TradeBust);
    case venue::CommandType::found_cluster:
      return sizeof(venue::FoundCluster);
    case venue::CommandType::add_instrument:
      return sizeof(venue::AddInstrument);
    case venue::CommandType::add_member:
      return sizeof(venue::AddMember);
    case venue::CommandType::add_account:
      return sizeof(venue::AddAccount);
    case venue::CommandType::add_session:
      return sizeof(venue::AddSession);
    case venue::CommandType::add_operator:
      return sizeof(venue::AddOperator);
    case venue::CommandType::adjust_funds:
      return sizeof(venue::AdjustFunds);
    case venue::CommandType::set_auction_rules:
      return sizeof(venue::SetAuctionRules);
    case venue::CommandType::checkpoint:
      return sizeof(venue::Checkpoint);
    case venue::CommandType::checkpoint_in_steps:
      return sizeof(venue::CheckpointInSteps);
    case venue::CommandType::attest:
      return sizeof(venue::Attest);
    case venue::CommandType::quarantine:
      return sizeof(venue::Quarantine);
    case venue::CommandType::no_operation:
      return sizeof(venue::NoOperation);
  }
  return 0;
}

const venue::EventHeader* EventReader::next() {
  if (rest_.empty() || !ok_) return nullptr;
  const auto* header = reinterpret_cast<const venue::EventHeader*>(rest_.data());
  ok_ = rest_.size() >= sizeof *header && header->size_bytes <= rest_.size() &&
        header->version == venue::kEventVersion && header->size_bytes == event_size(header->type) &&
        header->size_bytes != 0;
  if (!ok_) return nullptr;
  rest_ = rest_.subspan(header->size_bytes);
  return header;
}

const venue::CommandHeader* CommandReader::next() {
  if (rest_.empty() || !ok_) return nullptr;
  const auto* header = reinterpret_cast<const venue::CommandHeader*>(rest_.data());
  ok_ = rest_.size() >= sizeof *header && header->size_bytes <= rest_.size() &&
        header->version == venue::kCommandVersion &&
        header->size_bytes == command_size(header->type) && header->size_bytes != 0;
  if (!ok_) return nullptr;
  rest_ = rest_.subspan(header->size_bytes);
  return header;
}

}  // namespace okiagari::wire
