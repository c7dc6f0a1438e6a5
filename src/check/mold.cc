#include "check/mold.h"

namespace okiagari::check {
namespace {
constexpr std::size_t kSessionBytes = 10;
}

bool read_mold(base::Bytes datagram, MoldDatagram& into) {
  base::ByteReader reader(datagram);
  into.session = base::as_text(reader.bytes(kSessionBytes));
  into.session.erase(into.session.find_last_not_of(' ') + 1);
  into.first = reader.big<std::uint64_t>();
  into.count = reader.big<std::uint16_t>();
  into.messages.clear();
  if (into.count == kMoldEndOfSession) return reader.at_end();
  for (std::uint16_t at = 0; at < into.count && reader.ok(); ++at) {
    const auto size = reader.big<std::uint16_t>();
    into.messages.push_back(reader.bytes(size));
  }
  return reader.at_end();
}

void write_mold_request(base::ByteWriter& into, std::string_view session, std::uint64_t first,
                        std::uint16_t count) {
  std::string padded(session.substr(0, kSessionBytes));
  padded.resize(kSessionBytes, ' ');
  into.bytes(base::as_bytes(padded));
  into.big(first);
  into.big(count);
}

}  // namespace okiagari::check
