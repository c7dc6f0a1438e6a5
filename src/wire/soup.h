// SoupBinTCP, the framing of order entry and of the feed over TCP: a two-byte big-endian length of
// what follows, a type, a payload. Version 3.00, with what 4.x adds: unsequenced data from the
// server and a log-in request with a heartbeat timeout, which is accepted and not used.
// docs/formats/soup.md lists the packets.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "base/bytes.h"
#include "wire/big_endian.h"

namespace okiagari::wire {

enum class SoupType : char {
  debug = '+',
  login_accepted = 'A',
  login_rejected = 'J',
  sequenced_data = 'S',
  server_heartbeat = 'H',
  end_of_session = 'Z',
  login_request = 'L',
  unsequenced_data = 'U',
  client_heartbeat = 'R',
  logout_request = 'O',
};

inline constexpr std::size_t kSoupHeaderBytes = 3;
// Nothing that either side sends is longer; a peer that announces more is not speaking our
// protocol.
inline constexpr std::size_t kSoupPayloadBytesMax = 4096;

inline constexpr std::uint64_t kSoupHeartbeatMs = 1'000;
inline constexpr std::uint64_t kSoupSilenceMs = 15'000;  // then the peer is taken for dead

struct SoupPacket {
  SoupType type = SoupType::debug;
  base::Bytes payload;
  std::size_t size_bytes = 0;  // of the whole packet, length field included
};

enum class SoupFault : std::uint8_t { none, incomplete, length_zero, too_long, unknown_type };

// The first packet of `bytes`. `incomplete` is no fault of the peer's: more has to come.
[[nodiscard]] SoupFault decode_soup(base::Bytes bytes, SoupPacket& packet);
[[nodiscard]] const char* describe(SoupFault fault);

// Writes the header of a packet whose payload of that size follows.
inline void encode_soup_header(std::byte* into, SoupType type, std::size_t payload_bytes) {
  base::store_big(into, static_cast<std::uint16_t>(payload_bytes + 1));
  into[2] = static_cast<std::byte>(type);
}

// A packet without payload: heartbeats, end of session, log-out.
[[nodiscard]] constexpr std::array<std::byte, kSoupHeaderBytes> soup_signal(SoupType type) {
  return {std::byte{0}, std::byte{1}, static_cast<std::byte>(type)};
}

struct [[gnu::packed]] SoupLoginRequest {
  Alpha<6> username = alpha<6>("");
  Alpha<10> password = alpha<10>("");
  Alpha<10> session = alpha<10>("");  // blank: the current one
  Alpha<20> sequence_number =
      alpha<20>("");  // right-aligned digits; 0: only what comes from now on
};
static_assert(sizeof(SoupLoginRequest) == 46);
inline constexpr std::size_t kSoupLoginRequest4Bytes = 51;  // with the heartbeat timeout of 4.x

struct [[gnu::packed]] SoupLoginAccepted {
  Alpha<10> session = alpha<10>("");
  Alpha<20> sequence_number = alpha<20>("");  // of the next sequenced packet
};
static_assert(sizeof(SoupLoginAccepted) == 30);

inline constexpr char kSoupNotAuthorized = 'A';
inline constexpr char kSoupSessionNotAvailable = 'S';

// Digits aligned to the right, filled with spaces.
[[nodiscard]] Alpha<20> soup_number(std::uint64_t number);
// Nothing when the field holds anything but spaces around one number below 2^63; blank is 0.
[[nodiscard]] std::optional<std::uint64_t> parse_soup_number(const Alpha<20>& field);

}  // namespace okiagari::wire
