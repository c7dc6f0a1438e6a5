// The gateway's side of the protocol between nodes and gateways (wire/link_frames.h): a connection
// to every node, a subscription to the one that leads and is open. Nodes tell where all nodes are:
// those that it did not know are connected to, too. When another one leads, it
// subscribes there after the last event it has, takes what it missed, and tells its owner to send
// again.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/types.h"
#include "net/loop.h"
#include "net/tcp.h"
#include "venue/event.h"
#include "wire/format_level.h"
#include "wire/link.h"

namespace okiagari::gateway {

class ClusterLink {
 public:
  class Owner {
   public:
    virtual ~Owner() = default;
    // In order, each once: events for this gateway and its sessions, and what instruments and
    // sessions there are. on_events_done() follows each frame of them.
    virtual void on_event(const venue::EventHeader& event) = 0;
    virtual void on_events_done() = 0;
    virtual void on_history(const wire::HistoryPrefix& prefix, base::Bytes events) = 0;
    virtual void on_history_end(const wire::HistoryEnd& end) = 0;
    // A leader takes commands, and every event up to now has been handed on.
    virtual void on_serving() = 0;
    // Events were missed that no node has any more.
    virtual void on_lost_track() = 0;
  };

  struct Identity {
    GatewayId gateway = 0;
    std::uint64_t cluster = 0;
    std::uint64_t incarnation = 0;
  };

  ClusterLink(net::Loop& loop, Owner& owner, const Identity& identity,
              const std::vector<net::Endpoint>& nodes);
  ~ClusterLink();
  ClusterLink(const ClusterLink&) = delete;
  ClusterLink& operator=(const ClusterLink&) = delete;

  // Connects, connects again, and leaves nodes that have fallen silent.
  void tick(std::uint64_t now_ms);
  [[nodiscard]] std::uint64_t next_deadline_ms() const { return next_deadline_ms_; }

  [[nodiscard]] bool is_serving() const { return state_ == State::serving; }
  // The node whose events are taken, 0 when there is none.
  [[nodiscard]] NodeId leader() const;
  // How long nobody has taken commands; 0 while somebody does.
  [[nodiscard]] std::uint64_t away_ms(std::uint64_t now_ms) const {
    return is_serving() ? 0 : now_ms - away_since_ms_;
  }

  // Bytes of commands that may be submitted now without queueing too much behind a slow leader.
  [[nodiscard]] std::size_t submit_room() const;
  // Whole commands; while serving, and within submit_room().
  void submit(base::Bytes commands);
  // False when no node can be asked.
  [[nodiscard]] bool request_history(const wire::HistoryRequest& request);
  void flush();

  // The highest numbers that any node has told, for the witness file.
  struct Highest {
    std::uint64_t term = 0;
    std::uint64_t sequence = 0;
    std::uint64_t event = 0;
    std::uint64_t feed = 0;
  };
  [[nodiscard]] const Highest& highest() const { return highest_; }
  // Commands above it are not taken by a leader. It never falls, so the highest that was told is
  // it.
  [[nodiscard]] wire::FormatLevel format_level() const { return format_level_; }

 private:
  enum class State : std::uint8_t { away, catching_up, serving };
  struct Node;

  void connect(Node& node, std::uint64_t now_ms);
  void connected(Node& node, std::shared_ptr<net::Connection> connection);
  void lost(Node& node, const std::string& reason);
  std::size_t receive(Node& node, base::Bytes bytes);
  // False when the frame breaks the protocol.
  [[nodiscard]] bool handle(Node& node, const wire::LinkFrame& frame);
  [[nodiscard]] bool handle_status(Node& node, const wire::NodeStatus& status);
  [[nodiscard]] bool handle_events(Node& node, const wire::LinkFrame& frame);
  void handle_refused(Node& node);
  [[nodiscard]] bool handle_servers(base::Bytes lines);
  [[nodiscard]] Node* place_for_another();
  void choose();
  void subscribe(Node& node);
  void set_state(State state);
  template <typename Body>
  void send(Node& node, wire::LinkFrameType type, const Body& body);

  net::Loop& loop_;
  Owner& owner_;
  Identity identity_;
  std::vector<std::unique_ptr<Node>> nodes_;
  // Callbacks of connections outlive this object by up to a turn; they look here first.
  std::shared_ptr<bool> alive_;
  Node* subscribed_ = nullptr;
  std::uint64_t subscribed_term_ = 0;
  std::uint64_t leader_term_ = 0;  // the highest that a node was seen to lead
  State state_ = State::away;
  std::uint64_t away_since_ms_;
  std::uint64_t ticked_ms_;
  std::uint64_t next_deadline_ms_ = 0;
  bool has_subscribed_ = false;
  std::uint64_t last_event_ = 0;
  Highest highest_;
  wire::FormatLevel format_level_ = wire::kLowestFormatLevel;
  base::ByteWriter frame_;
};

}  // namespace okiagari::gateway
