#include "base/report.h"

#include <fmt/format.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <algorithm>
#include <boost/json.hpp>
#include <cmath>
#include <fstream>
#include <iterator>

namespace okiagari::base {

namespace {

std::string processor_name() {
  std::ifstream info("/proc/cpuinfo");
  for (std::string line; std::getline(info, line);) {
    if (line.rfind("model name", 0) != 0) continue;
    const auto colon = line.find(": ");
    if (colon != std::string::npos) return line.substr(colon + 2);
  }
  return "unknown processor";
}

std::string in_words(const Report::Value& value) {
  if (const bool* flag = std::get_if<bool>(&value)) return *flag ? "yes" : "no";
  if (const auto* number = std::get_if<std::int64_t>(&value)) return fmt::format("{}", *number);
  return std::get<std::string>(value);
}

boost::json::value in_json(const Report::Value& value) {
  return std::visit([](const auto& inner) { return boost::json::value(inner); }, value);
}

}  // namespace

std::string machine_line() {
  utsname kernel{};
  uname(&kernel);
  const auto memory_bytes =
      static_cast<double>(sysconf(_SC_PHYS_PAGES)) * static_cast<double>(sysconf(_SC_PAGESIZE));
  return fmt::format("{}, {} cores, {:.0f} GiB, Linux {}, g++ {}", processor_name(),
                     sysconf(_SC_NPROCESSORS_ONLN), memory_bytes / (1024.0 * 1024 * 1024),
                     kernel.release, __VERSION__);
}

Report::Report(std::string name, std::uint64_t seed)
    : name_(std::move(name)), machine_(machine_line()), seed_(seed) {}

void Report::figure(std::string name, double value, std::string unit) {
  figures_.push_back({std::move(name), value, std::move(unit), Bound::none, 0});
}
void Report::figure_at_most(std::string name, double value, std::string unit, double target) {
  figures_.push_back({std::move(name), value, std::move(unit), Bound::at_most, target});
}
void Report::figure_at_least(std::string name, double value, std::string unit, double target) {
  figures_.push_back({std::move(name), value, std::move(unit), Bound::at_least, target});
}
void Report::check(std::string name, Value value, Value expected) {
  checks_.push_back({std::move(name), std::move(value), std::move(expected)});
}

bool Report::Figure::holds() const {
  if (bound == Bound::none) return true;
  // Written so that a value that is not a number holds nothing.
  return bound == Bound::at_most ? value <= target : value >= target;
}

bool Report::checks_hold() const {
  return std::all_of(checks_.begin(), checks_.end(), [](const Check& c) { return c.holds(); });
}

bool Report::holds() const {
  return checks_hold() &&
         std::all_of(figures_.begin(), figures_.end(), [](const Figure& f) { return f.holds(); });
}

std::string Report::to_json() const {
  boost::json::array figures;
  for (const Figure& f : figures_) {
    boost::json::value target = nullptr;
    if (f.bound != Bound::none) {
      target = fmt::format("{} {:.10g}", f.bound == Bound::at_most ? "<=" : ">=", f.target);
    }
    boost::json::value value = nullptr;
    if (std::isfinite(f.value)) value = f.value;
    figures.push_back({{"name", f.name},
                       {"value", value},
                       {"unit", f.unit},
                       {"target", target},
                       {"holds", f.holds()}});
  }
  boost::json::array checks;
  for (const Check& c : checks_) {
    checks.push_back({{"name", c.name},
                      {"value", in_json(c.value)},
                      {"expected", in_json(c.expected)},
                      {"holds", c.holds()}});
  }
  return boost::json::serialize(boost::json::object{{"name", name_},
                                                    {"machine", machine_},
                                                    {"seed", seed_},
                                                    {"figures", std::move(figures)},
                                                    {"checks", std::move(checks)},
                                                    {"holds", holds()}});
}

std::string Report::to_table() const {
  std::size_t width = 4;
  for (const Figure& f : figures_) width = std::max(width, f.name.size());
  for (const Check& c : checks_) width = std::max(width, c.name.size());
  std::string text = fmt::format("{}   ({}, seed {})\n", name_, machine_, seed_);
  auto out = std::back_inserter(text);
  for (const Figure& f : figures_) {
    fmt::format_to(out, "  {:<{}}  {:>14.6g} {:<10}", f.name, width, f.value, f.unit);
    if (f.bound != Bound::none) {
      fmt::format_to(out, "  {} {:g}  {}", f.bound == Bound::at_most ? "<=" : ">=", f.target,
                     f.holds() ? "holds" : "MISSED");
    }
    text += '\n';
  }
  for (const Check& c : checks_) {
    fmt::format_to(out, "  {:<{}}  {:>14} (expected {})  {}\n", c.name, width, in_words(c.value),
                   in_words(c.expected), c.holds() ? "holds" : "BROKEN");
  }
  fmt::format_to(out, "  {}\n", holds() ? "holds" : "DOES NOT HOLD");
  return text;
}

}  // namespace okiagari::base
