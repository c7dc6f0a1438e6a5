// One message as a JSON object and back, by the tables of wire/message_table.h. What was decoded
// encodes to the same bytes, whatever they were: a value that a field's plain form cannot say is
// {"hex": "..."}, and a message that no layout fits is all hex.
#pragma once

#include <boost/json/object.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"
#include "wire/message_table.h"

namespace okiagari::wire {

// Names of messages that are in no table.
inline constexpr std::string_view kUnknownMessage = "unknown";  // no layout fits it
inline constexpr std::string_view kUnreadBytes = "unread";      // not even a message
inline constexpr std::string_view kPayload = "payload";         // of a protocol without layouts

class MessageDecoder {
 public:
  explicit MessageDecoder(const MessageTable& table) : table_(table) {}

  // Adds the message's fields, in their order, to `into`. False when no layout fits.
  bool decode(base::Bytes message, Sender sender, boost::json::object& into);

 private:
  const MessageTable& table_;
  std::optional<std::uint64_t> seconds_;  // of the last message that had them
};

// Adds the bytes of such an object to `into`. Errors name the field and what is wrong with it.
[[nodiscard]] base::Status encode_message(const MessageTable& table,
                                          const boost::json::object& message, std::string& into);

// How many bytes the message at the front has, 0 when no layout fits or more are wanted. For
// messages that follow each other with nothing between them, and so without optional fields.
[[nodiscard]] std::size_t message_size(const MessageTable& table, base::Bytes bytes, Sender sender);

[[nodiscard]] std::optional<std::string> from_hex(std::string_view hex);
// Printable ASCII as it is, anything else as {"hex": "..."}.
[[nodiscard]] boost::json::value text_or_hex(base::Bytes bytes);
[[nodiscard]] std::optional<std::string> text_or_hex_back(const boost::json::value& value);
// A number from 0, however the object came to have it.
[[nodiscard]] std::optional<std::uint64_t> whole_number(const boost::json::value* value);

}  // namespace okiagari::wire
