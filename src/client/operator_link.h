// An operator's connection to one node: asks it for its status, submits control and reference data
// to a leader and hears what became of it. One connection, no second try: whoever uses it knows
// what a loss means.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "base/bytes.h"
#include "journal/identity.h"
#include "net/loop.h"
#include "net/tcp.h"
#include "wire/link.h"
#include "wire/transfer_approval.h"

namespace okiagari::client {

class OperatorLink {
 public:
  struct Handlers {
    std::function<void()> on_connected;
    std::function<void(const wire::NodeStatus&)> on_status;
    std::function<void(const venue::EventHeader&)> on_event;
    std::function<void()> on_caught_up;
    // A command that was submitted is kept out of the log.
    std::function<void(venue::CommandType command, const std::string& reason)> on_refused;
    std::function<void(const std::string& json)> on_report;
    std::function<void(bool accepted, const std::string& text)> on_transfer;
    std::function<void(const wire::MemberResult&, const std::string& text)> on_member;
    std::function<void(std::uint64_t position, base::Bytes bytes)> on_history_bytes;
    std::function<void(const std::string& json)> on_preview;
    std::function<void(const std::string& reason)> on_lost;
  };

  // Connects. Handlers are called from the loop, until destruction.
  OperatorLink(net::Loop& loop, const net::Endpoint& node, Handlers handlers);
  ~OperatorLink();
  OperatorLink(const OperatorLink&) = delete;
  OperatorLink& operator=(const OperatorLink&) = delete;

  [[nodiscard]] bool is_connected() const { return connection_ != nullptr; }

  // Each only while connected. All but the report need the greeting first.
  void request_report();
  void greet(journal::ClusterId cluster);
  // control_result events from now on, or from after a known event.
  // True without TLS. Only what it sent tells that the handshake is done.
  [[nodiscard]] bool is_peer_named(const std::string& name) const;
  void subscribe(std::uint64_t after_event);
  void submit(base::Bytes commands);
  void request_transfer(NodeId target);
  void request_transfer(NodeId target, const wire::TransferApproval& approval);
  void request_member(const wire::MemberRequest& request, const std::string& address);
  void request_preview(const wire::PreviewRequest& request);
  void request_history_bytes(std::uint64_t position, std::uint32_t size_bytes);

 private:
  void connected(std::shared_ptr<net::Connection> connection);
  std::size_t receive(base::Bytes bytes);
  void handle(const wire::LinkFrame& frame);
  void lose(const std::string& reason);
  void send(base::Bytes frame);

  Handlers handlers_;
  std::shared_ptr<bool> alive_;
  std::shared_ptr<net::Connection> connection_;
};

}  // namespace okiagari::client
