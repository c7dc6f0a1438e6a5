// What a server writes: responses as bytes.
#pragma once

#include <string>
#include <string_view>

#include "net/http_message.h"

namespace okiagari::net {

struct AnswerShape {
  bool is_head = false;
  bool keeps_alive = false;
  bool is_http_1_0 = false;
};

// False when a header would break out of its line.
[[nodiscard]] bool is_writable(const HttpResponse& response);

// One that is not writable becomes a 500.
[[nodiscard]] std::string format_response(const HttpResponse& response, const AnswerShape& shape);

// Of an answer without a known length, which ends with the connection.
[[nodiscard]] std::string format_stream_head(const HttpResponse& response);

// One server-sent event. `event` and `id` may be empty, and hold no line ends.
[[nodiscard]] std::string format_event(std::string_view event, std::string_view id,
                                       std::string_view data);

}  // namespace okiagari::net
