#include "client/operator_link.h"

#include "base/assert.h"
#include "net/link_identity.h"

namespace okiagari::client {

using wire::LinkFrameType;

OperatorLink::OperatorLink(net::Loop& loop, const net::Endpoint& node, Handlers handlers)
    : handlers_(std::move(handlers)), alive_(std::make_shared<bool>(true)) {
  net::connect(
      loop, node,
      [this, alive = alive_](auto connection, const std::string& error) {
        if (!*alive) return;
        if (!connection) return lose(error);
        connected(std::move(connection));
      },
      net::link_security());
}

OperatorLink::~OperatorLink() {
  *alive_ = false;
  if (connection_) connection_->close();
}

bool OperatorLink::is_peer_named(const std::string& name) const {
  return connection_ != nullptr && connection_->is_peer_named(name);
}

void OperatorLink::connected(std::shared_ptr<net::Connection> connection) {
  connection_ = std::move(connection);
  connection_->start(
      [this, alive = alive_](base::Bytes bytes) { return *alive ? receive(bytes) : bytes.size(); },
      [this, alive = alive_](const std::string& reason) {
        if (*alive) lose(reason);
      },
      2 * std::size_t{wire::kMaxLinkFrameBytes});
  if (handlers_.on_connected) handlers_.on_connected();
}

std::size_t OperatorLink::receive(base::Bytes bytes) {
  const std::shared_ptr<bool> alive = alive_;
  std::size_t consumed = 0;
  while (*alive && connection_) {
    wire::LinkFrame frame;
    const wire::LinkFault fault = wire::decode_link(bytes.subspan(consumed), frame);
    if (fault == wire::LinkFault::incomplete) break;
    if (fault != wire::LinkFault::none) {
      connection_->close();
      lose(wire::describe(fault));
      break;
    }
    consumed += frame.size_bytes;
    handle(frame);
  }
  return consumed;
}

void OperatorLink::handle(const wire::LinkFrame& frame) {
  switch (frame.type) {
    case LinkFrameType::node_status:
      if (handlers_.on_status) handlers_.on_status(wire::fixed_part<wire::NodeStatus>(frame));
      break;
    case LinkFrameType::events: {
      wire::EventReader reader(wire::after_fixed_part<wire::EventsPrefix>(frame));
      const std::shared_ptr<bool> alive = alive_;
      while (const venue::EventHeader* event = reader.next()) {
        if (*alive && handlers_.on_event) handlers_.on_event(*event);
      }
      break;
    }
    case LinkFrameType::caught_up:
      if (handlers_.on_caught_up) handlers_.on_caught_up();
      break;
    case LinkFrameType::submit_refused:
      if (handlers_.on_refused) {
        handlers_.on_refused(
            static_cast<venue::CommandType>(wire::fixed_part<wire::SubmitRefused>(frame).command),
            std::string(base::as_text(wire::after_fixed_part<wire::SubmitRefused>(frame))));
      }
      break;
    case LinkFrameType::node_report:
      if (handlers_.on_report) handlers_.on_report(std::string(base::as_text(frame.body)));
      break;
    case LinkFrameType::preview:
      if (handlers_.on_preview) handlers_.on_preview(std::string(base::as_text(frame.body)));
      break;
    case LinkFrameType::transfer_result:
      if (handlers_.on_transfer) {
        handlers_.on_transfer(
            wire::fixed_part<wire::TransferResult>(frame).accepted != 0,
            std::string(base::as_text(wire::after_fixed_part<wire::TransferResult>(frame))));
      }
      break;
    case LinkFrameType::member_result:
      if (handlers_.on_member) {
        handlers_.on_member(
            wire::fixed_part<wire::MemberResult>(frame),
            std::string(base::as_text(wire::after_fixed_part<wire::MemberResult>(frame))));
      }
      break;
    case LinkFrameType::history_bytes:
      if (handlers_.on_history_bytes) {
        handlers_.on_history_bytes(wire::fixed_part<wire::HistoryBytesPrefix>(frame).position,
                                   wire::after_fixed_part<wire::HistoryBytesPrefix>(frame));
      }
      break;
    default:
      break;
  }
}

void OperatorLink::lose(const std::string& reason) {
  connection_ = nullptr;
  if (handlers_.on_lost) handlers_.on_lost(reason);
}

void OperatorLink::send(base::Bytes frame) {
  ASSERT(connection_ != nullptr, "not connected");
  const std::shared_ptr<net::Connection> connection = connection_;
  connection->send(frame);
  connection->flush();
}

void OperatorLink::request_report() {
  base::ByteWriter frame;
  wire::append_link_frame(frame, LinkFrameType::status_request);
  send(frame.view());
}

void OperatorLink::greet(journal::ClusterId cluster) {
  wire::Hello hello{};
  hello.cluster = cluster;
  hello.gateway = wire::kOperatorGateway;
  hello.features = wire::kTakesRefusals;
  base::ByteWriter frame;
  wire::append_link_frame(frame, LinkFrameType::hello, hello);
  send(frame.view());
}

void OperatorLink::subscribe(std::uint64_t after_event) {
  base::ByteWriter frame;
  wire::append_link_frame(frame, LinkFrameType::subscribe, wire::Subscribe{after_event});
  send(frame.view());
}

void OperatorLink::submit(base::Bytes commands) {
  base::ByteWriter frame;
  wire::append_link_frame(frame, LinkFrameType::submit, commands);
  send(frame.view());
}

void OperatorLink::request_transfer(NodeId target) {
  wire::TransferRequest request{};
  request.target = target;
  base::ByteWriter frame;
  wire::append_link_frame(frame, LinkFrameType::transfer_request, request);
  send(frame.view());
}

void OperatorLink::request_transfer(NodeId target, const wire::TransferApproval& approval) {
  wire::TransferRequest request{};
  request.target = target;
  base::ByteWriter body;
  body.bytes(base::object_bytes(request));
  body.bytes(base::object_bytes(approval));
  base::ByteWriter frame;
  wire::append_link_frame(frame, LinkFrameType::transfer_request, body.view());
  send(frame.view());
}

void OperatorLink::request_member(const wire::MemberRequest& request, const std::string& address) {
  base::ByteWriter frame;
  wire::append_link_frame(frame, LinkFrameType::member_request, request, base::as_bytes(address));
  send(frame.view());
}

void OperatorLink::request_preview(const wire::PreviewRequest& request) {
  base::ByteWriter frame;
  wire::append_link_frame(frame, LinkFrameType::preview_request, request);
  send(frame.view());
}

void OperatorLink::request_history_bytes(std::uint64_t position, std::uint32_t size_bytes) {
  wire::HistoryBytesRequest request{};
  request.position = position;
  request.size_bytes = size_bytes;
  base::ByteWriter frame;
  wire::append_link_frame(frame, LinkFrameType::history_bytes_request, request);
  send(frame.view());
}

}  // namespace okiagari::client
