// MoldUDP64 as a listener reads it, and the request for what was missed. Written from the public
// specification and docs/formats/itch.md, for the checker alone.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"

namespace okiagari::check {

inline constexpr std::uint16_t kMoldEndOfSession = 0xFFFF;

struct MoldDatagram {
  std::string session;      // without padding
  std::uint64_t first = 0;  // number of the first message; of a heartbeat, of the next one
  std::uint16_t count = 0;  // as the header says
  std::vector<base::Bytes> messages;  // into the bytes that were read
};

// False when the bytes are not a header and as many whole messages as it says.
[[nodiscard]] bool read_mold(base::Bytes datagram, MoldDatagram& into);
void write_mold_request(base::ByteWriter& into, std::string_view session, std::uint64_t first,
                        std::uint16_t count);

}  // namespace okiagari::check
