// The feed's events as ITCH messages, one after the other, with the symbols that came by.
#pragma once

#include <array>
#include <cstdint>

#include "base/bytes.h"
#include "venue/event.h"
#include "wire/itch.h"
#include "wire/symbols.h"

namespace okiagari::feed {

class ItchEncoder {
 public:
  // For a state that came from a snapshot.
  void restart(wire::Symbols symbols) { symbols_ = std::move(symbols); }
  // A published event: what it says of instruments is remembered. Each comes by once, in order.
  void learn(const venue::EventHeader& event);
  // The message of an event whose instrument is known. Valid until the next call.
  [[nodiscard]] base::Bytes encode(const venue::EventHeader& event);

 private:
  wire::Symbols symbols_;
  std::array<std::byte, wire::itch::kMessageBytesMax> message_;
};

}  // namespace okiagari::feed
