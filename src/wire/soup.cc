#include "wire/soup.h"

namespace okiagari::wire {

namespace {

bool is_known(std::byte type) {
  switch (static_cast<SoupType>(type)) {
    case SoupType::debug:
    case SoupType::login_accepted:
    case SoupType::login_rejected:
    case SoupType::sequenced_data:
    case SoupType::server_heartbeat:
    case SoupType::end_of_session:
    case SoupType::login_request:
    case SoupType::unsequenced_data:
    case SoupType::client_heartbeat:
    case SoupType::logout_request:
      return true;
  }
  return false;
}

}  // namespace

SoupFault decode_soup(base::Bytes bytes, SoupPacket& packet) {
  if (bytes.size() < sizeof(std::uint16_t)) return SoupFault::incomplete;
  const std::size_t length = base::load_big<std::uint16_t>(bytes.data());
  if (length == 0) return SoupFault::length_zero;
  if (length > kSoupPayloadBytesMax + 1) return SoupFault::too_long;
  if (bytes.size() < kSoupHeaderBytes) return SoupFault::incomplete;
  if (!is_known(bytes[2])) return SoupFault::unknown_type;
  const std::size_t size = sizeof(std::uint16_t) + length;
  if (bytes.size() < size) return SoupFault::incomplete;
  packet.type = static_cast<SoupType>(bytes[2]);
  packet.payload = bytes.subspan(kSoupHeaderBytes, length - 1);
  packet.size_bytes = size;
  return SoupFault::none;
}

const char* describe(SoupFault fault) {
  switch (fault) {
    case SoupFault::none:
      return "no fault";
    case SoupFault::incomplete:
      return "incomplete packet";
    case SoupFault::length_zero:
      return "packet length 0: there is at least the type";
    case SoupFault::too_long:
      return "packet longer than 4096 bytes";
    case SoupFault::unknown_type:
      return "unknown packet type";
  }
  return "unknown fault";
}

Alpha<20> soup_number(std::uint64_t number) {
  Alpha<20> field = alpha<20>("");
  std::size_t at = field.size();
  do {
    field[--at] = static_cast<char>('0' + number % 10);
    number /= 10;
  } while (number > 0);
  return field;
}

std::optional<std::uint64_t> parse_soup_number(const Alpha<20>& field) {
  constexpr std::uint64_t kLargest = (std::uint64_t{1} << 63) - 1;
  std::size_t first = 0;
  std::size_t end = field.size();
  while (first < end && field[first] == ' ') ++first;
  while (end > first && field[end - 1] == ' ') --end;
  std::uint64_t number = 0;
  for (std::size_t i = first; i < end; ++i) {
    if (field[i] < '0' || field[i] > '9') return std::nullopt;
    if (number > kLargest / 10) return std::nullopt;
    number = number * 10 + static_cast<std::uint64_t>(field[i] - '0');
    if (number > kLargest) return std::nullopt;
  }
  return number;
}

}  // namespace okiagari::wire
