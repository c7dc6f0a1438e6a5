// The one shape in which every command that judges something says its verdict: figures with
// targets, checks with expectations, and `holds`, true only if all of them hold. The schema is
// docs/report.md.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace okiagari::base {

class Report {
 public:
  // `name` is the command, e.g. "bench cluster"; `seed` repeats the run, 0 when nothing is random.
  Report(std::string name, std::uint64_t seed);

  // A measured value without a target; it always holds.
  void figure(std::string name, double value, std::string unit);
  // A measured value that must be at most / at least `target`, in the same unit.
  void figure_at_most(std::string name, double value, std::string unit, double target);
  void figure_at_least(std::string name, double value, std::string unit, double target);

  using Value = std::variant<bool, std::int64_t, std::string>;
  // Holds when the two are equal.
  void check(std::string name, Value value, Value expected);

  [[nodiscard]] bool holds() const;
  // The checks alone: nothing is wrong, though something may be slower than it should be.
  [[nodiscard]] bool checks_hold() const;
  // 0 exactly when the report holds, else 1.
  [[nodiscard]] int exit_status() const { return holds() ? 0 : 1; }

  [[nodiscard]] std::string to_json() const;
  // For people: one line a figure or check, what failed marked.
  [[nodiscard]] std::string to_table() const;

 private:
  enum class Bound : std::uint8_t { none, at_most, at_least };
  struct Figure {
    std::string name;
    double value;
    std::string unit;
    Bound bound;
    double target;
    [[nodiscard]] bool holds() const;
  };
  struct Check {
    std::string name;
    Value value;
    Value expected;
    [[nodiscard]] bool holds() const { return value == expected; }
  };

  std::string name_;
  std::string machine_;
  std::uint64_t seed_;
  std::vector<Figure> figures_;
  std::vector<Check> checks_;
};

// One line about the machine a figure was taken on: processor, cores, memory, kernel, compiler.
[[nodiscard]] std::string machine_line();

}  // namespace okiagari::base
