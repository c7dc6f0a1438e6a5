// Foreign programs that judge metrics pages.
#pragma once

#include <string>

namespace okiagari::metrics {

// Where the program is; empty when it was not fetched.
[[nodiscard]] std::string judge_path(const std::string& program);

struct Judgement {
  bool is_fine = false;
  std::string said;
};

// What `promtool check metrics` says of a page of Prometheus text.
[[nodiscard]] Judgement check_by_promtool(const std::string& page, const std::string& folder);

}  // namespace okiagari::metrics
