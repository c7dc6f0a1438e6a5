#include "cli/drill_campaign.h"

#include <fmt/format.h>
#include <signal.h>

#include <boost/json.hpp>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "base/child_process.h"
#include "cli/stop_signal.h"
#include "drill/own_world.h"
#include "drill/score.h"
#include "net/loop.h"

namespace okiagari::cli {

namespace {

namespace fs = std::filesystem;

// A drill that takes longer hangs.
constexpr std::uint64_t kDrillMsMax = 150'000;
constexpr std::uint64_t kLookMs = 50;

std::string content_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::string last_line(const std::string& path) {
  std::ifstream file(path);
  std::string line;
  std::string last;
  while (std::getline(file, line)) {
    if (!line.empty()) last = line;
  }
  return last;
}

base::Status write_text(const std::string& path, const std::string& text) {
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file << text;
  if (!file.flush()) return base::Error{fmt::format("{}: cannot be written", path)};
  return {};
}

base::Result<std::vector<drill::Fault>> wanted_faults(const CampaignOptions& options) {
  std::vector<drill::Fault> faults;
  for (const drill::FaultCard& card : drill::fault_cards()) {
    const bool wanted =
        options.faults.empty() ||
        std::find(options.faults.begin(), options.faults.end(), card.name) != options.faults.end();
    if (!wanted) continue;
    const auto lacking = drill::lacks(card.needs);
    if (!lacking.empty()) {
      return base::Error{fmt::format("{} cannot be inflicted on this machine; missing: {}",
                                     card.name, lacking.front())};
    }
    faults.push_back(card.fault);
  }
  if (faults.empty()) return base::Error{"no fault is wanted; `okiagari drill list` has them"};
  return faults;
}

std::string told_line(const drill::DrillResult& result) {
  const drill::Score score = drill::score(result, result.last);
  std::string line = fmt::format("{}: {} ({}), ", result.target, score.first, score.first_class);
  line += score.cause_right ? "right" : score.class_right ? "right class" : "wrong";
  if (score.is_confident) line += ", with confidence";
  if (result.first) line += fmt::format(", first said after {:.1f} s", result.first->ms / 1'000);
  if (!result.is_taken_back) line += "; NOT TAKEN BACK: " + result.taken_back;
  return line;
}

class Drills {
 public:
  explicit Drills(const CampaignOptions& options) : options_(options) {}

  base::Status run(const std::vector<drill::PlannedDrill>& plan);
  base::Status write() const;
  [[nodiscard]] Campaign& campaign() { return campaign_; }

 private:
  base::Status run_one(const drill::PlannedDrill& planned, std::size_t of);
  base::Status await(base::ChildProcess& child);

  const CampaignOptions& options_;
  Campaign campaign_;
};

base::Status Drills::run(const std::vector<drill::PlannedDrill>& plan) {
  for (const drill::PlannedDrill& planned : plan) {
    if (base::Status status = run_one(planned, plan.size()); !status) return status;
    // After each, so that a campaign that is broken off leaves what it has.
    if (base::Status status = write(); !status) return status;
  }
  return {};
}

base::Status Drills::await(base::ChildProcess& child) {
  net::Loop loop;
  const std::uint64_t end_ms = net::Loop::now_ms() + kDrillMsMax;
  bool is_told = false;
  while (!child.has_ended()) {
    if (is_stop_asked() && !is_told) {
      child.send_signal(SIGTERM);
      is_told = true;
    }
    if (net::Loop::now_ms() > end_ms) return base::Error{"it hangs, and was killed"};
    loop.turn(net::Loop::now_ms() + kLookMs);
  }
  return {};
}

base::Status Drills::run_one(const drill::PlannedDrill& planned, std::size_t of) {
  const std::string name(drill::card_of(planned.fault).name);
  const std::string folder = fmt::format("{}/{:02}-{}", options_.out, planned.number, name);
  std::error_code error;
  fs::remove_all(folder, error);
  fs::create_directories(folder, error);
  if (error) return base::Error{fmt::format("{}: {}", folder, error.message())};
  const std::string result_file = folder + "/result.json";
  const std::string output = folder + "/output.log";
  auto child = base::ChildProcess::start(
      {base::own_program(), "drill", name, "--seed", fmt::format("{}", planned.seed), "--out",
       folder, "--flow", options_.flow, "--result", result_file},
      output);
  if (!child) return child.error();
  const base::Status ended = await(child.value());
  child.value() = base::ChildProcess();
  if (is_stop_asked()) return base::Error{"stopped"};
  auto result = drill::result_from_json(content_of(result_file));
  const std::string which = fmt::format("{:2} of {}  {}", planned.number, of, name);
  if (ended && result) {
    options_.tell(fmt::format("{} on {}", which, told_line(result.value())));
    campaign_.results.push_back(std::move(result.value()));
  } else {
    campaign_.not_done.push_back(fmt::format("{}, seed {}: {}", name, planned.seed,
                                             ended ? last_line(output) : ended.error().message));
    options_.tell(fmt::format("{} could not be carried out: {}", which, campaign_.not_done.back()));
  }
  if (!options_.keeps_markets) fs::remove_all(folder + "/market", error);
  return {};
}

base::Status Drills::write() const {
  boost::json::array results;
  for (const drill::DrillResult& result : campaign_.results) {
    boost::json::object one = drill::to_json(result);
    const drill::Score score = drill::score(result, result.last);
    one["class_right"] = score.class_right;
    one["cause_right"] = score.cause_right;
    one["confidently_wrong"] = score.confidently_wrong();
    results.push_back(std::move(one));
  }
  boost::json::array not_done(campaign_.not_done.begin(), campaign_.not_done.end());
  const boost::json::object all{{"seed", options_.seed},
                                {"tally", drill::tally_json(campaign_.results)},
                                {"drills", std::move(results)},
                                {"not_carried_out", std::move(not_done)}};
  if (auto status = write_text(options_.out + "/results.json", boost::json::serialize(all) + "\n");
      !status) {
    return status;
  }
  std::string text = drill::confusion_table(campaign_.results);
  for (const std::string& line : campaign_.not_done) text += "\nNot carried out: " + line + "\n";
  text += fmt::format("\n`okiagari drill campaign --each {} --seed {}`\n", options_.each,
                      options_.seed);
  return write_text(options_.out + "/confusion.md", text);
}

}  // namespace

base::Result<Campaign> run_campaign(const CampaignOptions& options) {
  auto faults = wanted_faults(options);
  if (!faults) return faults.error();
  std::error_code error;
  fs::create_directories(options.out, error);
  if (error) return base::Error{fmt::format("{}: {}", options.out, error.message())};
  Drills drills(options);
  const auto plan = drill::plan_campaign(faults.value(), options.each, options.seed);
  if (base::Status status = drills.run(plan); !status) return status.error();
  return std::move(drills.campaign());
}

base::Report judge_campaign(const Campaign& campaign, std::uint64_t seed) {
  base::Report report("drill campaign", seed);
  drill::Tally tally;
  for (const drill::DrillResult& result : campaign.results) tally.add(result);
  const auto percent = [&](std::size_t count) {
    return tally.drills == 0
               ? 0.0
               : 100.0 * static_cast<double>(count) / static_cast<double>(tally.drills);
  };
  report.figure("drills", static_cast<double>(tally.drills), "drills");
  report.figure("top-1, class", percent(tally.class_right), "%");
  report.figure("top-1, cause", percent(tally.cause_right), "%");
  report.figure("top-3, cause", percent(tally.among_three), "%");
  report.figure("unknown", percent(tally.unknown), "%");
  report.figure("wrong, not with confidence", percent(tally.wrong_without_confidence), "%");
  report.check("confidently wrong", static_cast<std::int64_t>(tally.confidently_wrong),
               std::int64_t{0});
  report.check("faults not taken back", static_cast<std::int64_t>(tally.drills - tally.taken_back),
               std::int64_t{0});
  report.check("drills not carried out", static_cast<std::int64_t>(campaign.not_done.size()),
               std::int64_t{0});
  return report;
}

}  // namespace okiagari::cli
