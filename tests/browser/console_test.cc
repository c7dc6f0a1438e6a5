// The built console in Chromium against a real desk's site: every page in both languages, nothing
// for axe to find, no complaint of the browser about the content policy.
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>

#include "desk/components.h"
#include "desk/maintenances.h"
#include "test_places.h"
#include "web/test_site.h"

namespace okiagari::web {
namespace {

class ConsoleTest : public SiteTest {
 protected:
  ConsoleTest() {
    const auto& maintenances = desk_.desk_.add(std::make_unique<desk::Maintenances>());
    desk_.desk_.add(std::make_unique<desk::Components>(&maintenances));
  }
  void fill() {
    desk_.put_contacts();
    ASSERT_TRUE(
        desk_
            .put("component.define", {{"components",
                                       {{{"id", "feed"},
                                         {"kind", "market_data"},
                                         {"name", {{"en", "Market data"}, {"ja", "相場配信"}}}}}}})
            .ok());
    ASSERT_TRUE(desk_.put("incident.open", {{"title", "node-1 is gone"}, {"severity", 1}}).ok());
    ASSERT_TRUE(desk_.put("incident.note", {{"incident", "inc-1"}, {"text", "looked at it"}}).ok());
    ASSERT_TRUE(desk_
                    .put("notice.draft",
                         {{"incident", "inc-1"},
                          {"status", "investigating"},
                          {"subject", {{"ja", "注文受付の停止"}, {"en", "Order entry is down"}}},
                          {"text", {{"ja", "調査中です"}, {"en", "We are looking into it"}}}},
                         "person:taro")
                    .ok());
    ASSERT_TRUE(desk_
                    .put("incident.report", {{"incident", "inc-1"},
                                             {"sentences",
                                              {{{"en", "One server is hit."},
                                                {"ja", "サーバー1台に影響。"},
                                                {"evidence", {"a"}}}}}})
                    .ok());
    const boost::json::object reason{
        {"evidence", "a"}, {"weight_db", 6}, {"en", "it ended"}, {"ja", "終了した"}};
    ASSERT_TRUE(
        desk_
            .put("incident.causes", {{"incident", "inc-1"},
                                     {"hypotheses",
                                      {{{"cause", "crash"},
                                        {"title", {{"en", "A crash"}, {"ja", "異常終了"}}},
                                        {"entity", "node-1"},
                                        {"state", "supported"},
                                        {"band", "likely"},
                                        {"for", {reason}},
                                        {"against", {reason}},
                                        {"next_check", {{"en", "the core"}, {"ja", "コア"}}}}}}})
            .ok());
    boost::json::array servers;
    for (int node = 1; node <= 3; ++node) {
      servers.push_back({{"node", node},
                         {"state", node == 1 ? "gone" : "alive"},
                         {"role", node == 2 ? "leader" : "follower"},
                         {"term", 2},
                         {"applied", 1'000 - node},
                         {"lag_ms", node},
                         {"heard_ms_ago", 10}});
    }
    desk_.picture_["servers"] = std::move(servers);
    desk_.picture_["gateways"] = {{{"gateway", 1},
                                   {"state", "alive"},
                                   {"serving", true},
                                   {"acknowledged_ms", 1.4},
                                   {"median_ms", 1.2},
                                   {"orders", 10},
                                   {"answers", 10}}};
  }

  // Serves while the script runs; its exit code.
  int run_script(const std::string& command) {
    const pid_t child = fork();
    if (child == 0) {
      execl("/bin/bash", "bash", "-c", command.c_str(), nullptr);
      _exit(127);
    }
    const std::uint64_t end_ms = net::Loop::now_ms() + 200'000;
    int status = 0;
    while (waitpid(child, &status, WNOHANG) == 0) {
      if (net::Loop::now_ms() > end_ms) {
        kill(child, SIGKILL);
        waitpid(child, &status, 0);
        return 124;
      }
      loop_.turn(net::Loop::now_ms() + 20);
      desk_.now_ns_ = net::Loop::wall_ns();
      site_->tick(net::Loop::now_ms());
    }
    return WIFEXITED(status) ? WEXITSTATUS(status) : 125;
  }
};

TEST_F(ConsoleTest, EveryPageIsUsableByEverybodyInBothLanguages) {
  const std::string root = OKIAGARI_SOURCE_DIR;
  ASSERT_EQ(std::system((root + "/scripts/build_console.sh").c_str()), 0);
  ASSERT_EQ(std::system(("cd " + root +
                         "/tests/browser && { [ node_modules/.package-lock.json -nt "
                         "package-lock.json ] || "
                         "npm ci --no-audit --no-fund --silent; }")
                            .c_str()),
            0);
  console_folder_ = root + "/build/console";
  desk_.now_ns_ = net::Loop::wall_ns();
  add_person("chief", {"incident_commander", "market_ops_approver", "comms_approver"}, 1);
  fill();
  open();
  const std::string command =
      fmt::format("cd {}/tests/browser && node pages.mjs http://127.0.0.1:{} chief '{}' {}", root,
                  server_->endpoint().port, kPassword, base::to_hex(base::as_bytes(secret_)));
  EXPECT_EQ(run_script(command), 0);
}

}  // namespace
}  // namespace okiagari::web
