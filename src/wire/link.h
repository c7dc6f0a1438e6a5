// Link frames (wire/link_frames.h) in and out of byte streams, bounded: sizes, versions and the
// commands and events inside are checked before anyone looks at them.
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/bytes.h"
#include "venue/command.h"
#include "venue/event.h"
#include "wire/link_frames.h"

namespace okiagari::wire {

struct LinkFrame {
  LinkFrameType type{};
  base::Bytes body;
  std::size_t size_bytes = 0;  // of the whole frame
};

enum class LinkFault : std::uint8_t {
  none,
  incomplete,
  size_too_small,
  size_too_large,
  unknown_version,
  unknown_type,
  wrong_body_size,
};
[[nodiscard]] const char* describe(LinkFault fault);

// The first frame of `bytes`, with a body of a size that its type may have. `incomplete` is no
// fault of the peer's: more has to come.
[[nodiscard]] LinkFault decode_link(base::Bytes bytes, LinkFrame& frame);

// The fixed part of a frame's body; T must be the one of its type.
template <typename T>
[[nodiscard]] const T& fixed_part(const LinkFrame& frame) {
  return *reinterpret_cast<const T*>(frame.body.data());
}
// What follows it.
template <typename T>
[[nodiscard]] base::Bytes after_fixed_part(const LinkFrame& frame) {
  return frame.body.subspan(sizeof(T));
}

[[nodiscard]] inline LinkFrameHeader link_header(LinkFrameType type, std::size_t body_bytes) {
  return {static_cast<std::uint32_t>(sizeof(LinkFrameHeader) + body_bytes), type, kLinkVersion, 0};
}

void append_link_frame(base::ByteWriter& into, LinkFrameType type, base::Bytes body = {});
template <typename T>
void append_link_frame(base::ByteWriter& into, LinkFrameType type, const T& fixed,
                       base::Bytes rest = {}) {
  into.object(link_header(type, sizeof(T) + rest.size()));
  into.object(fixed);
  into.bytes(rest);
}

// The size of an event or command of that type, 0 when there is none.
[[nodiscard]] std::size_t event_size(venue::EventType type);
[[nodiscard]] std::size_t command_size(venue::CommandType type);

// Walks over whole events or commands. Null at the end, or at the first that is cut off, of an
// unknown type or version, or of another size than its type; see ok().
class EventReader {
 public:
  explicit EventReader(base::Bytes events) : rest_(events) {}
  [[nodiscard]] const venue::EventHeader* next();
  [[nodiscard]] bool ok() const { return ok_; }

 private:
  base::Bytes rest_;
  bool ok_ = true;
};

class CommandReader {
 public:
  explicit CommandReader(base::Bytes commands) : rest_(commands) {}
  [[nodiscard]] const venue::CommandHeader* next();
  [[nodiscard]] bool ok() const { return ok_; }

 private:
  base::Bytes rest_;
  bool ok_ = true;
};

}  // namespace okiagari::wire
