// What sessions are told: each one's messages in order of their numbers, from the venue's live
// events, or from any node's history where the member missed some.
#pragma once

#include <cstdint>
#include <unordered_map>

#include "base/bytes.h"
#include "gateway/cluster_link.h"
#include "gateway/session.h"
#include "venue/event.h"
#include "wire/link_frames.h"
#include "wire/symbols.h"

namespace okiagari::gateway {

class Delivery {
 public:
  Delivery(ClusterLink& cluster, const wire::Symbols& symbols, std::size_t held_bytes_max)
      : cluster_(cluster), symbols_(symbols), held_bytes_max_(held_bytes_max) {}

  // The member's log-in was accepted from next_number on; everything below `live_number` comes from
  // history.
  void begin(Session& session, std::uint32_t next_number, std::uint32_t live_number);
  void stop(Session& session);

  // The next live event of the session; `event` has a session number.
  void deliver(Session& session, const venue::EventHeader& event);

  void on_history(Session& session, const wire::HistoryPrefix& prefix, base::Bytes events);
  void on_history_end(Session& session, const wire::HistoryEnd& end);

  // Asks for the next part of the history, or again where no answer came; while replaying.
  void tick(Session& session, std::uint64_t now_ms);

 private:
  void send(Session& session, const venue::EventHeader& event);
  void hold(Session& session, const venue::EventHeader& event);
  void ask(Session& session, std::uint64_t now_ms);
  void finish_replay(Session& session);

  ClusterLink& cluster_;
  const wire::Symbols& symbols_;
  std::size_t held_bytes_max_;
  std::uint32_t last_request_ = 0;
};

}  // namespace okiagari::gateway
