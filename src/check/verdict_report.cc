#include "check/verdict_report.h"

#include <fmt/format.h>

#include <array>

namespace okiagari::check {
namespace {

constexpr std::array kKinds = {Wrong::lost, Wrong::doubled, Wrong::reordered, Wrong::contradicted,
                               Wrong::unknown};

}  // namespace

base::Report report_of(const Verdict& verdict, std::uint64_t seed) {
  base::Report report("check", seed);
  const VerdictFigures& figures = verdict.figures;
  const auto count = [&](const char* name, std::uint64_t value) {
    report.figure(name, static_cast<double>(value), "");
  };
  count("messages_sent", figures.messages_sent);
  count("answers", figures.answers);
  count("replayed_answers", figures.replayed_answers);
  count("trades", figures.trades);
  count("feed_messages", figures.feed_messages);
  count("logged_commands", figures.logged_commands);
  count("repeats_in_journal", figures.repeats_in_journal);
  count("refused_by_gateways", figures.refused_by_gateways);
  count("refusals_for_funds", figures.refusals_for_funds);
  count("connections_lost", figures.connections_lost);
  report.figure("ack_gap_max", figures.ack_gap_ms_max, "ms");
  report.figure("ack_p50", figures.ack_us_p50, "us");
  report.figure("ack_p99", figures.ack_us_p99, "us");
  // A run in which nothing happened proves nothing.
  report.figure_at_least("orders_acknowledged", static_cast<double>(figures.orders_acknowledged),
                         "", 1);
  judge_findings(verdict.findings, report);
  return report;
}

void judge_findings(const Findings& findings, base::Report& report) {
  for (const Wrong kind : kKinds) {
    report.check(name_of(kind), static_cast<std::int64_t>(findings.count(kind)), std::int64_t{0});
  }
}

std::string words_of(const Findings& findings) {
  std::string text;
  for (const Wrong kind : kKinds) {
    for (const std::string& words : findings.words(kind)) {
      text += fmt::format("{}: {}\n", name_of(kind), words);
    }
    const std::uint64_t more = findings.count(kind) - findings.words(kind).size();
    if (more > 0) text += fmt::format("{}: and {} more\n", name_of(kind), more);
  }
  return text;
}

}  // namespace okiagari::check
