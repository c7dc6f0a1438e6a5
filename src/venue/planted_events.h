// Only in builds with planted defects: lets one event of a batch be dropped, doubled, swapped or
// altered as a fault of the venue itself would do it, that is without a gap in any number.
#pragma once

#ifdef OKIAGARI_PLANTED_DEFECTS

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <map>

#include "base/bytes.h"
#include "base/planted.h"
#include "venue/event.h"
#include "venue/state.h"

namespace okiagari::venue {

// What an event is numbered by: its session, or the feed.
inline constexpr std::uint64_t kPlantedFeedStream = 1u << 16;

[[nodiscard]] inline std::uint64_t planted_stream(const EventHeader& event) {
  return event.feed_number != 0      ? kPlantedFeedStream
         : event.session_number != 0 ? event.session
                                     : 0;
}

// Events about orders: those that somebody relies on.
[[nodiscard]] inline bool may_be_planted(const EventHeader& event) {
  const bool to_member =
      event.type >= EventType::order_accepted && event.type <= EventType::cancel_rejected;
  const bool to_feed = event.type >= EventType::feed_add && event.type <= EventType::feed_replace;
  return to_member || to_feed;
}

// Rewrites the events behind `start`, which are those of one batch, and the counters with them.
inline void plant_in_events(VenueState& state, base::ByteWriter& events, std::size_t start) {
  // The quantity of what members are told, the order of what the feed is told.
  constexpr std::size_t kAlterAt = 44;
  base::ByteWriter before;
  before.bytes(events.view().first(start));
  base::ByteWriter after;
  std::map<std::uint64_t, std::uint64_t> next_numbers;
  std::uint64_t next_event_number = 0;
  for (std::size_t at = start; at < events.size();) {
    EventHeader header;
    std::memcpy(&header, events.view().data() + at, sizeof header);
    const base::Bytes bytes = events.view().subspan(at, header.size_bytes);
    at += header.size_bytes;
    if (next_event_number == 0) next_event_number = header.event_number;
    const std::uint64_t stream = planted_stream(header);
    next_numbers.emplace(stream,
                         stream == kPlantedFeedStream ? header.feed_number : header.session_number);
    const auto keep = [&after](base::Bytes kept) { after.bytes(kept); };
    if (may_be_planted(header)) {
      base::pass_planted(base::PlantPlace::venue, stream, bytes, kAlterAt, keep);
    } else {
      keep(bytes);
    }
  }
  if (next_event_number == 0) return;
  for (std::size_t at = 0; at < after.size();) {
    EventHeader header;
    std::memcpy(&header, after.data() + at, sizeof header);
    header.event_number = next_event_number++;
    const std::uint64_t stream = planted_stream(header);
    if (stream == kPlantedFeedStream) header.feed_number = next_numbers[stream]++;
    if (stream != 0 && stream != kPlantedFeedStream) {
      header.session_number = static_cast<std::uint32_t>(next_numbers[stream]++);
    }
    std::memcpy(after.data() + at, &header, sizeof header);
    at += header.size_bytes;
  }
  state.counters.event_number = next_event_number - 1;
  for (const auto& [stream, next] : next_numbers) {
    if (stream == kPlantedFeedStream) state.counters.feed_number = next - 1;
    if (stream == 0 || stream == kPlantedFeedStream) continue;
    state.sessions[static_cast<SessionId>(stream)].next_session_number =
        static_cast<std::uint32_t>(next);
  }
  events.clear();
  events.bytes(before.view());
  events.bytes(after.view());
}

}  // namespace okiagari::venue

#endif
