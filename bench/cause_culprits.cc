#include "bench/cause_culprits.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>
#include <filesystem>
#include <map>
#include <vector>

#include "cause/culprits.h"
#include "cause/packed_files.h"

namespace okiagari::bench {

namespace {

namespace fs = std::filesystem;
namespace json = boost::json;

// What an injection is called, and the causes that name it rightly.
const std::map<std::string, std::vector<std::string>, std::less<>>& causes_of_types() {
  static const std::map<std::string, std::vector<std::string>, std::less<>> kTypes = {
      {"cpu_contention", {"processor_hog"}}, {"cpu_consumed", {"processor_hog"}},
      {"network_delay", {"packet_loss"}},    {"return", {"service_returns_wrong"}},
      {"exception", {"service_throws"}},
  };
  return kTypes;
}

bool is_right_type(const std::string& type, const std::string& cause) {
  const auto found = causes_of_types().find(type);
  return found != causes_of_types().end() &&
         std::find(found->second.begin(), found->second.end(), cause) != found->second.end();
}

void count(CulpritScore& score, const cause::Culprits& culprits, const std::string& entity,
           const std::string& type, const std::string& name) {
  ++score.cases;
  std::size_t place = 0;
  while (place < culprits.ranked.size() && culprits.ranked[place].entity != entity) ++place;
  const bool is_found = place < culprits.ranked.size();
  score.first += is_found && place < 1 ? 1 : 0;
  score.among_3 += is_found && place < 3 ? 1 : 0;
  score.among_5 += is_found && place < 5 ? 1 : 0;
  const bool right =
      is_found && place == 0 && is_right_type(type, culprits.ranked[0].hypothesis.cause);
  score.right_type += right ? 1 : 0;
  if (place == 0 && is_found && (right || type.empty())) return;
  score.misses += fmt::format("  {}: {} {}, found at {}", name, entity, type,
                              is_found ? std::to_string(place + 1) : "no place");
  if (!culprits.ranked.empty()) {
    const cause::Culprit& top = culprits.ranked.front();
    score.misses += fmt::format("; first is {} {}", top.entity, top.hypothesis.cause);
  }
  score.misses += '\n';
}

base::Result<json::value> parse(std::string_view text, const std::string& name) {
  boost::system::error_code error;
  json::value parsed = json::parse(text, error);
  if (error) return base::Error{fmt::format("{}: is no JSON", name)};
  return parsed;
}

const json::value* value_at(const json::value& object, std::string_view key) {
  const json::object* fields = object.if_object();
  return fields == nullptr ? nullptr : fields->if_contains(key);
}

std::string text_at(const json::value& object, std::string_view key) {
  const json::value* value = value_at(object, key);
  return value != nullptr && value->is_string() ? std::string(value->get_string()) : "";
}

// The recordings without fault first, so that the range of their times is known.
base::Status read_nezha(const std::string& folder, cause::ForeignData& data,
                        cause::TimeWindow& past) {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(folder)) {
    names.push_back(entry.path().filename().string());
  }
  std::sort(names.begin(), names.end());
  const auto has = [&](const std::string& name) {
    return std::find(names.begin(), names.end(), name) != names.end();
  };
  for (const std::string& name : names) {
    if (name != "faultfree.tar.xz") continue;
    const std::string path = folder + "/" + name;
    if (base::Status status = data.read_traces(path); !status) return status;
    if (base::Status status = data.read_logs(path); !status) return status;
  }
  if (const auto range = data.range_of_steps()) past = *range;
  if (base::Status status = data.read_metrics(folder + "/metric.tar.xz"); !status) return status;
  (void)data.read_graph(folder + "/metric.tar.xz");
  if (has("trace.tar.xz")) {
    if (base::Status status = data.read_traces(folder + "/trace.tar.xz"); !status) return status;
  }
  if (has("log.tar.xz")) {
    if (base::Status status = data.read_logs(folder + "/log.tar.xz"); !status) return status;
  }
  data.sort();
  return {};
}

}  // namespace

base::Result<CulpritScore> score_nezha(const std::string& folder, const cause::CauseTable& table) {
  const auto text = cause::read_whole(folder + "/fault_list.json");
  if (!text) return text.error();
  const auto faults = parse(text.value(), folder + "/fault_list.json");
  if (!faults) return faults.error();
  if (!faults.value().is_object()) return base::Error{folder + "/fault_list.json: is no object"};
  cause::ForeignData data;
  cause::Incident incident;
  if (base::Status status = read_nezha(folder, data, incident.past); !status) {
    return status.error();
  }
  CulpritScore score;
  for (const auto& hour : faults.value().get_object()) {
    if (!hour.value().is_array()) continue;
    for (const json::value& fault : hour.value().get_array()) {
      const std::string time = text_at(fault, "inject_time");
      incident.at_s = cause::parse_time(time);
      const cause::Culprits culprits = cause::find_culprits(table, data, incident);
      count(score, culprits, text_at(fault, "inject_pod"), text_at(fault, "inject_type"), time);
    }
  }
  return score;
}

base::Result<CulpritScore> score_petshop(const std::string& archive,
                                         const cause::CauseTable& table) {
  std::map<std::string, std::string> files;
  const base::Status read =
      cause::for_each_file(archive, [&](const std::string& name, std::string_view text) {
        files.emplace(name, text);
        return true;
      });
  if (!read) return read.error();
  constexpr double kRowS = 300;
  CulpritScore score;
  for (const auto& [name, text] : files) {
    if (!name.ends_with("/target.json")) continue;
    const auto parsed = parse(text, name);
    if (!parsed) return parsed.error();
    const json::value* target = value_at(parsed.value(), "target");
    const json::value* root = value_at(parsed.value(), "root_cause");
    const json::value* felt = target == nullptr ? nullptr : value_at(*target, "timestamp");
    if (root == nullptr || felt == nullptr || !felt->is_number()) {
      return base::Error{name + ": has no target with a timestamp, or no root_cause"};
    }
    const std::string folder = name.substr(0, name.rfind('/'));
    const std::string load = name.substr(0, name.find('/'));
    cause::ForeignData data;
    const bool has_own = files.contains(load + "/noissue/metrics.csv");
    for (const auto& [other, metrics] : files) {
      const bool is_past =
          other.ends_with("/noissue/metrics.csv") && (!has_own || other.starts_with(load + "/"));
      if (!is_past && other != folder + "/metrics.csv") continue;
      if (auto added = data.add_metrics(metrics, other); !added) return added.error();
    }
    if (auto added = data.add_graph(files[load + "/graph.csv"], load); !added) {
      return added.error();
    }
    data.sort();
    cause::Incident incident;
    // A row stands for the five minutes after its time.
    incident.at_s = felt->to_number<double>() - kRowS;
    incident.window_s = 5 * kRowS;
    incident.symptom_entity = text_at(*target, "node");
    incident.symptom_measure = text_at(*target, "metric");
    const std::string node = text_at(*root, "node");
    count(score, cause::find_culprits(table, data, incident), node, "", folder);
  }
  if (score.cases == 0) return base::Error{archive + ": has no target.json"};
  return score;
}

void add_to_report(const CulpritScore& score, const std::string& name, bool has_types,
                   base::Report& report) {
  const auto share = [&](std::size_t count) {
    return static_cast<double>(count) / static_cast<double>(std::max<std::size_t>(score.cases, 1));
  };
  report.figure(name + ", cases", static_cast<double>(score.cases), "cases");
  report.figure(name + ", culprit first (AS@1)", share(score.first), "share");
  report.figure(name + ", culprit among 3 (AS@3)", share(score.among_3), "share");
  report.figure(name + ", culprit among 5 (AS@5)", share(score.among_5), "share");
  if (has_types) report.figure(name + ", first and its type", share(score.right_type), "share");
}

}  // namespace okiagari::bench
