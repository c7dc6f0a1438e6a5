// The first thing that was seen to be wrong in a run, and when; and, on request, the story of the
// run.
#pragma once

#include <fmt/format.h>

#include <cstdio>
#include <string>
#include <utility>

#include "tests/simulation/agenda.h"

namespace okiagari::simulation {

class Verdict {
 public:
  Verdict(const Agenda& agenda, bool traces) : agenda_(agenda), traces_(traces) {}

  template <typename... Parts>
  void fail(fmt::format_string<Parts...> format, Parts&&... parts) {
    if (!violation_.empty()) return;
    violation_ = fmt::format(format, std::forward<Parts>(parts)...);
    at_us_ = agenda_.now_us();
    trace("VIOLATION {}", violation_);
  }
  [[nodiscard]] bool good() const { return violation_.empty(); }
  [[nodiscard]] const std::string& violation() const { return violation_; }
  [[nodiscard]] TimeUs at_us() const { return at_us_; }

  [[nodiscard]] bool traces() const { return traces_; }
  template <typename... Parts>
  void trace(fmt::format_string<Parts...> format, Parts&&... parts) {
    if (!traces_) return;
    fmt::print("{:>12.3f} ms  {}\n", static_cast<double>(agenda_.now_us()) / 1e3,
               fmt::format(format, std::forward<Parts>(parts)...));
  }

 private:
  const Agenda& agenda_;
  bool traces_;
  std::string violation_;
  TimeUs at_us_ = 0;
};

}  // namespace okiagari::simulation
