#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "cli/commands.h"
#include "cli/lobster_file.h"
#include "cli/lobster_replay.h"

namespace okiagari::cli {

namespace {

namespace fs = std::filesystem;

struct LobsterOptions {
  std::vector<std::string> paths;
  bool check = false;
  ReportOptions report;
};

// The message files among `paths`; a folder stands for those in it.
std::vector<std::string> message_files(const std::vector<std::string>& paths) {
  std::vector<std::string> files;
  for (const std::string& path : paths) {
    if (!fs::is_directory(path)) {
      files.push_back(path);
      continue;
    }
    for (const auto& entry : fs::directory_iterator(path)) {
      const std::string name = entry.path().filename().string();
      if (name.find("_message_") != std::string::npos && name.find(".csv") != std::string::npos) {
        files.push_back(entry.path().string());
      }
    }
  }
  std::sort(files.begin(), files.end());
  return files;
}

int run_lobster(const LobsterOptions& options) {
  const std::vector<std::string> files = message_files(options.paths);
  if (files.empty())
    return failed("no LOBSTER message file (..._message_N.csv) is there", kExitWrongUse);
  base::Report report("replay lobster", 0);
  for (const std::string& file : files) {
    auto counts = replay_lobster(
        file, [&](std::uint64_t rows) { say(fmt::format("{}: {} rows", file, rows)); });
    if (!counts) return failed(counts.error().message);
    if (!counts.value().first_mismatch.empty()) say(counts.value().first_mismatch);
    judge_lobster(file, book_file_of(file).has_value(), counts.value(), report);
  }
  const int status = options.report.print(report);
  return options.check ? status : kExitHolds;
}

}  // namespace

void add_replay_command(CLI::App& app, const Exit& exit) {
  CLI::App* command = app.add_subcommand("replay", "Recorded order flow");
  command->require_subcommand(1);
  auto options = std::make_shared<LobsterOptions>();
  CLI::App* lobster = command->add_subcommand(
      "lobster",
      "LOBSTER recordings through the venue, its book held to the recorded one after every row");
  lobster
      ->add_option(
          "FILE", options->paths,
          "Message files, plain or .xz, or folders of them; order book files are found by name")
      ->required()
      ->check(CLI::ExistingPath);
  lobster->add_flag("--check", options->check,
                    "Exit with 1 when the recording and the venue disagree");
  options->report.add_to(*lobster);
  set_action(*lobster, exit, [options] { return run_lobster(*options); });
}

}  // namespace okiagari::cli
