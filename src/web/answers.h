// Small answers that all of the web's files give.
#pragma once

#include <boost/json/value.hpp>
#include <string>
#include <string_view>

#include "net/http_message.h"

namespace okiagari::web {

[[nodiscard]] net::HttpResponse json_answer(const boost::json::value& value, int status = 200);
// 429, or 503 when `status` says so, with when to come again.
[[nodiscard]] net::HttpResponse come_again(int status, std::string_view detail,
                                           std::int64_t after_s);
// On every answer: nothing may be framed, guessed, or sent on.
void add_security_headers(net::HttpResponse& response, bool is_tls);

}  // namespace okiagari::web
