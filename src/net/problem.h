// Errors told to HTTP clients: a problem document, application/problem+json of RFC 9457.
#pragma once

#include <boost/json/object.hpp>
#include <string_view>

#include "net/http_message.h"

namespace okiagari::net {

// The reason phrase of a status, "Unknown" for one that has none.
[[nodiscard]] std::string_view status_title(int status);

// `title` says what kind of problem it is, always in the same words; empty means the status's own.
// `detail` says what is wrong this time and what to do. `extensions` are further members; "type"
// and "instance" among them take their standard meaning.
[[nodiscard]] HttpResponse problem(int status, std::string_view title, std::string_view detail,
                                   const boost::json::object& extensions = {});
[[nodiscard]] HttpResponse problem(int status, std::string_view detail);

}  // namespace okiagari::net
