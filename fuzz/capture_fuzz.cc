// Rooms: wire
// A capture file as messages: it comes back unchanged, up to where it is damaged.
#include <boost/json/object.hpp>
#include <cstdint>
#include <string>

#include "base/assert.h"
#include "wire/message_lines.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace okiagari;
  static const wire::MessageTable table = wire::builtin_message_table("ouch5").value();
  static const wire::MessageTable soup = wire::builtin_message_table("soup").value();
  const base::Bytes bytes(reinterpret_cast<const std::byte*>(data), size);
  if (!wire::CaptureReader::is_capture(bytes)) return 0;
  std::string again;
  wire::LineEncoder encoder(table, soup, [&](std::string_view more) {
    again += more;
    return base::Status{};
  });
  wire::CaptureLines lines(table, soup,
                           [&](boost::json::object&& line) { ASSERT(encoder.take(line).ok()); });
  const auto taken = lines.take(bytes);
  if (!taken.ok()) return 0;
  lines.finish(bytes.subspan(taken.value()));
  const base::Status finished = encoder.finish();
  ASSERT(finished.ok(), "{}", finished.error().message);
  ASSERT(again == base::as_text(bytes));
  return 0;
}
