// Logs and traces of other systems, as steps within spans.
#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>
#include <cmath>

#include "cause/csv.h"
#include "cause/foreign_data.h"

namespace okiagari::cause {

namespace {

using Row = std::vector<std::string>;

// The rest of a line says no more about its kind.
constexpr std::size_t kLineBytes = 2'000;

std::size_t column_of(const Row& header, std::initializer_list<std::string_view> names) {
  for (const std::string_view name : names) {
    const auto found = std::find(header.begin(), header.end(), name);
    if (found != header.end()) return static_cast<std::size_t>(found - header.begin());
  }
  return header.size();
}

std::string_view field(const Row& row, std::size_t at) {
  return at < row.size() ? std::string_view(row[at]) : std::string_view();
}

std::string text_at(const boost::json::object& object,
                    std::initializer_list<std::string_view> names) {
  for (const std::string_view name : names) {
    const boost::json::value* value = object.if_contains(name);
    if (value == nullptr) continue;
    if (value->is_string()) return std::string(value->get_string());
    if (value->is_number()) return boost::json::serialize(*value);
  }
  return {};
}

// What a container's log wraps in JSON: {"log": "...", "stream": ..., "time": ...}.
std::string unwrapped(std::string_view line) {
  if (line.empty() || line.front() != '{') return std::string(line);
  boost::system::error_code error;
  const boost::json::value parsed = boost::json::parse(line, error);
  if (error || !parsed.is_object()) return std::string(line);
  std::string text = text_at(parsed.get_object(), {"log", "message", "msg", "body"});
  return text.empty() ? std::string(line) : text;
}

}  // namespace

base::Status ForeignData::add_log(double time_s, std::string_view entity, std::string_view span,
                                  std::string_view line) {
  if (!std::isfinite(time_s)) return {};
  return add_step(time_s, entity, span, templates_.add(line.substr(0, kLineBytes)));
}

base::Status ForeignData::add_step(double time_s, std::string_view entity, std::string_view span,
                                   TemplateId kind) {
  if (steps_.size() >= kStepsMax) {
    return base::Error{fmt::format("logs: more than {} lines", kStepsMax)};
  }
  const auto entity_id = id_of(entity);
  if (!entity_id) return entity_id.error();
  const auto span_id = span.empty() ? base::Result<NameId>(kNoName) : id_of(span);
  if (!span_id) return span_id.error();
  steps_.push_back({time_s, entity_id.value(), span_id.value(), kind});
  return {};
}

base::Result<bool> ForeignData::add_log_table(std::string_view text) {
  CsvReader csv(text);
  Row header;
  if (!csv.next(header)) return false;
  const std::size_t time = column_of(header, {"TimeUnixNano", "Timestamp", "timestamp", "time"});
  const std::size_t entity = column_of(header, {"PodName", "entity", "service", "Node"});
  const std::size_t span = column_of(header, {"SpanID", "span"});
  const std::size_t line = column_of(header, {"Log", "log", "message", "line"});
  if (time == header.size() || entity == header.size() || line == header.size()) return false;
  for (Row row; csv.next(row);) {
    if (row.size() <= std::max({time, entity, line})) continue;
    if (base::Status status =
            add_log(parse_time(row[time]), row[entity], field(row, span), unwrapped(row[line]));
        !status) {
      return status.error();
    }
  }
  return true;
}

// A JSON object, or "time entity text": the form of our own for plain lines.
base::Status ForeignData::add_log_line(std::string_view line) {
  if (line.empty()) return {};
  if (line.front() == '{') {
    boost::system::error_code error;
    const boost::json::value parsed = boost::json::parse(line, error);
    if (error || !parsed.is_object()) return {};
    const boost::json::object& object = parsed.get_object();
    return add_log(parse_time(text_at(object, {"time", "timestamp", "ts", "@timestamp"})),
                   text_at(object, {"entity", "pod", "service", "host", "node"}),
                   text_at(object, {"span", "span_id", "spanId", "SpanID"}),
                   text_at(object, {"log", "message", "msg", "body"}));
  }
  const std::size_t first = line.find(' ');
  const std::size_t second = first == std::string_view::npos ? first : line.find(' ', first + 1);
  if (second == std::string_view::npos) return {};
  return add_log(parse_time(line.substr(0, first)), line.substr(first + 1, second - first - 1), "",
                 line.substr(second + 1));
}

base::Result<bool> ForeignData::add_logs(std::string_view text, const std::string&) {
  auto table = add_log_table(text);
  if (!table || table.value()) return table;
  const std::size_t before = steps_.size();
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
    if (base::Status status = add_log_line(line); !status) return status.error();
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return steps_.size() > before;
}

base::Result<bool> ForeignData::add_traces(std::string_view text, const std::string&) {
  CsvReader csv(text);
  Row header;
  if (!csv.next(header)) return false;
  const std::size_t span = column_of(header, {"SpanID", "span"});
  const std::size_t parent = column_of(header, {"ParentID", "parent"});
  const std::size_t entity = column_of(header, {"PodName", "entity", "service"});
  const std::size_t operation = column_of(header, {"OperationName", "operation"});
  const std::size_t from = column_of(header, {"StartTimeUnixNano", "start"});
  const std::size_t until = column_of(header, {"EndTimeUnixNano", "end"});
  const std::size_t last = std::max({span, parent, entity, operation, from, until});
  if (last == header.size()) return false;
  for (Row row; csv.next(row);) {
    if (row.size() <= last) continue;
    const double from_s = parse_time(row[from]);
    const double until_s = parse_time(row[until]);
    if (!std::isfinite(from_s) || !std::isfinite(until_s) || row[span].empty()) continue;
    if (base::Status status =
            add_step(from_s, row[entity], row[span],
                     templates_.add_name("span: " + row[operation].substr(0, kLineBytes)));
        !status) {
      return status.error();
    }
    const Step& step = steps_.back();
    const auto parent_id = id_of(row[parent]);
    if (!parent_id) return parent_id.error();
    spans_.push_back({from_s, until_s, step.span, parent_id.value(), step.entity});
  }
  return true;
}

}  // namespace okiagari::cause
