// Rooms: wire
// The text of a table of layouts, and what lines encode by it.
#include <boost/json/parse.hpp>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/assert.h"
#include "wire/message_json.h"

// A table, a line with a zero byte between: a JSON object to encode by it.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace okiagari;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const std::size_t end = std::min(text.find('\0'), text.size());
  const auto table = wire::parse_message_table(text.substr(0, end));
  if (!table) {
    ASSERT(!table.error().message.empty());
    return 0;
  }
  boost::system::error_code error;
  const std::string_view line = text.substr(std::min(end + 1, text.size()));
  const boost::json::value value = boost::json::parse(line, error);
  if (error || !value.is_object()) return 0;
  std::string bytes;
  const base::Status status = wire::encode_message(table.value(), value.get_object(), bytes);
  if (!status.ok()) ASSERT(!status.error().message.empty());
  return 0;
}
