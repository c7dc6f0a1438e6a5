// A mail as it goes to the server: RFC 5322 with MIME, in UTF-8. Its Message-ID is made of the
// effect's key, so that whoever receives two can see that they are one; all mails of an incident
// are one thread.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "base/types.h"

namespace okiagari::desk {

struct MailMessage {
  std::string from;       // addresses
  std::string from_name;  // may be empty
  std::string to;
  std::string to_name;
  std::string subject;
  std::string text;
  std::string key;
  std::string thread;  // an incident; empty: none
  std::string language = "ja";
  bool is_urgent = false;
  TimestampNs at_ns = 0;
  std::vector<std::pair<std::string, std::string>> headers;  // further ones
};

[[nodiscard]] std::string message_id(const std::string& key, const std::string& from);
[[nodiscard]] std::string to_mime(const MailMessage& message);
// Text in a head: as it is when it is plain ASCII, else in encoded words (RFC 2047).
[[nodiscard]] std::string encoded_words(std::string_view text);

}  // namespace okiagari::desk
