// The public state as other programs read it: the JSON of Atlassian's Statuspage, version 2, with
// its paths and fields, so that what reads those pages reads this one.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "web/public_view.h"

namespace okiagari::web {

// `path` is behind "/api/v2/": "summary.json". Nothing when there is no such document.
[[nodiscard]] std::optional<std::string> statuspage_json(const PublicView& view,
                                                         std::string_view path);
// All paths that there are.
[[nodiscard]] const std::vector<std::string>& statuspage_paths();

}  // namespace okiagari::web
