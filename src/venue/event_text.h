// One line about an event, for people: who is told, and what.
#pragma once

#include <string>

#include "base/bytes.h"

namespace okiagari::venue {

// `event` is one whole event. For one that is not, the line says so.
[[nodiscard]] std::string text_of(base::Bytes event);

}  // namespace okiagari::venue
