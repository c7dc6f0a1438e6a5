// Calls into a real Alertmanager, fetched by scripts/fetch_judges.sh: what it holds afterwards is
// asked from its own API.
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <boost/json.hpp>
#include <cstdio>
#include <filesystem>
#include <fstream>

#include "test_places.h"
#include "tests/people/foreign_server.h"
#include "tests/people/logged_desk.h"

namespace okiagari::people {
namespace {

constexpr std::uint64_t kPatienceMs = 60'000;
constexpr const char* kProgram =
    OKIAGARI_SOURCE_DIR "/.deps/judges/usr/bin/prometheus-alertmanager";

// Its answer as an independent client gets it.
boost::json::array alerts_of(std::uint16_t port) {
  const std::string command =
      fmt::format("curl -s 'http://127.0.0.1:{}/api/v2/alerts?active=true'", port);
  std::string text;
  FILE* pipe = ::popen(command.c_str(), "r");
  if (pipe == nullptr) return {};
  for (int c = std::fgetc(pipe); c != EOF; c = std::fgetc(pipe)) text += static_cast<char>(c);
  ::pclose(pipe);
  boost::system::error_code error;
  const auto value = boost::json::parse(text, error);
  return error || !value.is_array() ? boost::json::array{} : value.as_array();
}

bool start_alertmanager(ForeignServer& process, const std::string& folder, std::uint16_t port) {
  std::ofstream(folder + "/alertmanager.yml")
      << "route: {receiver: none}\nreceivers: [{name: none}]\n";
  // Debian's reads its templates at a place where nothing is installed: it is given some there, in
  // a view of the disk of its own.
  std::filesystem::create_directories(folder + "/templates/alertmanager");
  for (const char* name : {"default.tmpl", "email.tmpl"}) {
    std::ofstream(folder + "/templates/alertmanager/" + name) << "\n";
  }
  const std::string prepare = fmt::format(
      "mount -t tmpfs none /usr/share && mkdir /usr/share/prometheus && "
      "mount --bind {}/templates /usr/share/prometheus && "
      "exec setpriv --pdeathsig KILL \"$0\" \"$@\"",
      folder);
  return process.start({"/usr/bin/unshare", "--user", "--map-root-user", "--mount", "/bin/sh", "-c",
                        prepare, kProgram, fmt::format("--config.file={}/alertmanager.yml", folder),
                        fmt::format("--storage.path={}/data", folder), "--cluster.listen-address=",
                        fmt::format("--web.listen-address=127.0.0.1:{}", port)},
                       folder + "/log.txt", port);
}

TEST(AlertmanagerTest, ACallIsAnAlertThereUntilItIsAcknowledged) {
  if (!std::filesystem::exists(kProgram)) {
    GTEST_SKIP() << "scripts/fetch_judges.sh was not run";
  }
  const std::string folder = testing::TempDir() + fmt::format("alertmanager_{}", ::getpid());
  std::filesystem::remove_all(folder);
  std::filesystem::create_directories(folder);
  const std::uint16_t port = find_free_port();
  ForeignServer process;
  ASSERT_TRUE(start_alertmanager(process, folder, port));

  auto body = desk::make_contact_body(
      fmt::format("[[person]]\nid = \"room\"\nname = \"Room\"\ntime_zone = \"UTC\"\n"
                  "route = [{{kind = \"alertmanager\", to = \"http://127.0.0.1:{}\"}}]\n"
                  "[[policy]]\nid = \"p\"\nseverity_max = 4\n[[policy.step]]\nafter_s = 0\n"
                  "targets = [\"person:room\"]\n",
                  port),
      "test.toml");
  ASSERT_TRUE(body.ok()) << body.error().message;
  net::Loop loop;
  LoggedDesk desk(folder + "/log");
  desk::CourierSettings settings;
  settings.public_url = "https://desk.example";
  auto courier = desk::Courier::open(loop, settings);
  ASSERT_TRUE(courier.ok());
  const auto wait = [&](auto condition) {
    const std::uint64_t end_ms = net::Loop::now_ms() + kPatienceMs;
    while (!condition()) {
      if (net::Loop::now_ms() > end_ms) return false;
      desk.turn(loop, *courier.value(), 50);
    }
    return true;
  };
  ASSERT_TRUE(desk.submit("contact.tree", body.value()).ok());
  ASSERT_TRUE(desk.submit("page.start", {{"incident", "inc-1"},
                                         {"severity", 1},
                                         {"title", {{"en", "it stands"}, {"ja", "停止"}}}})
                  .ok());
  ASSERT_TRUE(wait([&] { return desk.open_effects() == 0; }));
  ASSERT_TRUE(wait([&] { return alerts_of(port).size() == 1; }));
  const auto alert = alerts_of(port)[0].as_object();
  const auto& labels = alert.at("labels").as_object();
  EXPECT_EQ(labels.at("alertname").as_string(), "OkiagariIncident");
  EXPECT_EQ(labels.at("incident").as_string(), "inc-1");
  EXPECT_EQ(labels.at("severity").as_string(), "P1");
  EXPECT_EQ(alert.at("annotations").as_object().at("summary").as_string(), "[inc-1 P1] 停止");
  EXPECT_EQ(alert.at("status").as_object().at("state").as_string(), "active");

  ASSERT_TRUE(desk.submit("page.acknowledge", {{"incident", "inc-1"}, {"person", "room"}}).ok());
  ASSERT_TRUE(wait([&] { return desk.open_effects() == 0; }));
  EXPECT_TRUE(wait([&] { return alerts_of(port).empty(); }));
  EXPECT_EQ(desk.refused(), 0u);
  courier.value().reset();
  std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace okiagari::people
