// The node's door for gateways and operators: the server's side of wire/link_frames.h. It knows who
// is connected and what each may see; what the frames do to the market is its owner's business.
//
// A gateway that does not read is disconnected when its queue is full: it connects again and goes
// on after the last event it has.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "journal/replica.h"
#include "net/loop.h"
#include "net/tcp.h"
#include "node/event_ring.h"
#include "node/history.h"
#include "venue/event.h"
#include "wire/link.h"
#include "wire/transfer_approval.h"

namespace okiagari::node {

class GatewayPort {
 public:
  class Owner {
   public:
    virtual ~Owner() = default;
    // One whole well-formed command, of the gateway that sent it. An error: it is kept out of the
    // log, and why.
    virtual base::Status on_command(const venue::CommandHeader& command) = 0;
    // Events that tell a new gateway what instruments and sessions there are.
    virtual void describe_market(GatewayId gateway, base::ByteWriter& events) = 0;
    [[nodiscard]] virtual wire::NodeStatus node_status() = 0;
    // JSON for `okiagari status`.
    [[nodiscard]] virtual std::string node_report() = 0;
    [[nodiscard]] virtual std::string halt_preview(const wire::PreviewRequest& request) = 0;
    virtual base::Status transfer_leadership(NodeId target) = 0;
    // The same, as an operator has signed it.
    virtual base::Status transfer_leadership(NodeId target,
                                             const wire::TransferApproval& approval) = 0;
    virtual base::Result<journal::ChangeOutcome> change_servers(
        const journal::ServerChange& change) = 0;
    [[nodiscard]] virtual bool never_takes(const journal::ServerChange& change) = 0;
  };

  static base::Result<std::unique_ptr<GatewayPort>> open(net::Loop& loop,
                                                         const net::Endpoint& listen,
                                                         std::uint64_t cluster, Owner& owner,
                                                         const EventRing& ring, History& history);
  ~GatewayPort();

  // Hands a new event to whom it concerns. In order; the ring gets it before end_turn().
  void route(const venue::EventHeader& event);

  // Sends everything, and the status if it has changed or is due.
  void end_turn(std::uint64_t now_ms);
  [[nodiscard]] std::uint64_t next_deadline_ms() const;

  // Stops or goes on reading from gateways: their commands wait in their own hands. Operators are
  // read always.
  void set_reading(bool reads);

  // Where gateways find all nodes: a line "NODE HOST:PORT" for each.
  void set_servers(std::string servers);

  // For a state that came with a peer's snapshot: the events up to it were never here.
  void drop_subscribers();

  [[nodiscard]] const net::Endpoint& endpoint() const { return listener_->endpoint(); }
  [[nodiscard]] std::size_t gateways() const;

 private:
  struct Line {
    std::shared_ptr<net::Connection> connection;
    bool greeted = false;
    bool subscribed = false;
    bool takes_servers = false;
    bool takes_refusals = false;
    GatewayId gateway = 0;
    std::uint64_t incarnation = 0;
    std::uint64_t after_event = 0;             // nothing up to it is sent
    std::uint64_t told_through = 0;            // by the last frame of events
    base::ByteWriter events;                   // of this turn: a frame under construction
    std::deque<wire::HistoryRequest> history;  // to be answered
    bool status_due = false;
    bool dirty = false;
  };

  GatewayPort(std::uint64_t cluster, Owner& owner, const EventRing& ring, History& history)
      : cluster_(cluster), owner_(owner), ring_(ring), history_(history) {}
  [[nodiscard]] static bool is_gateway(const Line& line) {
    return line.greeted && line.gateway != wire::kOperatorGateway;
  }
  void accept(std::shared_ptr<net::Connection> connection);
  std::size_t receive(Line& line, base::Bytes bytes);
  // False when the frame breaks the protocol.
  [[nodiscard]] bool handle(Line& line, const wire::LinkFrame& frame);
  [[nodiscard]] bool greet(Line& line, const wire::Hello& hello);
  [[nodiscard]] bool submit(Line& line, base::Bytes commands);
  [[nodiscard]] bool send_history_bytes(Line& line, const wire::HistoryBytesRequest& request);
  void refuse(Line& line, venue::CommandType command, const std::string& reason);
  void subscribe(Line& line, std::uint64_t after_event);
  void describe(Line& line, std::uint64_t through_event);
  void transfer(Line& line, const wire::LinkFrame& frame);
  [[nodiscard]] bool change_member(Line& line, const wire::LinkFrame& frame);
  void send_servers(Line& line);
  void serve_history(Line& line);
  void add_event(Line& line, const venue::EventHeader& event);
  void finish_events(Line& line, std::uint64_t through_event);
  void send(Line& line, base::Bytes frame);
  template <typename Body>
  void send_frame(Line& line, wire::LinkFrameType type, const Body& body, base::Bytes rest = {});
  void send_status(std::uint64_t now_ms);
  void drop(Line& line, const std::string& reason);
  void remove_closed();

  std::uint64_t cluster_;
  Owner& owner_;
  const EventRing& ring_;
  History& history_;
  std::unique_ptr<net::Listener> listener_;
  std::vector<std::unique_ptr<Line>> lines_;
  std::vector<Line*> by_gateway_;  // subscribed; null where there is none
  bool reads_ = true;
  bool any_closed_ = false;
  std::string servers_;
  wire::NodeStatus last_status_{};
  std::uint64_t next_status_ms_ = 0;
  base::ByteWriter scratch_;
  base::ByteWriter read_events_;
  std::vector<std::byte> stored_;
};

}  // namespace okiagari::node
