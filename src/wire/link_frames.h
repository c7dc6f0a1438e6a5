// The private protocol between a node and its gateways, over TCP, little endian. A frame is a
// header and a body; bodies that hold commands or events hold them whole and unchanged
// (venue/command.h, event.h). docs/formats/link.md lists the frames; decoding is bounded and
// refuses what it does not know.
//
// A gateway keeps a connection to every node and is subscribed to the events of one, the leader.
// When another node says it leads and is open, the gateway subscribes there after the last event it
// has, gets what it missed, then caught_up, and then sends again everything the venue has not
// decided, in order.
#pragma once

#include <array>
#include <cstdint>

#include "base/types.h"

namespace okiagari::wire {

inline constexpr std::uint8_t kLinkVersion = 1;
inline constexpr std::uint32_t kMaxLinkFrameBytes = 4u << 20;

enum class LinkFrameType : std::uint8_t {
  // Gateway to node.
  hello = 1,
  subscribe = 2,
  submit = 3,  // whole commands, at most kMaxLinkFrameBytes
  history_request = 4,
  status_request = 5,    // answered by a node_report; also without hello
  transfer_request = 6,  // operator: hand over leadership
  // Another node, as an operator: stored bytes of the history, for a server that lacks its past.
  history_bytes_request = 7,
  preview_request = 8,  // operator: whom a halt would hit
  member_request = 9,   // operator: add, promote or remove a server
  // Node to gateway.
  node_status = 32,  // at once on change, else every kNodeStatusIntervalMs
  events = 33,
  caught_up = 34,
  subscribe_refused = 35,
  history = 36,
  history_end = 37,
  node_report = 38,  // the JSON object `okiagari status` shows for one node
  transfer_result = 39,
  history_bytes = 40,
  preview = 41,  // JSON
  member_result = 42,
  servers = 43,  // at the hello and when it changes, to those that take it: where all nodes are
  submit_refused = 44,  // to those that take it: a command that the leader keeps out of the log
};

inline constexpr std::uint32_t kNodeStatusIntervalMs = 50;

// The gateway id of an operator's command: control_result events whose gateway is 0 go to it.
inline constexpr GatewayId kOperatorGateway = 0;

struct [[gnu::packed]] LinkFrameHeader {
  std::uint32_t size_bytes = 0;  // header and body
  LinkFrameType type{};
  std::uint8_t version = 0;
  std::uint16_t reserved = 0;
};
static_assert(sizeof(LinkFrameHeader) == 8);

struct [[gnu::packed]] Hello {
  std::uint64_t cluster = 0;
  GatewayId gateway = 0;
  std::uint16_t features = 0;  // what it takes beyond the first nodes; those do not look here
  std::uint32_t reserved = 0;
  std::uint64_t incarnation = 0;  // drawn at the gateway's start
};
static_assert(sizeof(Hello) == 24);
// Of Hello: it takes `servers`, `submit_refused`.
inline constexpr std::uint16_t kTakesServers = 1;
inline constexpr std::uint16_t kTakesRefusals = 2;

struct [[gnu::packed]] Subscribe {
  std::uint64_t after_event = 0;  // the last event number the gateway has
};

struct [[gnu::packed]] HistoryRequest {
  SessionId session = 0;
  std::uint16_t reserved = 0;
  std::uint32_t first = 0;    // session numbers, inclusive
  std::uint32_t end = 0;      // exclusive
  std::uint32_t request = 0;  // echoed
};
static_assert(sizeof(HistoryRequest) == 16);

struct [[gnu::packed]] TransferRequest {
  NodeId target = 0;  // 0: any
  std::uint16_t reserved = 0;
};

// Followed by the server's addresses, as the log shall hold them, when it is to be added.
struct [[gnu::packed]] MemberRequest {
  std::uint8_t kind = 0;  // journal::ServerChange::Kind
  std::uint8_t reserved = 0;
  NodeId node = 0;
  std::uint32_t reserved2 = 0;
  std::uint64_t storage = 0;  // when it is to be added
};
static_assert(sizeof(MemberRequest) == 16);

struct [[gnu::packed]] PreviewRequest {
  std::uint8_t scope = 0;  // venue::Scope
  std::uint8_t reserved = 0;
  std::uint16_t target = 0;      // 0 for an instrument: the one of that symbol
  std::array<char, 8> symbol{};  // padded with spaces
};
static_assert(sizeof(PreviewRequest) == 12);

struct [[gnu::packed]] NodeStatus {
  std::uint64_t cluster = 0;
  NodeId node = 0;
  NodeId leader = 0;               // 0: unknown
  std::uint8_t open = 0;           // 1: this node leads and serves
  std::uint8_t role = 0;           // journal::Role
  std::uint16_t format_level = 0;  // in force here; 0: of a node from before there were levels
  std::uint64_t term = 0;
  std::uint64_t applied_sequence = 0;
  std::uint64_t last_event = 0;
  std::uint64_t last_feed = 0;
};
static_assert(sizeof(NodeStatus) == 48);

// Followed by whole events for this gateway, in order. Every event up to through_event that
// concerns it is in this or an earlier frame.
struct [[gnu::packed]] EventsPrefix {
  std::uint64_t through_event = 0;
};

struct [[gnu::packed]] CaughtUp {
  std::uint64_t through_event = 0;
};

// What the gateway missed is no longer kept: it must log its sessions in again.
struct [[gnu::packed]] SubscribeRefused {
  std::uint64_t oldest_event = 0;  // the first still kept
};

// Followed by whole session events with contiguous session numbers.
struct [[gnu::packed]] HistoryPrefix {
  SessionId session = 0;
  std::uint16_t reserved = 0;
  std::uint32_t request = 0;
};

struct [[gnu::packed]] HistoryEnd {
  SessionId session = 0;
  std::uint16_t reserved = 0;
  std::uint32_t request = 0;
  std::uint32_t next = 0;  // first number not sent
};

inline constexpr std::uint32_t kMaxHistoryBytes = 1u << 20;

// Positions and chunks are those of docs/formats/history.md.
struct [[gnu::packed]] HistoryBytesRequest {
  std::uint64_t position = 0;
  std::uint32_t size_bytes = 0;  // at most kMaxHistoryBytes
  std::uint32_t reserved = 0;
};
static_assert(sizeof(HistoryBytesRequest) == 16);

// Followed by exactly the bytes that were asked for, or by none when the node has not got them all.
struct [[gnu::packed]] HistoryBytesPrefix {
  std::uint64_t position = 0;
};

struct [[gnu::packed]] TransferResult {
  std::uint8_t accepted = 0;
  std::uint8_t reserved[3] = {};
  // Followed by text for people.
};

struct [[gnu::packed]] MemberResult {
  std::uint8_t accepted = 0;
  std::uint8_t outcome = 0;  // journal::ChangeOutcome, when it was accepted
  std::uint8_t never = 0;    // 1: asking again is of no use
  std::uint8_t reserved = 0;
  // Followed by text for people.
};

// Of an operator's command: neither is it in the log nor will it be.
struct [[gnu::packed]] SubmitRefused {
  std::uint8_t command = 0;  // venue::CommandType
  std::uint8_t reserved[3] = {};
  // Followed by text for people.
};

}  // namespace okiagari::wire
