// What a person is told when called: the effect of one call on one route, in his language first and
// the other one below. The link that acknowledges is put in by the courier, which knows the key.
#pragma once

#include <string>

#include "desk/outbox.h"
#include "desk/paging.h"

namespace okiagari::desk {

// Stands in the text where the link belongs.
inline constexpr std::string_view kAcknowledgeHere = "{acknowledge}";

[[nodiscard]] std::string route_name(const Route& route, std::size_t at);
[[nodiscard]] std::string page_key(const Page& page, const StepRun& run, const Person& person,
                                   std::size_t route);

[[nodiscard]] Effect page_effect(const Page& page, const StepRun& run, const Person& person,
                                 std::size_t route, TimestampNs now_ns);
// Tells a pager that was called before that it is over: `action` is "acknowledge" or "resolve".
[[nodiscard]] Effect page_news(const Page& page, const Effect& called, std::string_view action,
                               TimestampNs now_ns);

}  // namespace okiagari::desk
