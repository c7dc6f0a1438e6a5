// The words for the venue's enumerations, as people read them in answers, reports and tests.
#pragma once

#include <string_view>

#include "venue/command.h"
#include "venue/event.h"

namespace okiagari::venue {

// "unknown" for a value that is none of the enumeration's.
[[nodiscard]] std::string_view name_of(CommandType type);
[[nodiscard]] std::string_view name_of(Reason reason);
[[nodiscard]] std::string_view name_of(InstrumentState state);
[[nodiscard]] std::string_view name_of(Side side);

}  // namespace okiagari::venue
