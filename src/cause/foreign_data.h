// What other systems recorded about themselves, in memory and in one shape: series of measures,
// log lines and spans as steps, and who calls whom. Readers of their files fill it; culprits.h
// looks for causes in it. Everything is bounded; what does not fit is an error that says so.
#pragma once

#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/result.h"
#include "cause/log_templates.h"

namespace okiagari::cause {

struct Series {
  std::string entity;
  std::string peer;  // of a measure of calls: who is called
  std::string measure;
  std::vector<double> times_s;  // ascending
  std::vector<double> values;   // not a number: nothing was measured
};

using NameId = std::uint32_t;
inline constexpr NameId kNoName = std::numeric_limits<NameId>::max();

// Something that happened within one span: a log line, or the span itself.
struct Step {
  double time_s = 0;
  NameId entity = kNoName;
  NameId span = kNoName;
  TemplateId kind = LogTemplates::kOverflow;
};

struct Span {
  double from_s = 0;
  double until_s = 0;
  NameId span = kNoName;
  NameId parent = kNoName;
  NameId entity = kNoName;
};

struct Call {
  std::string caller;
  std::string callee;
};

struct TimeWindow {
  double from_s = 0;
  double until_s = 0;
  [[nodiscard]] bool holds(double time_s) const { return time_s >= from_s && time_s < until_s; }
};

class ForeignData {
 public:
  static constexpr std::size_t kSeriesMax = 20'000;
  static constexpr std::size_t kValuesMax = 20'000'000;
  static constexpr std::size_t kStepsMax = 5'000'000;
  static constexpr std::size_t kNamesMax = 10'000'000;

  ForeignData() = default;
  // Names are pointed to.
  ForeignData(const ForeignData&) = delete;
  ForeignData& operator=(const ForeignData&) = delete;

  // Each reads a file, folder or archive (packed_files.h). What is in it is known by its columns:
  // docs/cause.md lists the forms. Files of other forms are passed over; none of a known form is an
  // error.
  base::Status read_metrics(const std::string& path);
  base::Status read_graph(const std::string& path);
  base::Status read_logs(const std::string& path);
  base::Status read_traces(const std::string& path);

  // The same of one file's text. False: not of a known form. `name` is told in errors.
  base::Result<bool> add_metrics(std::string_view text, const std::string& name);
  base::Result<bool> add_graph(std::string_view text, const std::string& name);
  base::Result<bool> add_logs(std::string_view text, const std::string& name);
  base::Result<bool> add_traces(std::string_view text, const std::string& name);

  base::Status add_value(const std::string& entity, const std::string& peer,
                         const std::string& measure, double time_s, double value);
  // From the first step to just after the last.
  [[nodiscard]] std::optional<TimeWindow> range_of_steps() const;
  // Brings series and steps into the order of time; after the last reading, before any use.
  void sort();

  [[nodiscard]] const std::vector<Series>& series() const { return series_; }
  [[nodiscard]] const std::vector<Step>& steps() const { return steps_; }
  [[nodiscard]] const std::vector<Span>& spans() const { return spans_; }
  [[nodiscard]] const std::vector<Call>& calls() const { return calls_; }
  [[nodiscard]] const std::string& name(NameId id) const { return *names_[id]; }
  [[nodiscard]] std::string text_of(TemplateId kind) const { return templates_.text(kind); }

 private:
  base::Result<NameId> id_of(std::string_view name);
  base::Status add_log(double time_s, std::string_view entity, std::string_view span,
                       std::string_view line);
  base::Status add_step(double time_s, std::string_view entity, std::string_view span,
                        TemplateId kind);
  base::Result<bool> add_log_table(std::string_view text);
  base::Status add_log_line(std::string_view line);

  std::vector<Series> series_;
  std::map<std::string, std::size_t, std::less<>> series_at_;
  std::size_t values_ = 0;
  std::vector<Step> steps_;
  std::vector<Span> spans_;
  std::vector<Call> calls_;
  std::unordered_map<std::string, NameId> ids_;
  std::vector<const std::string*> names_;
  LogTemplates templates_{TemplateLimits{.words_max = 60}};
};

// Seconds since 1970: a number of seconds, milliseconds, microseconds or nanoseconds, told apart by
// its size, or "2022-08-22 03:51:19[.6][Z|+09:00]" (UTC unless it says otherwise). Not a number
// when it is neither.
[[nodiscard]] double parse_time(std::string_view text);

// The number that fills the text, else not a number.
[[nodiscard]] double parse_number(std::string_view text);

}  // namespace okiagari::cause
