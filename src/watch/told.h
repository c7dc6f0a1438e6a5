// For tests: what was reported, and moments made up.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "watch/moment.h"
#include "watch/reporter.h"

namespace okiagari::watch {

struct Told {
  std::vector<Evidence> all;

  [[nodiscard]] Sink sink() {
    return [this](Evidence one) { all.push_back(std::move(one)); };
  }
  [[nodiscard]] std::vector<std::string> signals() const {
    std::vector<std::string> names;
    for (const Evidence& one : all) names.push_back(one.signal);
    return names;
  }
  [[nodiscard]] std::vector<std::string> entities_of(std::string_view signal) const {
    std::vector<std::string> names;
    for (const Evidence& one : all) {
      if (one.signal == signal) names.push_back(one.entity);
    }
    return names;
  }
};

[[nodiscard]] inline Moment at(std::uint64_t steady_ms) {
  return {steady_ms, 1'700'000'000'000'000'000ULL + steady_ms * 1'000'000};
}

}  // namespace okiagari::watch
