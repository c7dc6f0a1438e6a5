// SoupBinTCP 3.00 as the checker reads and writes it: a two-byte big endian length, a type, a
// payload. Written from the public specification, for the checker alone.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/bytes.h"

namespace okiagari::check {

inline constexpr char kSoupDebug = '+';
inline constexpr char kSoupLoginAccepted = 'A';
inline constexpr char kSoupLoginRejected = 'J';
inline constexpr char kSoupSequenced = 'S';
inline constexpr char kSoupServerHeartbeat = 'H';
inline constexpr char kSoupEndOfSession = 'Z';
inline constexpr char kSoupLoginRequest = 'L';
inline constexpr char kSoupUnsequenced = 'U';
inline constexpr char kSoupClientHeartbeat = 'R';
inline constexpr char kSoupLogoutRequest = 'O';

struct SoupPacket {
  char type = 0;
  base::Bytes payload;  // into the bytes that were read
};

// Takes whole packets off the front of received bytes.
class SoupReader {
 public:
  explicit SoupReader(base::Bytes received) : received_(received) {}

  // False when no whole packet is left, or when what is there is no packet.
  [[nodiscard]] bool next(SoupPacket& packet);
  [[nodiscard]] std::size_t consumed() const { return consumed_; }
  [[nodiscard]] bool malformed() const { return malformed_; }

 private:
  base::Bytes received_;
  std::size_t consumed_ = 0;
  bool malformed_ = false;
};

void write_soup_packet(base::ByteWriter& into, char type, base::Bytes payload = {});
// Text fields are cut or padded with spaces to their width: 6, 10, 10 and 20 characters.
void write_soup_login(base::ByteWriter& into, std::string_view user, std::string_view password,
                      std::string_view session, std::uint64_t next_number);

struct SoupLoginAccepted {
  std::string session;            // without padding
  std::uint64_t next_number = 0;  // of the first sequenced packet that follows
};
[[nodiscard]] bool read_soup_login_accepted(base::Bytes payload, SoupLoginAccepted& accepted);

}  // namespace okiagari::check
