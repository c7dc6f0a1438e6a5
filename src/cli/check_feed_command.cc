// `okiagari check-feed`: a process of its own that hears every line of a market's feed, asks for
// what was lost, joins late at every node, and holds all of it to the journals (docs/feed.md).
#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/whole_file.h"
#include "check/feed_judgement.h"
#include "check/image_reader.h"
#include "check/line_listener.h"
#include "check/verdict.h"
#include "cli/command.h"
#include "cli/command_line.h"
#include "cli/commands.h"
#include "cli/funds_refusals.h"
#include "cli/stop_signal.h"
#include "deployment/deployment_file.h"
#include "deployment/market_journals.h"
#include "feed/market_data.h"

namespace okiagari::cli {

namespace {

constexpr std::uint64_t kTurnMs = 5;
// For one image, and for what the journals have and no line has brought yet.
constexpr std::uint64_t kImageMs = 10'000;
constexpr std::uint64_t kCatchUpMs = 10'000;

struct CheckFeedOptions {
  std::string folder = "market";
  double seconds = 0;  // 0: until it is told to stop
  std::string interface = "127.0.0.1";
  std::string report_file;
  ReportOptions report;
};

class FeedCheck {
 public:
  FeedCheck(const CheckFeedOptions& options, deployment::DeploymentFile market)
      : options_(options), market_(std::move(market)) {}

  base::Status open();
  void listen();
  void join_late();
  void hold_to_journals();
  [[nodiscard]] base::Report report();
  [[nodiscard]] std::string words() const { return record().findings().words(); }

 private:
  [[nodiscard]] check::FeedRecord& record() const { return listener_->record(); }
  void turn();
  // False when the time was over first.
  bool hear_up_to(std::uint64_t number);

  const CheckFeedOptions& options_;
  deployment::DeploymentFile market_;
  std::string session_;
  net::Loop loop_;
  std::unique_ptr<check::LineListener> listener_;
  std::vector<check::MarketImage> images_;
  std::uint64_t predicted_ = 0;
};

base::Status FeedCheck::open() {
  session_ = feed::session_of(market_.cluster);
  std::vector<check::LineAddress> lines;
  for (const deployment::NodePlace& place : market_.nodes) {
    if (!place.feed_line || !place.feed_requests) {
      return base::Error{fmt::format("node {} has no line or answers no requests", place.node)};
    }
    lines.push_back({place.node, *place.feed_line, *place.feed_requests});
  }
  auto listener = check::LineListener::open(loop_, std::move(lines), options_.interface, session_);
  if (!listener) return listener.error();
  listener_ = std::move(listener.value());
  return {};
}

void FeedCheck::turn() {
  loop_.turn(net::Loop::now_ms() + kTurnMs);
  listener_->tick(net::Loop::now_ms());
}

void FeedCheck::listen() {
  const std::uint64_t end_ms =
      options_.seconds == 0
          ? UINT64_MAX
          : net::Loop::now_ms() + static_cast<std::uint64_t>(options_.seconds * 1'000);
  while (!is_stop_asked() && net::Loop::now_ms() < end_ms) turn();
}

bool FeedCheck::hear_up_to(std::uint64_t number) {
  const std::uint64_t end_ms = net::Loop::now_ms() + kCatchUpMs;
  while (record().next_missing() <= number && net::Loop::now_ms() < end_ms) turn();
  return record().next_missing() > number;
}

void FeedCheck::join_late() {
  for (const deployment::NodePlace& place : market_.nodes) {
    if (!place.feed_images) continue;
    check::ImageReader reader(loop_, place.node, *place.feed_images, session_);
    const std::uint64_t end_ms = net::Loop::now_ms() + kImageMs;
    while (!reader.is_over() && net::Loop::now_ms() < end_ms) {
      turn();
      reader.tick(net::Loop::now_ms());
    }
    if (reader.image().next_number == 0) {
      // A server may be down, or lead and have too many orders to stand still for.
      say(fmt::format("node {} gives no image: {}", place.node,
                      reader.failure().empty() ? "not in time" : reader.failure()));
      continue;
    }
    (void)hear_up_to(reader.image().next_number - 1);
    check::compare_with_image(reader.image(), record(), record().findings());
    images_.push_back(reader.image());
  }
  if (images_.empty()) {
    record().findings().add(check::FeedWrong::unknown, "no node gave a late joiner an image");
  }
}

void FeedCheck::hold_to_journals() {
  check::FeedFindings& findings = record().findings();
  check::Evidence evidence;
  deployment::read_journals(market_.nodes, evidence);
  for (const std::string& words : evidence.unreadable_journals) {
    findings.add(check::FeedWrong::unknown, words);
  }
  const auto longest = std::max_element(
      evidence.journals.begin(), evidence.journals.end(),
      [](const auto& a, const auto& b) { return a.last_index() < b.last_index(); });
  if (longest == evidence.journals.end()) return;
  const std::vector<check::ItchMessage> predicted =
      check::predict_feed(evidence.journals, evidence.nodes(), funds_refusals(*longest), findings);
  predicted_ = predicted.size();
  (void)hear_up_to(predicted_);
  check::judge_gaps(record(), findings);
  check::compare_with_journal(predicted, record(), findings);
}

base::Report FeedCheck::report() {
  base::Report report("check-feed", 0);
  const auto count = [&](const std::string& name, std::uint64_t value) {
    report.figure(name, static_cast<double>(value), "");
  };
  std::uint64_t speaking = 0;
  for (std::size_t line = 0; line < market_.nodes.size(); ++line) {
    const auto& counters = record().lines()[line];
    count(fmt::format("messages on node {}'s line", market_.nodes[line].node), counters.messages);
    if (counters.messages > 0) ++speaking;
  }
  // What was not heard twice was not compared.
  report.figure_at_least("lines that spoke", static_cast<double>(speaking), "", 2);
  count("messages that came by request", record().answered());
  count("requests", listener_->requests());
  count("messages by the journal", predicted_);
  count("images", images_.size());
  record().findings().judge(report);
  return report;
}

int run_check_feed(const CheckFeedOptions& options) {
  catch_stop_signals();
  auto market = deployment::DeploymentFile::load(options.folder);
  if (!market) return failed(market.error().message, kExitWrongUse);
  FeedCheck check(options, std::move(market.value()));
  if (base::Status status = check.open(); !status) return failed(status.error().message);
  say("hearing every line; Ctrl-C ends it with the verdict");
  check.listen();
  check.join_late();
  check.hold_to_journals();
  const base::Report report = check.report();
  fmt::print(stderr, "{}", check.words());
  if (!options.report_file.empty()) {
    if (base::Status status = base::write_whole_file(options.report_file, report.to_json() + "\n");
        !status) {
      return failed(status.error().message);
    }
  }
  return options.report.print(report);
}

}  // namespace

void add_check_feed_command(Command app, const Exit& exit) {
  auto options = std::make_shared<CheckFeedOptions>();
  const Command command =
      app.command("check-feed", "Hear every line of a market's feed, and hold it to the journals");
  command.option("--data", options->folder, "Folder of a market that runs").shows_default();
  command.option("--seconds", options->seconds, "How long to listen; 0: until Ctrl-C")
      .within(0.0, 86'400.0)
      .shows_default();
  command.option("--interface", options->interface, "Address by which the groups are joined")
      .shows_default();
  command.option("--report", options->report_file, "Also write the verdict to this file");
  options->report.add_to(command);
  set_action(command, exit, [options] { return run_check_feed(*options); });
}

}  // namespace okiagari::cli
