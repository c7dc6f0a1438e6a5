#include "check/soup_bin.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "base/assert.h"

namespace okiagari::check {
namespace {

void write_padded(base::ByteWriter& into, std::string_view text, std::size_t width, bool right) {
  const std::string_view cut = text.substr(0, std::min(text.size(), width));
  const std::string padded =
      right ? fmt::format("{:>{}}", cut, width) : fmt::format("{:<{}}", cut, width);
  into.bytes(base::as_bytes(padded));
}

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(' ');
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(' ') - first + 1);
}

}  // namespace

bool SoupReader::next(SoupPacket& packet) {
  const base::Bytes rest = received_.subspan(consumed_);
  if (malformed_ || rest.size() < 2) return false;
  const std::size_t length = base::load_big<std::uint16_t>(rest.data());
  if (length == 0) {
    malformed_ = true;
    return false;
  }
  if (rest.size() < 2 + length) return false;
  packet.type = static_cast<char>(rest[2]);
  packet.payload = rest.subspan(3, length - 1);
  consumed_ += 2 + length;
  return true;
}

void write_soup_packet(base::ByteWriter& into, char type, base::Bytes payload) {
  ASSERT(payload.size() < 0xFFFF, "{} bytes do not fit a packet", payload.size());
  into.big(static_cast<std::uint16_t>(payload.size() + 1));
  into.little(type);
  into.bytes(payload);
}

void write_soup_login(base::ByteWriter& into, std::string_view user, std::string_view password,
                      std::string_view session, std::uint64_t next_number) {
  base::ByteWriter payload;
  write_padded(payload, user, 6, false);
  write_padded(payload, password, 10, false);
  write_padded(payload, session, 10, true);
  write_padded(payload, std::to_string(next_number), 20, true);
  write_soup_packet(into, kSoupLoginRequest, payload.view());
}

bool read_soup_login_accepted(base::Bytes payload, SoupLoginAccepted& accepted) {
  if (payload.size() != 30) return false;
  const std::string_view text = base::as_text(payload);
  accepted.session = trimmed(text.substr(0, 10));
  const std::string_view number = trimmed(text.substr(10));
  const auto end = number.data() + number.size();
  const auto read = std::from_chars(number.data(), end, accepted.next_number);
  return read.ec == std::errc{} && read.ptr == end;
}

}  // namespace okiagari::check
