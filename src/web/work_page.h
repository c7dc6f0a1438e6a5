// Planned work as the public sees it: what is to come, what is under way, what is over.
#pragma once

#include <string>
#include <string_view>

#include "web/status_page.h"

namespace okiagari::web {

// Names of components in the page's language; those that are not known are left out.
[[nodiscard]] std::string component_names(const PublicView& view,
                                          const std::vector<std::string>& ids, Language language);
// Scheduled and under way, the next first.
[[nodiscard]] std::string coming_work(const PublicView& view, const PageStyle& style);
[[nodiscard]] std::string work_page(const PublicView& view, const PageStyle& style);

}  // namespace okiagari::web
