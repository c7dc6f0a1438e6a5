#include "cli/run_page.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace okiagari::cli {
namespace {

using testing::HasSubstr;
using testing::Not;

RunRecord record() {
  RunRecord record;
  record.flow = "A <recording> & more";
  record.instruments = 2;
  record.orders_sent = 1'234'567;
  record.acknowledged = 1'000'000;
  record.duration_ms = 1'000;
  record.kill_ms = 500;
  record.last_before_ms = 499;
  record.first_after_ms = 521.25;
  record.killed_server = "node 2";
  record.new_leader = "node 3";
  record.whole = {0, 20, std::vector<std::uint32_t>(50, 7)};
  record.around_kill = {400, 1, std::vector<std::uint32_t>(300, 1)};
  return record;
}

base::Report report(std::int64_t lost, double gap_ms) {
  base::Report report("run", 0);
  report.check("lost", lost, std::int64_t{0});
  report.check("the leading server was killed", true, true);
  report.figure_at_most("time without an acknowledgement", gap_ms, "ms", 60);
  report.figure("trades", 4'321, "trades");
  return report;
}

TEST(RunPage, NeedsNoScriptAndNoNetwork) {
  const std::string page = render_run_page(record(), {}, report(0, 22.25));
  for (const char* word : {"<script", "http://", "https://", "@import", "url(", "<link", "<img"}) {
    EXPECT_THAT(page, Not(HasSubstr(word)));
  }
  EXPECT_THAT(page, HasSubstr("prefers-color-scheme:dark"));
  EXPECT_THAT(page, HasSubstr("width=device-width"));
}

TEST(RunPage, SaysTheSameInBothLanguages) {
  const std::string page = render_run_page(record(), {}, report(0, 22.25));
  EXPECT_THAT(page, HasSubstr("Every promise held"));
  EXPECT_THAT(page, HasSubstr("すべての約束が守られました"));
  EXPECT_THAT(page, HasSubstr("<td>lost</td><td>0</td>"));
  EXPECT_THAT(page, HasSubstr("<td>失われた注文</td><td>0</td>"));
  EXPECT_THAT(page, HasSubstr("<td>主系サーバーを停止した</td><td>はい</td>"));
  EXPECT_THAT(page, HasSubstr("<b>22.2</b>milliseconds in which nobody could trade"));
  EXPECT_THAT(page, HasSubstr("<b>1,000,000</b>orders acknowledged"));
  EXPECT_THAT(page, HasSubstr("A &lt;recording&gt; &amp; more"));
}

TEST(RunPage, TargetThatWasMissedIsNoBrokenPromise) {
  const std::string missed = render_run_page(record(), {}, report(0, 90));
  EXPECT_THAT(missed, HasSubstr("but a target was missed"));
  EXPECT_THAT(missed, HasSubstr(">MISSED<"));
  EXPECT_THAT(missed, Not(HasSubstr("A promise was broken")));
  const std::string broken = render_run_page(record(), {}, report(1, 20));
  EXPECT_THAT(broken, HasSubstr("A promise was broken"));
  EXPECT_THAT(broken, HasSubstr("<b>1</b>orders lost"));
}

}  // namespace
}  // namespace okiagari::cli
