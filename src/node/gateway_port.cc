#include "node/gateway_port.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "base/assert.h"
#include "base/json_log.h"
#include "net/link_identity.h"
#include "venue/names.h"

namespace okiagari::node {

using wire::LinkFrameType;

namespace {

constexpr std::size_t kLinesMax = 1'024;
constexpr std::size_t kHistoryRequestsMax = 20'000;  // every session at once after a fail-over
// A frame of events is closed when it has this size, so that the gateway need not wait for its end.
constexpr std::size_t kEventsFrameBytes = 1u << 20;
constexpr std::size_t kQueueBytesMax = 128u << 20;
// History goes out in portions, so that it does not fill the queue that live events need.
constexpr std::size_t kHistoryQueueBytes = 2u << 20;
constexpr std::size_t kHistoryBytesPerTurn = 1u << 20;
constexpr std::uint64_t kHistoryLookMs = 2;

bool is_for_everyone(venue::EventType type) {
  return type == venue::EventType::reference_instrument ||
         type == venue::EventType::reference_segment || type == venue::EventType::reference_session;
}

bool differs(const wire::NodeStatus& a, const wire::NodeStatus& b) {
  return a.leader != b.leader || a.open != b.open || a.role != b.role || a.term != b.term ||
         a.format_level != b.format_level;
}

}  // namespace

GatewayPort::~GatewayPort() {
  listener_ = nullptr;
  for (const auto& line : lines_) line->connection->close();
}

base::Result<std::unique_ptr<GatewayPort>> GatewayPort::open(net::Loop& loop,
                                                             const net::Endpoint& listen,
                                                             std::uint64_t cluster, Owner& owner,
                                                             const EventRing& ring,
                                                             History& history) {
  std::unique_ptr<GatewayPort> port(new GatewayPort(cluster, owner, ring, history));
  auto listener = net::Listener::open(
      loop, listen, [raw = port.get()](auto connection) { raw->accept(std::move(connection)); },
      net::link_security());
  if (!listener) return listener.error();
  port->listener_ = std::move(listener.value());
  return port;
}

void GatewayPort::accept(std::shared_ptr<net::Connection> connection) {
  if (lines_.size() >= kLinesMax) return connection->close();
  lines_.push_back(std::make_unique<Line>());
  Line* line = lines_.back().get();
  line->connection = std::move(connection);
  line->connection->set_max_queued_bytes(kQueueBytesMax);
  // Lines are removed in end_turn() only, so the pointer outlives the handlers' calls.
  line->connection->start([this, line](base::Bytes bytes) { return receive(*line, bytes); },
                          [this, line](const std::string& reason) { drop(*line, reason); },
                          2 * std::size_t{wire::kMaxLinkFrameBytes});
}

std::size_t GatewayPort::receive(Line& line, base::Bytes bytes) {
  std::size_t consumed = 0;
  wire::LinkFrame frame;
  while (reads_ || !is_gateway(line)) {
    const wire::LinkFault fault = wire::decode_link(bytes.subspan(consumed), frame);
    if (fault == wire::LinkFault::incomplete) break;
    if (fault != wire::LinkFault::none) {
      drop(line, wire::describe(fault));
      break;
    }
    if (!handle(line, frame)) drop(line, "a frame that breaks the protocol");
    if (!line.connection->is_open()) break;
    consumed += frame.size_bytes;
  }
  return consumed;
}

bool GatewayPort::handle(Line& line, const wire::LinkFrame& frame) {
  switch (frame.type) {
    case LinkFrameType::status_request: {
      const std::string report = owner_.node_report();
      scratch_.clear();
      wire::append_link_frame(scratch_, LinkFrameType::node_report, base::as_bytes(report));
      send(line, scratch_.view());
      return true;
    }
    case LinkFrameType::hello:
      return greet(line, wire::fixed_part<wire::Hello>(frame));
    case LinkFrameType::subscribe:
      if (!line.greeted) return false;
      subscribe(line, wire::fixed_part<wire::Subscribe>(frame).after_event);
      return true;
    case LinkFrameType::submit:
      return line.greeted && submit(line, frame.body);
    case LinkFrameType::history_request:
      if (!line.greeted || line.history.size() >= kHistoryRequestsMax) return false;
      line.history.push_back(wire::fixed_part<wire::HistoryRequest>(frame));
      return true;
    case LinkFrameType::transfer_request:
      if (!line.greeted || line.gateway != wire::kOperatorGateway) return false;
      transfer(line, frame);
      return true;
    case LinkFrameType::member_request:
      return line.greeted && line.gateway == wire::kOperatorGateway && change_member(line, frame);
    case LinkFrameType::preview_request: {
      if (!line.greeted || line.gateway != wire::kOperatorGateway) return false;
      const auto& request = wire::fixed_part<wire::PreviewRequest>(frame);
      if (request.scope > static_cast<std::uint8_t>(venue::Scope::segment)) return false;
      std::string preview = owner_.halt_preview(request);
      if (preview.size() > wire::kMaxLinkFrameBytes - sizeof(wire::LinkFrameHeader)) return false;
      scratch_.clear();
      wire::append_link_frame(scratch_, LinkFrameType::preview, base::as_bytes(preview));
      send(line, scratch_.view());
      return true;
    }
    case LinkFrameType::history_bytes_request:
      return line.greeted && line.gateway == wire::kOperatorGateway &&
             send_history_bytes(line, wire::fixed_part<wire::HistoryBytesRequest>(frame));
    default:
      return false;
  }
}

bool GatewayPort::send_history_bytes(Line& line, const wire::HistoryBytesRequest& request) {
  if (request.size_bytes == 0 || request.size_bytes > wire::kMaxHistoryBytes) return false;
  if (!history_.read_bytes({request.position, request.size_bytes}, stored_)) stored_.clear();
  send_frame(line, LinkFrameType::history_bytes, wire::HistoryBytesPrefix{request.position},
             stored_);
  return true;
}

bool GatewayPort::greet(Line& line, const wire::Hello& hello) {
  if (line.greeted) return false;
  if (hello.cluster != cluster_) {
    base::log_warning(
        "wrong_cluster",
        {{"peer", line.connection->peer()}, {"cluster", std::uint64_t{hello.cluster}}},
        "{} belongs to cluster {}, this node to {}", line.connection->peer(),
        std::uint64_t{hello.cluster}, cluster_);
    return false;
  }
  // Operators are known by what they sign (wire/operator_keys.h), gateways by their certificates.
  if (hello.gateway != wire::kOperatorGateway &&
      !line.connection->is_peer_named(net::link_name("gateway", hello.gateway))) {
    base::log_warning("wrong_certificate",
                      {{"peer", line.connection->peer()}, {"gateway", GatewayId{hello.gateway}}},
                      "{} says it is gateway {} and has the certificate of somebody else",
                      line.connection->peer(), GatewayId{hello.gateway});
    return false;
  }
  line.greeted = true;
  line.gateway = hello.gateway;
  line.incarnation = hello.incarnation;
  line.status_due = true;
  line.takes_servers = (hello.features & wire::kTakesServers) != 0;
  line.takes_refusals = (hello.features & wire::kTakesRefusals) != 0;
  if (line.takes_servers) send_servers(line);
  describe(line, 0);
  if (!reads_ && is_gateway(line)) line.connection->pause();
  return true;
}

void GatewayPort::describe(Line& line, std::uint64_t through_event) {
  read_events_.clear();
  owner_.describe_market(line.gateway, read_events_);
  if (read_events_.empty()) return;
  wire::EventReader reader(read_events_.view());
  scratch_.clear();
  const auto flush = [&] {
    if (scratch_.empty()) return;
    base::ByteWriter frame;
    wire::append_link_frame(frame, LinkFrameType::events, wire::EventsPrefix{through_event},
                            scratch_.view());
    send(line, frame.view());
    scratch_.clear();
  };
  while (const venue::EventHeader* event = reader.next()) {
    scratch_.bytes({reinterpret_cast<const std::byte*>(event), event->size_bytes});
    if (scratch_.size() >= kEventsFrameBytes) flush();
  }
  flush();
}

bool GatewayPort::submit(Line& line, base::Bytes commands) {
  wire::CommandReader reader(commands);
  while (const venue::CommandHeader* command = reader.next()) {
    if (command->gateway != line.gateway) return false;
    if (const base::Status taken = owner_.on_command(*command); !taken) {
      refuse(line, command->type, taken.error().message);
    }
  }
  return reader.ok();
}

// Who does not take it waits in vain, as it did when a command was lost.
void GatewayPort::refuse(Line& line, venue::CommandType command, const std::string& reason) {
  base::log_warning("command_kept_out",
                    {{"peer", line.connection->peer()}, {"command", venue::name_of(command)}},
                    "{} from {} is kept out of the log: {}", venue::name_of(command),
                    line.connection->peer(), reason);
  if (!line.takes_refusals) return;
  wire::SubmitRefused refused{};
  refused.command = static_cast<std::uint8_t>(command);
  send_frame(line, LinkFrameType::submit_refused, refused, base::as_bytes(reason));
}

void GatewayPort::subscribe(Line& line, std::uint64_t after_event) {
  const GatewayId gateway = line.gateway;
  if (gateway != wire::kOperatorGateway) {
    if (gateway >= by_gateway_.size()) by_gateway_.resize(gateway + 1u, nullptr);
    Line*& current = by_gateway_[gateway];
    if (current != nullptr && current != &line) drop(*current, "the gateway has a new connection");
    current = nullptr;
  }
  finish_events(line, line.told_through);
  if (after_event + 1 < ring_.oldest()) {
    line.subscribed = false;
    return send_frame(line, LinkFrameType::subscribe_refused,
                      wire::SubscribeRefused{ring_.oldest()});
  }
  line.subscribed = true;
  line.after_event = after_event;
  line.told_through = after_event;
  if (gateway != wire::kOperatorGateway) by_gateway_[gateway] = &line;
  describe(line, after_event);
  ring_.for_each_after(after_event, [&](const venue::EventHeader& event) {
    const bool is_control =
        event.gateway == wire::kOperatorGateway && event.type == venue::EventType::control_result;
    const bool is_own = gateway == wire::kOperatorGateway ? is_control : event.gateway == gateway;
    if (is_own || is_for_everyone(event.type)) add_event(line, event);
  });
  const std::uint64_t through = std::max(after_event, ring_.last());
  finish_events(line, through);
  send_frame(line, LinkFrameType::caught_up, wire::CaughtUp{through});
}

void GatewayPort::transfer(Line& line, const wire::LinkFrame& frame) {
  const NodeId target = wire::fixed_part<wire::TransferRequest>(frame).target;
  const base::Bytes approval = wire::after_fixed_part<wire::TransferRequest>(frame);
  base::Status status = base::Error{"an approval of another size"};
  if (approval.empty()) {
    status = owner_.transfer_leadership(target);
  } else if (approval.size() == sizeof(wire::TransferApproval)) {
    status = owner_.transfer_leadership(
        target, *reinterpret_cast<const wire::TransferApproval*>(approval.data()));
  }
  wire::TransferResult result{};
  result.accepted = status.ok() ? 1 : 0;
  const std::string text = status.ok() ? "leadership is being handed over" : status.error().message;
  send_frame(line, LinkFrameType::transfer_result, result, base::as_bytes(text));
}

bool GatewayPort::change_member(Line& line, const wire::LinkFrame& frame) {
  using Kind = journal::ServerChange::Kind;
  const auto& request = wire::fixed_part<wire::MemberRequest>(frame);
  const auto kind = static_cast<Kind>(request.kind);
  if (kind != Kind::add && kind != Kind::promote && kind != Kind::remove) return false;
  journal::ServerChange change{kind, {request.node}};
  if (kind == Kind::add) {
    change.server.storage = request.storage;
    change.server.address = base::as_text(wire::after_fixed_part<wire::MemberRequest>(frame));
  }
  const auto outcome = owner_.change_servers(change);
  wire::MemberResult result{};
  result.accepted = outcome.ok() ? 1 : 0;
  if (outcome) result.outcome = static_cast<std::uint8_t>(outcome.value());
  if (!outcome) result.never = owner_.never_takes(change) ? 1 : 0;
  const std::string text = outcome ? "" : outcome.error().message;
  send_frame(line, LinkFrameType::member_result, result, base::as_bytes(text));
  return true;
}

void GatewayPort::set_servers(std::string servers) {
  servers_ = std::move(servers);
  for (const auto& line : lines_) {
    if (line->takes_servers && line->connection->is_open()) send_servers(*line);
  }
}

void GatewayPort::send_servers(Line& line) {
  if (servers_.empty()) return;
  scratch_.clear();
  wire::append_link_frame(scratch_, LinkFrameType::servers, base::as_bytes(servers_));
  send(line, scratch_.view());
}

void GatewayPort::route(const venue::EventHeader& event) {
  if (event.gateway != wire::kOperatorGateway) {
    if (event.gateway >= by_gateway_.size()) return;
    Line* const line = by_gateway_[event.gateway];
    if (line != nullptr) add_event(*line, event);
    return;
  }
  const bool for_everyone = is_for_everyone(event.type);
  if (!for_everyone && event.type != venue::EventType::control_result) return;
  for (const auto& line : lines_) {
    if (!line->subscribed) continue;
    if (for_everyone || line->gateway == wire::kOperatorGateway) add_event(*line, event);
  }
}

void GatewayPort::add_event(Line& line, const venue::EventHeader& event) {
  if (event.event_number <= line.after_event) return;
  constexpr std::size_t kHead = sizeof(wire::LinkFrameHeader) + sizeof(wire::EventsPrefix);
  if (line.events.empty()) (void)line.events.extend(kHead);
  line.events.bytes({reinterpret_cast<const std::byte*>(&event), event.size_bytes});
  if (line.events.size() >= kEventsFrameBytes) finish_events(line, event.event_number);
}

void GatewayPort::finish_events(Line& line, std::uint64_t through_event) {
  if (line.events.empty()) return;
  const auto header =
      wire::link_header(LinkFrameType::events, line.events.size() - sizeof(wire::LinkFrameHeader));
  const wire::EventsPrefix prefix{through_event};
  std::memcpy(line.events.data(), &header, sizeof header);
  std::memcpy(line.events.data() + sizeof header, &prefix, sizeof prefix);
  send(line, line.events.view());
  line.events.clear();
  line.told_through = through_event;
}

void GatewayPort::serve_history(Line& line) {
  std::size_t sent_bytes = 0;
  while (!line.history.empty() && sent_bytes < kHistoryBytesPerTurn &&
         line.connection->queued_bytes() < kHistoryQueueBytes) {
    wire::HistoryRequest& request = line.history.front();
    read_events_.clear();
    if (request.first < request.end && request.session != kFeedStream) {
      history_.read(request.session, request.first, read_events_);
    }
    // Whole chunks are read; what lies behind the request's end is left out.
    std::size_t size = 0;
    std::uint32_t next = request.first;
    while (size < read_events_.size() && next < request.end) {
      size += reinterpret_cast<const venue::EventHeader*>(read_events_.data() + size)->size_bytes;
      ++next;
    }
    if (size > 0) {
      send_frame(line, LinkFrameType::history,
                 wire::HistoryPrefix{request.session, 0, request.request},
                 read_events_.view().first(size));
    }
    sent_bytes += size;
    request.first = next;
    if (size > 0 && next < request.end) continue;
    wire::HistoryEnd end{};
    end.session = request.session;
    end.request = request.request;
    end.next = next;
    send_frame(line, LinkFrameType::history_end, end);
    line.history.pop_front();
  }
}

template <typename Body>
void GatewayPort::send_frame(Line& line, LinkFrameType type, const Body& body, base::Bytes rest) {
  scratch_.clear();
  wire::append_link_frame(scratch_, type, body, rest);
  send(line, scratch_.view());
}

void GatewayPort::send(Line& line, base::Bytes frame) {
  if (!line.connection->is_open()) return;
  if (!line.connection->send(frame)) return drop(line, "it does not read what it is sent");
  line.dirty = true;
}

void GatewayPort::end_turn(std::uint64_t now_ms) {
  for (const auto& line : lines_) {
    finish_events(*line, ring_.last());
    if (!line->history.empty()) serve_history(*line);
  }
  send_status(now_ms);
  for (const auto& line : lines_) {
    if (!line->dirty) continue;
    line->dirty = false;
    line->connection->flush();
  }
  if (any_closed_) remove_closed();
}

void GatewayPort::send_status(std::uint64_t now_ms) {
  const wire::NodeStatus status = owner_.node_status();
  const bool is_due = now_ms >= next_status_ms_;
  const bool has_changed = differs(status, last_status_);
  last_status_ = status;
  if (is_due) next_status_ms_ = now_ms + wire::kNodeStatusIntervalMs;
  for (const auto& line : lines_) {
    if (!line->greeted || !(is_due || has_changed || line->status_due)) continue;
    line->status_due = false;
    send_frame(*line, LinkFrameType::node_status, status);
    // So that a quiet gateway, too, can go on elsewhere from a recent number.
    if (is_due && line->subscribed && line->told_through < ring_.last()) {
      line->told_through = ring_.last();
      send_frame(*line, LinkFrameType::events, wire::EventsPrefix{ring_.last()});
    }
  }
}

std::uint64_t GatewayPort::next_deadline_ms() const {
  for (const auto& line : lines_) {
    if (line->history.empty()) continue;
    return line->connection->queued_bytes() < kHistoryQueueBytes
               ? 0
               : std::min(next_status_ms_, net::Loop::now_ms() + kHistoryLookMs);
  }
  return next_status_ms_;
}

void GatewayPort::set_reading(bool reads) {
  if (reads == reads_) return;
  reads_ = reads;
  for (const auto& line : lines_) {
    if (!is_gateway(*line)) continue;
    if (reads) {
      line->connection->resume();
    } else {
      line->connection->pause();
    }
  }
}

std::size_t GatewayPort::gateways() const {
  return static_cast<std::size_t>(std::count_if(by_gateway_.begin(), by_gateway_.end(),
                                                [](const Line* l) { return l != nullptr; }));
}

void GatewayPort::drop(Line& line, const std::string& reason) {
  if (line.greeted && line.gateway != wire::kOperatorGateway) {
    base::log_info("gateway_gone", {{"gateway", GatewayId{line.gateway}}, {"reason", reason}},
                   "gateway {} at {} is gone: {}", line.gateway, line.connection->peer(), reason);
  }
  line.connection->close();
  if (line.gateway < by_gateway_.size() && by_gateway_[line.gateway] == &line) {
    by_gateway_[line.gateway] = nullptr;
  }
  line.greeted = false;
  line.subscribed = false;
  line.dirty = false;
  line.events.clear();
  line.history.clear();
  any_closed_ = true;
}

void GatewayPort::drop_subscribers() {
  for (const auto& line : lines_) {
    if (line->subscribed) drop(*line, "this node skips events");
  }
}

void GatewayPort::remove_closed() {
  std::erase_if(lines_, [](const auto& line) { return !line->connection->is_open(); });
  any_closed_ = false;
}

}  // namespace okiagari::node
