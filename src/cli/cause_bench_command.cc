#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include "bench/cause_anomalies.h"
#include "bench/cause_culprits.h"
#include "bench/cause_logs.h"
#include "cli/command_line.h"
#include "cli/commands.h"

namespace okiagari::cli {

namespace {

struct CauseBenchOptions {
  std::string data;
  ReportOptions report;
};

namespace fs = std::filesystem;

base::Status bench_recordings(const std::string& folder, base::Report& report) {
  const cause::CauseTable& table = cause::CauseTable::builtin();
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(folder)) {
    if (entry.is_directory()) names.push_back(entry.path().filename().string());
  }
  std::sort(names.begin(), names.end());
  for (const std::string& name : names) {
    const std::string path = folder + "/" + name;
    const bool is_nezha = fs::exists(path + "/fault_list.json");
    const bool is_petshop = fs::exists(path + "/train_and_noissue.tar.xz");
    if (!is_nezha && !is_petshop) continue;
    say("scoring " + name);
    const auto score = is_nezha ? bench::score_nezha(path, table)
                                : bench::score_petshop(path + "/train_and_noissue.tar.xz", table);
    if (!score) return score.error();
    say(score.value().misses);
    bench::add_to_report(score.value(), name, is_nezha, report);
  }
  return {};
}

int run_cause_bench(const CauseBenchOptions& options) {
  base::Report report("bench cause", 0);
  const std::string logs = options.data + "/logs/loghub-2k";
  const std::string recordings = options.data + "/rca";
  const std::string series = options.data + "/anomaly/nab";
  if (!fs::exists(logs) && !fs::exists(recordings) && !fs::exists(series)) {
    return failed(options.data + ": has none of the folders logs/loghub-2k, rca, anomaly/nab",
                  kExitWrongUse);
  }
  if (fs::exists(logs)) {
    if (base::Status status = bench::score_log_templates(logs, report); !status) {
      return failed(status.error().message);
    }
  }
  if (fs::exists(recordings)) {
    if (base::Status status = bench_recordings(recordings, report); !status) {
      return failed(status.error().message);
    }
  }
  if (fs::exists(series)) {
    if (base::Status status = bench::score_anomalies(series, report); !status) {
      return failed(status.error().message);
    }
  }
  return options.report.print(report);
}

}  // namespace

void add_cause_bench(Command bench, const Exit& exit) {
  auto options = std::make_shared<CauseBenchOptions>();
  const Command command =
      bench.command("cause", "Finding causes, on public labelled data (docs/cause.md says which)");
  command.option("--data", options->data, "Folder with the data sets").required();
  options->report.add_to(command);
  set_action(command, exit, [options] { return run_cause_bench(*options); });
}

}  // namespace okiagari::cli
