// An effect as it leaves: the request, the mail or the command, ready to be carried. Nothing is
// sent here.
//
// Webhooks are signed as Standard Webhooks are (HMAC-SHA256 over id, time and body) and carry a
// CloudEvents 1.0 event; pagers speak PagerDuty's Events API v2, Alertmanager its API v2.
#pragma once

#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/result.h"
#include "desk/courier_settings.h"
#include "desk/outbox.h"

namespace okiagari::desk {

struct HttpPost {
  std::string url;
  std::vector<std::string> headers;
  std::string body;
};
struct OutgoingMail {
  std::string from;
  std::string to;
  std::string message;
};
struct SirenCommand {
  std::vector<std::string> command;
  std::vector<std::string> environment;
};
using Outgoing = std::variant<HttpPost, OutgoingMail, SirenCommand>;

[[nodiscard]] bool is_carried(std::string_view kind);

// An error is for good: another try would find the same.
[[nodiscard]] base::Result<Outgoing> make_outgoing(const Effect& effect,
                                                   const CourierSettings& settings,
                                                   TimestampNs wall_ns);

// "v1,<base64>" for the header webhook-signature. A secret that begins with "whsec_" is base64
// behind it; any other is taken as it is.
[[nodiscard]] std::string webhook_signature(std::string_view secret, std::string_view id,
                                            std::int64_t at_s, std::string_view body);

// What an HTTP status means for an effect.
enum class Fate : std::uint8_t { done, try_again, refused };
[[nodiscard]] Fate fate_of_status(long status);

}  // namespace okiagari::desk
