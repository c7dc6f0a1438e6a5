// Builds events in place at the end of the caller's buffer and gives them their numbers.
#pragma once

#include <cstddef>
#include <cstdint>
#include <new>

#include "base/bytes.h"
#include "venue/command.h"
#include "venue/event.h"
#include "venue/sessions.h"
#include "venue/state.h"

namespace okiagari::venue {

class EventWriter {
 public:
  explicit EventWriter(Counters& counters) : counters_(counters) {}

  // Where the events of the batch go; the caller keeps it until the batch is done.
  void begin_batch(base::ByteWriter& into) { into_ = &into; }

  // The event, zero but for its header; to be filled before the next one is asked for.
  // `stream_number` is that of the command which it answers to its own session, else 0.
  template <typename Event>
  Event& to_session(Session& session, std::uint32_t stream_number) {
    Event& event = add<Event>();
    event.header.session = session.id;
    event.header.gateway = session.gateway;
    event.header.session_number = session.next_session_number++;
    event.header.stream_number = stream_number;
    return event;
  }
  template <typename Event>
  Event& to_gateway(GatewayId gateway, SessionId about = 0) {
    Event& event = add<Event>();
    event.header.session = about;
    event.header.gateway = gateway;
    return event;
  }
  template <typename Event>
  Event& to_feed() {
    Event& event = add<Event>();
    event.header.feed_number = ++counters_.feed_number;
    return event;
  }

  // To whoever sent a command that is not an order.
  void answer(const CommandHeader& command, std::uint64_t number, Reason reason,
              std::uint32_t affected = 0) {
    ControlResult& event = to_gateway<ControlResult>(command.gateway, command.session);
    event.number = number;
    event.command = command.type;
    event.reason = reason;
    event.affected = affected;
    event.sequence = counters_.sequence;
  }

  // For what is known of an event only after those behind it: where the last event begins.
  template <typename Event>
  [[nodiscard]] std::size_t place_of_last() const {
    return into_->size() - sizeof(Event);
  }
  template <typename Event>
  [[nodiscard]] Event& at(std::size_t place) {
    return *std::launder(reinterpret_cast<Event*>(into_->data() + place));
  }

 private:
  template <typename Event>
  Event& add() {
    static_assert(alignof(Event) == 1);
    Event& event = *new (into_->extend(sizeof(Event))) Event{};
    event.header.size_bytes = sizeof(Event);
    event.header.type = Event::kType;
    event.header.version = kEventVersion;
    event.header.event_number = ++counters_.event_number;
    event.header.timestamp_ns = counters_.timestamp_ns;
    return event;
  }

  Counters& counters_;
  base::ByteWriter* into_ = nullptr;
};

}  // namespace okiagari::venue
