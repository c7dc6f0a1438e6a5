#include "check/image_reader.h"

#include <charconv>

namespace okiagari::check {
namespace {

constexpr char kEndOfImage = 'G';
constexpr std::size_t kEndBytes = 21;

// Twenty digits, right-justified with blanks; 0 when it is no such number.
std::uint64_t number_of(base::Bytes digits) {
  std::string_view text = base::as_text(digits);
  text.remove_prefix(std::min(text.find_first_not_of(' '), text.size()));
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  const bool is_whole = error == std::errc() && end == text.data() + text.size();
  return is_whole ? number : 0;
}

}  // namespace

ImageReader::ImageReader(net::Loop& loop, std::uint16_t node, const net::Endpoint& at,
                         const std::string& session)
    : client_(loop,
              {[](const SoupLoginAccepted&) {}, [this](const SoupPacket& packet) { take(packet); },
               [this](const std::string& reason) {
                 if (!is_over()) failure_ = reason;
               }}) {
  image_.node = node;
  client_.open(at, {"", "", session, 1});
}

void ImageReader::take(const SoupPacket& packet) {
  if (packet.type != kSoupSequenced || is_over()) return;
  const bool is_end =
      packet.payload.size() == kEndBytes && static_cast<char>(packet.payload[0]) == kEndOfImage;
  if (is_end) {
    image_.next_number = number_of(packet.payload.subspan(1));
    if (image_.next_number == 0) failure_ = "its last message names no number";
  } else if (image_.messages.size() == kMessagesMax) {
    failure_ = "it is longer than any market";
  } else {
    image_.messages.emplace_back(packet.payload.begin(), packet.payload.end());
  }
}

}  // namespace okiagari::check
