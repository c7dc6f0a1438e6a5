#include "drill/drill_result.h"

#include <fmt/format.h>

#include <boost/json.hpp>

namespace okiagari::drill {

namespace {

constexpr std::size_t kTextBytesMax = 4u << 20;
constexpr std::size_t kListMax = 1'000;

boost::json::object to_json(const ToldCause& cause) {
  return {{"cause", cause.cause},
          {"class", cause.cause_class},
          {"entity", cause.entity},
          {"state", cause.state},
          {"probability", cause.probability},
          {"is_confident", cause.is_confident}};
}

boost::json::value to_json(const std::optional<Answer>& answer) {
  if (!answer) return nullptr;
  boost::json::array causes;
  for (const ToldCause& cause : answer->causes) causes.push_back(to_json(cause));
  return boost::json::object{{"ms", answer->ms}, {"causes", std::move(causes)}};
}

// Reads what is there; what is missing or of another kind keeps its default.
class Fields {
 public:
  explicit Fields(const boost::json::object& object) : object_(object) {}

  void read(const char* key, std::string& into) const {
    const boost::json::value* value = object_.if_contains(key);
    if (value != nullptr && value->is_string()) into = std::string(value->get_string());
  }
  void read(const char* key, bool& into) const {
    const boost::json::value* value = object_.if_contains(key);
    if (value != nullptr && value->is_bool()) into = value->get_bool();
  }
  template <typename Number>
  void read_number(const char* key, Number& into) const {
    const boost::json::value* value = object_.if_contains(key);
    if (value == nullptr || !value->is_number()) return;
    boost::system::error_code error;
    const auto number = value->to_number<Number>(error);
    if (!error) into = number;
  }
  [[nodiscard]] const boost::json::array* list(const char* key) const {
    const boost::json::value* value = object_.if_contains(key);
    const boost::json::array* array = value == nullptr ? nullptr : value->if_array();
    return array == nullptr || array->size() > kListMax ? nullptr : array;
  }
  [[nodiscard]] const boost::json::object* object(const char* key) const {
    const boost::json::value* value = object_.if_contains(key);
    return value == nullptr ? nullptr : value->if_object();
  }

 private:
  const boost::json::object& object_;
};

std::vector<ToldCause> read_causes(const boost::json::array& array) {
  std::vector<ToldCause> causes;
  for (const boost::json::value& value : array) {
    if (!value.is_object()) continue;
    const Fields fields(value.get_object());
    ToldCause& cause = causes.emplace_back();
    fields.read("cause", cause.cause);
    fields.read("class", cause.cause_class);
    fields.read("entity", cause.entity);
    fields.read("state", cause.state);
    fields.read_number("probability", cause.probability);
    fields.read("is_confident", cause.is_confident);
  }
  return causes;
}

std::optional<Answer> read_answer(const Fields& fields, const char* key) {
  const boost::json::object* object = fields.object(key);
  if (object == nullptr) return std::nullopt;
  const Fields inner(*object);
  Answer answer;
  inner.read_number("ms", answer.ms);
  if (const boost::json::array* causes = inner.list("causes")) {
    answer.causes = read_causes(*causes);
  }
  return answer;
}

base::Result<boost::json::object> parse_object(std::string_view text, const char* what) {
  if (text.size() > kTextBytesMax) return base::Error{fmt::format("{}: longer than 4 MiB", what)};
  boost::system::error_code error;
  boost::json::value value = boost::json::parse(text, error);
  if (error || !value.is_object()) return base::Error{fmt::format("{}: is no JSON object", what)};
  return std::move(value.get_object());
}

}  // namespace

boost::json::object to_json(const DrillResult& result) {
  boost::json::array evidence;
  for (const std::string& line : result.evidence) evidence.emplace_back(line);
  boost::json::object object{{"fault", card_of(result.fault).name},
                             {"seed", result.seed},
                             {"target", result.target},
                             {"inflicted", result.inflicted},
                             {"inflicted_ns", result.inflicted_ns},
                             {"measured", result.measured},
                             {"incident_title", result.incident_title},
                             {"incidents_before", result.incidents_before},
                             {"first", to_json(result.first)},
                             {"last", to_json(result.last)},
                             {"evidence", std::move(evidence)},
                             {"is_taken_back", result.is_taken_back},
                             {"taken_back", result.taken_back},
                             {"acknowledged_before", result.acknowledged_before},
                             {"acknowledged_after", result.acknowledged_after}};
  if (result.incident_ms) object["incident_ms"] = *result.incident_ms;
  return object;
}

base::Result<DrillResult> result_from_json(std::string_view text) {
  auto object = parse_object(text, "result of a drill");
  if (!object) return object.error();
  const Fields fields(object.value());
  std::string name;
  fields.read("fault", name);
  const std::optional<Fault> fault = fault_of(name);
  if (!fault) return base::Error{fmt::format("result of a drill: no fault is called '{}'", name)};
  DrillResult result;
  result.fault = *fault;
  fields.read_number("seed", result.seed);
  fields.read("target", result.target);
  fields.read("inflicted", result.inflicted);
  fields.read_number("inflicted_ns", result.inflicted_ns);
  fields.read("measured", result.measured);
  fields.read("incident_title", result.incident_title);
  fields.read_number("incidents_before", result.incidents_before);
  result.first = read_answer(fields, "first");
  result.last = read_answer(fields, "last");
  fields.read("is_taken_back", result.is_taken_back);
  fields.read("taken_back", result.taken_back);
  fields.read_number("acknowledged_before", result.acknowledged_before);
  fields.read_number("acknowledged_after", result.acknowledged_after);
  if (object.value().contains("incident_ms")) {
    fields.read_number("incident_ms", result.incident_ms.emplace());
  }
  if (const boost::json::array* lines = fields.list("evidence")) {
    for (const boost::json::value& line : *lines) {
      if (line.is_string()) result.evidence.emplace_back(line.get_string());
    }
  }
  return result;
}

base::Result<std::vector<ToldCause>> read_told_causes(std::string_view json) {
  auto object = parse_object(json, "the desk's hypotheses");
  if (!object) return object.error();
  const boost::json::array* list = Fields(object.value()).list("hypotheses");
  if (list == nullptr) return base::Error{"the desk's hypotheses: 'hypotheses' is no list"};
  return read_causes(*list);
}

}  // namespace okiagari::drill
