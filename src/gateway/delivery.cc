#include "gateway/delivery.h"

#include <algorithm>
#include <array>

#include "base/planted.h"
#include "gateway/member_line.h"
#include "net/loop.h"
#include "wire/ouch_venue.h"

namespace okiagari::gateway {

namespace {
// History is asked for in parts, and the next one only when the member has read most of the last,
// so that a session's whole day needs no more memory than a part.
constexpr std::uint32_t kHistoryPart = 4'096;
constexpr std::size_t kLineQueueBytesLow = 256u << 10;
// An answer that takes longer was lost with its node, or the node is behind.
constexpr std::uint64_t kHistoryWaitMs = 500;
constexpr std::uint64_t kHistoryAgainMs = 10;
}  // namespace

void Delivery::begin(Session& session, std::uint32_t next_number, std::uint32_t live_number) {
  session.next_number = next_number;
  session.held.clear();
  session.is_replaying = next_number < live_number;
  session.replay_end = live_number;
  session.history_asked = false;
  session.history_asked_from = 0;
  session.history_asked_ms = 0;
}

void Delivery::stop(Session& session) {
  session.is_replaying = false;
  session.history_asked = false;
  session.held = {};
}

void Delivery::deliver(Session& session, const venue::EventHeader& event) {
  if (session.line == nullptr || session.epoch == 0 || session.nonce != 0) return;
  if (session.is_replaying) return hold(session, event);
  if (event.session_number == session.next_number) return send(session, event);
  if (event.session_number < session.next_number) return;
  session.is_replaying = true;
  session.replay_end = event.session_number;
  session.history_asked = false;
  hold(session, event);
}

void Delivery::send(Session& session, const venue::EventHeader& event) {
  std::byte message[wire::ouch::kMessageBytesMax];
  const std::size_t size = wire::ouch::ouch_from_event(event, symbols_, message);
  // Where a planted defect alters a message: its quantity, for most types.
  constexpr std::size_t kAlterAt = 16;
  base::pass_planted(base::PlantPlace::gateway, event.session, {message, size}, kAlterAt,
                     [&](base::Bytes bytes) {
                       if (session.line != nullptr) session.line->send_sequenced(bytes);
                     });
  session.next_number = event.session_number + 1;
}

void Delivery::hold(Session& session, const venue::EventHeader& event) {
  if (session.held.size() + event.size_bytes > held_bytes_max_) {
    session.line->end("does not read its history as fast as the session goes on");
    return;
  }
  session.held.bytes({reinterpret_cast<const std::byte*>(&event), event.size_bytes});
}

void Delivery::on_history(Session& session, const wire::HistoryPrefix& prefix, base::Bytes events) {
  if (!session.is_replaying || prefix.request != session.history_request) return;
  session.history_asked_ms = net::Loop::now_ms();
  wire::EventReader reader(events);
  while (const venue::EventHeader* event = reader.next()) {
    if (session.line == nullptr) return;
    if (event->session == session.credential.session &&
        event->session_number == session.next_number) {
      send(session, *event);
    }
  }
}

void Delivery::on_history_end(Session& session, const wire::HistoryEnd& end) {
  if (!session.is_replaying || end.request != session.history_request) return;
  session.history_asked = false;
  // A node that is behind has sent nothing new; it is asked again in a moment.
  session.history_asked_ms = net::Loop::now_ms();
  if (session.next_number >= session.replay_end) finish_replay(session);
}

void Delivery::finish_replay(Session& session) {
  session.is_replaying = false;
  base::ByteWriter held = std::move(session.held);
  session.held = {};
  wire::EventReader reader(held.view());
  while (const venue::EventHeader* event = reader.next()) {
    if (session.line == nullptr) return;
    deliver(session, *event);
  }
}

void Delivery::tick(Session& session, std::uint64_t now_ms) {
  if (!session.is_replaying || session.line == nullptr) return;
  const std::uint64_t waited_ms = now_ms - session.history_asked_ms;
  if (session.history_asked) {
    if (waited_ms >= kHistoryWaitMs) ask(session, now_ms);
    return;
  }
  if (session.line->queued_bytes() > kLineQueueBytesLow) return;
  const bool had_progress = session.next_number != session.history_asked_from;
  if (had_progress || waited_ms >= kHistoryAgainMs) ask(session, now_ms);
}

void Delivery::ask(Session& session, std::uint64_t now_ms) {
  wire::HistoryRequest request;
  request.session = session.credential.session;
  request.first = session.next_number;
  request.end = std::min(session.replay_end, session.next_number + kHistoryPart);
  request.request = ++last_request_;
  session.history_request = last_request_;
  session.history_asked = cluster_.request_history(request);
  session.history_asked_from = session.next_number;
  session.history_asked_ms = now_ms;
}

}  // namespace okiagari::gateway
