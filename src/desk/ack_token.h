// The secret part of a link that acknowledges a call with one touch: who may acknowledge which
// step of which incident, and until when, under a keyed hash. The key is a secret of the desks and
// in no log; whoever opens the door to the link checks the token before anything goes into the log.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"

namespace okiagari::desk {

using AckKey = std::array<std::byte, 32>;

struct AckClaim {
  std::string incident;
  std::uint32_t step = 0;
  std::string person;
  std::int64_t expires_s = 0;
  friend bool operator==(const AckClaim&, const AckClaim&) = default;
};

// "inc-1~2~hanako~1800000000~<64 hex digits>": nothing in it must be escaped in a URL.
[[nodiscard]] std::string make_ack_token(const AckClaim& claim, const AckKey& key);
// The error is for whoever opened the link.
[[nodiscard]] base::Result<AckClaim> read_ack_token(std::string_view token, const AckKey& key,
                                                    std::int64_t now_s);

}  // namespace okiagari::desk
