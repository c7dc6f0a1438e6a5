#include <fmt/format.h>

#include <boost/json.hpp>
#include <cmath>
#include <cstdio>
#include <string>
#include <vector>

#include "cause/cause_table.h"
#include "cause/counted_cases.h"
#include "cause/culprits.h"
#include "cause/foreign_data.h"
#include "cause/hypotheses.h"
#include "cause/packed_files.h"
#include "cause/ranking_json.h"
#include "cli/command_line.h"
#include "cli/commands.h"

namespace okiagari::cli {

namespace {

struct CauseOptions {
  std::string evidence;
  std::string causes;
  std::string counted;
  std::vector<std::string> metrics;
  std::vector<std::string> logs;
  std::vector<std::string> traces;
  std::vector<std::string> graph;
  std::vector<std::string> past;
  std::string at;
  cause::Incident incident;
  bool json = false;
};

void print_reasons(const char* what, const std::vector<cause::Reason>& reasons) {
  for (const cause::Reason& reason : reasons) {
    fmt::print("     {} {:4.1f} dB  {}\n", what, reason.weight_db, reason.sentence.en);
  }
}

void print_ranking(const cause::Ranking& ranking) {
  for (const cause::RecentChange& change : ranking.recent_changes) {
    fmt::print("change {} at {}, {} s before\n", change.evidence_id, change.entity, change.age_s);
  }
  int place = 0;
  for (const cause::Hypothesis& hypothesis : ranking.hypotheses) {
    fmt::print("{:2}. {:3.0f} %  {} ({}), {}: {}, {}\n", ++place, 100 * hypothesis.probability,
               hypothesis.title.en, cause::title_of(hypothesis.cause_class).en, hypothesis.entity,
               cause::title_of(hypothesis.band).en, to_string(hypothesis.state));
    print_reasons("for    ", hypothesis.reasons_for);
    print_reasons("against", hypothesis.reasons_against);
    fmt::print("     next check: {}\n", hypothesis.next_check.en);
  }
  fmt::print("{}\n", ranking.is_confident ? "The first can be said with confidence."
                                          : "Nothing can be said with confidence yet.");
}

base::Result<cause::CauseTable> table_of(const CauseOptions& options) {
  cause::CauseTable table = cause::CauseTable::builtin();
  if (!options.causes.empty()) {
    auto loaded = cause::CauseTable::load(options.causes);
    if (!loaded) return loaded.error();
    table = std::move(loaded.value());
  }
  if (!options.counted.empty()) {
    const auto text = cause::read_whole(options.counted);
    if (!text) return text.error();
    const auto cases = cause::counted_cases_from_json(text.value(), table);
    if (!cases) return cases.error();
    cause::fit_by_counting(table, cases.value());
  }
  return table;
}

int run_on_evidence(const CauseOptions& options, const cause::CauseTable& table) {
  const auto text = cause::read_whole(options.evidence);
  if (!text) return failed(text.error().message);
  const auto file = cause::case_from_json(text.value());
  if (!file) return failed(file.error().message, kExitWrongUse);
  const cause::Ranking ranking = cause::rank_hypotheses(table, file.value());
  if (options.json) {
    fmt::print("{}\n", boost::json::serialize(cause::to_json(ranking)));
  } else {
    print_ranking(ranking);
  }
  return kExitHolds;
}

using Read = base::Status (cause::ForeignData::*)(const std::string&);

base::Status read_each(cause::ForeignData& data, const std::vector<std::string>& paths, Read read) {
  for (const std::string& path : paths) {
    if (base::Status status = (data.*read)(path); !status) return status;
  }
  return {};
}

base::Status read_recordings(const CauseOptions& options, cause::ForeignData& data,
                             cause::TimeWindow& past) {
  for (const std::string& path : options.past) {
    // Logs, traces or both.
    const base::Status traces = data.read_traces(path);
    const base::Status logs = data.read_logs(path);
    if (!traces && !logs) return logs;
  }
  if (const auto range = data.range_of_steps()) past = *range;
  if (base::Status status = read_each(data, options.metrics, &cause::ForeignData::read_metrics);
      !status) {
    return status;
  }
  if (base::Status status = read_each(data, options.graph, &cause::ForeignData::read_graph);
      !status) {
    return status;
  }
  if (base::Status status = read_each(data, options.traces, &cause::ForeignData::read_traces);
      !status) {
    return status;
  }
  if (base::Status status = read_each(data, options.logs, &cause::ForeignData::read_logs);
      !status) {
    return status;
  }
  data.sort();
  return {};
}

void print_culprits(const cause::Culprits& culprits) {
  int place = 0;
  for (const cause::Culprit& culprit : culprits.ranked) {
    fmt::print("culprit {}: {}: {} ({:.1f} dB)\n", ++place, culprit.entity,
               culprit.hypothesis.title.en, culprit.hypothesis.score_db);
  }
  print_ranking(culprits.ranking);
}

int run_on_recordings(const CauseOptions& options, const cause::CauseTable& table) {
  cause::Incident incident = options.incident;
  incident.at_s = cause::parse_time(options.at);
  if (!std::isfinite(incident.at_s)) {
    return failed("--at: a time like 2022-08-22T03:53:54Z, or seconds since 1970", kExitWrongUse);
  }
  cause::ForeignData data;
  if (base::Status status = read_recordings(options, data, incident.past); !status) {
    return failed(status.error().message);
  }
  const cause::Culprits culprits = cause::find_culprits(table, data, incident);
  if (options.json) {
    fmt::print("{}\n", boost::json::serialize(cause::to_json(culprits)));
  } else {
    print_culprits(culprits);
  }
  return kExitHolds;
}

int run_cause(const CauseOptions& options) {
  const auto table = table_of(options);
  if (!table) return failed(table.error().message, kExitWrongUse);
  if (!options.evidence.empty()) return run_on_evidence(options, table.value());
  if (options.metrics.empty() && options.logs.empty() && options.traces.empty()) {
    return failed("cause needs --evidence, or recordings: --metrics, --logs, --traces",
                  kExitWrongUse);
  }
  return run_on_recordings(options, table.value());
}

}  // namespace

void add_cause_command(Command app, const Exit& exit) {
  auto options = std::make_shared<CauseOptions>();
  const Command command = app.command(
      "cause", "Ranked causes, from evidence or from another system's recordings (docs/cause.md)");
  command.option("--evidence", options->evidence, "A case: evidence as JSON");
  command.option("--metrics", options->metrics, "Measures: CSV, folder or .tar.xz");
  command.option("--logs", options->logs, "Logs: CSV, JSON lines or plain, or .tar.xz");
  command.option("--traces", options->traces, "Spans: CSV, folder or .tar.xz");
  command.option("--graph", options->graph, "Who calls whom: CSV");
  command.option("--past", options->past, "Logs and traces of a time without fault");
  command.option("--at", options->at, "When the incident was first felt");
  command.option("--window", options->incident.window_s, "Seconds after it to look at")
      .within(1.0, 86'400.0)
      .shows_default();
  command.option("--symptom", options->incident.symptom_entity, "Where it was felt");
  command.option("--symptom-measure", options->incident.symptom_measure,
                 "By which measure: latency, availability");
  command.option("--causes", options->causes, "Another table than the program's own");
  command.option("--counted", options->counted, "Counted cases that fit the weights: JSON");
  command.flag("--json", options->json, "Print one JSON object");
  set_action(command, exit, [options] { return run_cause(*options); });
}

}  // namespace okiagari::cli
