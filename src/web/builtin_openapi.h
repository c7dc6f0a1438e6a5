// openapi.json, as the program carries it.
#pragma once

#include <string_view>

namespace okiagari::web {

extern const std::string_view kOpenApi;

}  // namespace okiagari::web
