// Metrics and graphs of other systems, as tables.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "cause/csv.h"
#include "cause/foreign_data.h"

namespace okiagari::cause {

namespace {

using Row = std::vector<std::string>;

std::size_t column_of(const Row& header, std::initializer_list<std::string_view> names) {
  for (const std::string_view name : names) {
    const auto found = std::find(header.begin(), header.end(), name);
    if (found != header.end()) return static_cast<std::size_t>(found - header.begin());
  }
  return header.size();
}

// "frontend_checkoutservice", as tables of calls head their columns.
bool split_call(const std::string& text, std::string& caller, std::string& callee) {
  const std::size_t at = text.find('_');
  if (at == 0 || at == std::string::npos || at + 1 == text.size()) return false;
  if (text.find('_', at + 1) != std::string::npos) return false;
  caller = text.substr(0, at);
  callee = text.substr(at + 1);
  return true;
}

// Which end of a call a table of calls was measured at, by its file's name.
std::string call_measure(const std::string& file) {
  return file.find("destination") != std::string::npos ? "latency at callee" : "latency at caller";
}

// The time of a row: the date in words when the table has one, because numbers beside it have been
// seen to be wrong by years; else the number.
struct TimeOfRow {
  std::size_t words;
  std::size_t number;

  explicit TimeOfRow(const Row& header)
      : words(column_of(header, {"Time", "time"})),
        number(column_of(header, {"TimeStamp", "timestamp", "time"})) {}

  [[nodiscard]] double operator()(const Row& row) const {
    const double by_words = words < row.size() ? parse_time(row[words]) : parse_time("");
    return std::isfinite(by_words) || number >= row.size() ? by_words : parse_time(row[number]);
  }
  [[nodiscard]] bool is_time(std::size_t at) const { return at == words || at == number; }
};

struct TableReader {
  ForeignData& into;
  CsvReader csv;
  Row header;
  const std::string& name;

  // time,entity,metric,value: the form of our own.
  base::Status long_form() {
    const TimeOfRow time_of(header);
    const std::size_t entity = column_of(header, {"entity"});
    const std::size_t metric = column_of(header, {"metric"});
    const std::size_t value = column_of(header, {"value"});
    for (Row row; csv.next(row);) {
      if (row.size() < header.size()) continue;
      if (base::Status status =
              into.add_value(row[entity], "", row[metric], time_of(row), parse_number(row[value]));
          !status) {
        return status;
      }
    }
    return {};
  }

  // One row for each moment and entity, one column for each measure.
  base::Status wide_form(std::size_t entity) {
    const TimeOfRow time_of(header);
    for (Row row; csv.next(row);) {
      if (row.size() < header.size()) continue;
      for (std::size_t at = 0; at < header.size(); ++at) {
        if (time_of.is_time(at) || at == entity) continue;
        if (base::Status status =
                into.add_value(row[entity], "", header[at], time_of(row), parse_number(row[at]));
            !status) {
          return status;
        }
      }
    }
    return {};
  }

  // One row for each moment, one column "caller_callee" for each pair.
  base::Result<bool> call_form() {
    const TimeOfRow time_of(header);
    std::vector<std::pair<std::string, std::string>> ends(header.size());
    bool any = false;
    for (std::size_t at = 0; at < header.size(); ++at) {
      any = split_call(header[at], ends[at].first, ends[at].second) || any;
    }
    if (!any) return false;
    const std::string measure = call_measure(name);
    for (Row row; csv.next(row);) {
      if (row.size() < header.size()) continue;
      for (std::size_t at = 0; at < header.size(); ++at) {
        if (ends[at].first.empty()) continue;
        if (base::Status status = into.add_value(ends[at].first, ends[at].second, measure,
                                                 time_of(row), parse_number(row[at]));
            !status) {
          return status.error();
        }
      }
    }
    return true;
  }

  // Three rows of header: entity, measure and statistic of each column; times in the first one.
  base::Status stacked_form() {
    Row measures;
    Row statistics;
    (void)csv.next(measures);
    (void)csv.next(statistics);
    const std::size_t columns = std::min({header.size(), measures.size(), statistics.size()});
    for (Row row; csv.next(row);) {
      const double time_s = parse_time(row.front());
      for (std::size_t at = 1; at < std::min(columns, row.size()); ++at) {
        const std::string measure = measures[at] + " " + statistics[at];
        if (base::Status status =
                into.add_value(header[at], "", measure, time_s, parse_number(row[at]));
            !status) {
          return status;
        }
      }
    }
    return {};
  }
};

}  // namespace

base::Result<bool> ForeignData::add_metrics(std::string_view text, const std::string& name) {
  TableReader reader{*this, CsvReader(text), {}, name};
  if (!reader.csv.next(reader.header) || reader.header.size() < 2) return false;
  const Row& header = reader.header;
  const std::size_t none = header.size();
  const auto done = [](const base::Status& status) -> base::Result<bool> {
    if (!status) return status.error();
    return true;
  };
  const std::size_t time = column_of(header, {"TimeStamp", "timestamp", "time", "Time"});
  if (header.front() == "microservice") return done(reader.stacked_form());
  if (time == none) return false;
  if (column_of(header, {"entity"}) != none && column_of(header, {"metric"}) != none &&
      column_of(header, {"value"}) != none) {
    return done(reader.long_form());
  }
  const std::size_t entity = column_of(header, {"PodName", "ServiceName", "entity"});
  if (entity != none) return done(reader.wide_form(entity));
  return reader.call_form();
}

base::Result<bool> ForeignData::add_graph(std::string_view text, const std::string&) {
  CsvReader csv(text);
  Row header;
  if (!csv.next(header) || header.size() < 2) return false;
  const std::size_t caller = column_of(header, {"Source", "source", "caller", "part"});
  const std::size_t callee = column_of(header, {"Target", "target", "callee", "whole"});
  const bool is_list = caller != header.size() && callee != header.size();
  const bool is_matrix = header.front().empty();
  if (!is_list && !is_matrix) return false;
  for (Row row; csv.next(row);) {
    if (is_list && row.size() > std::max(caller, callee)) {
      calls_.push_back({row[caller], row[callee]});
    }
    for (std::size_t at = 1; is_matrix && at < std::min(row.size(), header.size()); ++at) {
      if (parse_number(row[at]) > 0) calls_.push_back({row.front(), header[at]});
    }
  }
  return true;
}

}  // namespace okiagari::cause
