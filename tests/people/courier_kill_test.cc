// The leader is killed in the middle of calling many people, again and again, at points that chance
// picks; another takes over from the log. No mail may arrive twice, and nobody may be left
// uncalled: whose mail's fate is unknown is called by his second route.
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <boost/json.hpp>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <random>
#include <set>

#include "net/http_server.h"
#include "tests/people/logged_desk.h"
#include "tests/people/mail_server.h"

namespace okiagari::people {
namespace {

constexpr int kPeople = 60;
constexpr std::uint64_t kPatienceMs = 120'000;
constexpr int kLeadersMax = 400;

std::string person_id(int number) { return fmt::format("p{:02}", number); }

// A leader from its take-over to its end, in a process of its own. It dies by itself at the step
// given, before or behind an entry of the log, so that no point is too narrow to be hit.
[[noreturn]] void lead(const std::string& folder, const desk::CourierSettings& settings,
                       std::uint32_t dies_at_step) {
  net::Loop loop;
  LoggedDesk desk(folder + "/log");
  ASSERT(desk.submit("effect.taken_over", {}).ok(), "taking over is never refused");
  std::uint32_t steps = 0;
  desk.on_step = [&] {
    if (++steps >= dies_at_step) ::kill(::getpid(), SIGKILL);
  };
  auto courier = desk::Courier::open(loop, settings);
  ASSERT(courier.ok(), "{}", courier.error().message);
  const std::uint64_t end_ms = net::Loop::now_ms() + kPatienceMs;
  while (desk.open_effects() != 0 && net::Loop::now_ms() < end_ms) {
    desk.turn(loop, *courier.value(), 20);
  }
  ::_exit(desk.open_effects() == 0 ? 0 : 1);
}

struct Tally {
  int deaths = 0;
  int mails = 0;            // taken by the server
  int doubled = 0;          // mails of one Message-ID beyond the first
  int unknown = 0;          // fates that the log calls unknown
  int unknown_arrived = 0;  // of those, in the server all the same
  int by_second_route = 0;
  int uncalled = 0;  // neither by mail nor by the second route
};

class CourierKillTest : public ::testing::Test {
 protected:
  CourierKillTest() : folder_(testing::TempDir() + fmt::format("courier_kill_{}", ::getpid())) {
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_);
  }
  ~CourierKillTest() override { std::filesystem::remove_all(folder_); }

  void receive(const net::HttpRequest& request, net::HttpReply reply) {
    const auto event = boost::json::parse(request.body).as_object();
    by_second_route_.insert(std::string(event.at("data").as_object().at("person").as_string()));
    reply.send({.status = 200, .headers = {}, .body = {}});
  }

  void begin_calls(std::uint16_t hook_port) {
    std::string tree = "pages_per_hour = 100\n";
    for (int i = 0; i < kPeople; ++i) {
      tree += fmt::format(
          "[[person]]\nid = \"{0}\"\nname = \"{0}\"\ntime_zone = \"Asia/Tokyo\"\n"
          "roles = [\"operations\"]\nroute = [{{kind = \"mail\", to = \"{0}@x.example\"}}, "
          "{{kind = \"webhook\", to = \"http://127.0.0.1:{1}/\", secret = \"s\"}}]\n",
          person_id(i), hook_port);
    }
    tree +=
        "[[policy]]\nid = \"p\"\nseverity_max = 4\nrepeat_after_s = 3600\n[[policy.step]]\n"
        "after_s = 0\ntargets = [\"role:operations\"]\n";
    auto body = desk::make_contact_body(tree, "test.toml");
    ASSERT_TRUE(body.ok()) << body.error().message;
    LoggedDesk desk(folder_ + "/log");
    ASSERT_TRUE(desk.submit("contact.tree", body.value()).ok());
    ASSERT_TRUE(
        desk.submit("page.start", {{"incident", "inc-1"}, {"severity", 1}, {"title", "x"}}).ok());
  }

  // One leader's life; the exit status, or -1 when it was killed. It is killed from outside too, by
  // a moment that chance picks.
  int live_and_die(net::Loop& loop, const desk::CourierSettings& settings,
                   std::mt19937_64& random) {
    const bool from_outside = random() % 2 == 0;
    const auto step = from_outside ? UINT32_MAX : static_cast<std::uint32_t>(1 + random() % 120);
    const std::uint64_t life_ms = from_outside ? 20 + random() % 300 : kPatienceMs;
    const pid_t pid = ::fork();
    if (pid == 0) lead(folder_, settings, step);
    const std::uint64_t end_ms = net::Loop::now_ms() + life_ms;
    int status = 0;
    while (::waitpid(pid, &status, WNOHANG) != pid) {
      if (net::Loop::now_ms() >= end_ms) ::kill(pid, SIGKILL);
      // The receiver of the second route is ours.
      loop.turn(net::Loop::now_ms() + 5);
    }
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }

  Tally count(const MailServer& server, int deaths) const {
    Tally tally;
    tally.deaths = deaths;
    std::map<std::string, int> copies;
    for (const StoredMail& mail : server.mails()) ++copies[mail.message_id];
    for (const auto& [id, number] : copies) {
      ++tally.mails;
      tally.doubled += number - 1;
    }
    const LoggedDesk desk(folder_ + "/log");
    for (int i = 0; i < kPeople; ++i) {
      const std::string key = fmt::format("page/inc-1/1/{}/mail", person_id(i));
      const bool arrived = copies.contains(fmt::format("<{}@exchange.example>", key));
      const desk::EffectState state = desk.desk().outbox().find(key)->state;
      if (state == desk::EffectState::unknown) {
        ++tally.unknown;
        tally.unknown_arrived += arrived;
      }
      const bool is_second = by_second_route_.contains(person_id(i));
      tally.by_second_route += is_second;
      tally.uncalled += !arrived && !is_second;
      // What the log calls done has arrived, what it does not call done or unknown has not.
      EXPECT_EQ(state == desk::EffectState::done, arrived && state != desk::EffectState::unknown)
          << key << ' ' << to_string(state);
    }
    return tally;
  }

  std::string folder_;
  std::set<std::string> by_second_route_;
};

TEST_F(CourierKillTest, NoMailArrivesTwiceAndNobodyIsLeftUncalledHoweverOftenTheLeaderDies) {
  const char* given = std::getenv("OKIAGARI_SEED");
  const std::uint64_t seed =
      given != nullptr ? std::strtoull(given, nullptr, 10) : std::random_device{}();
  std::mt19937_64 random(seed);
  RecordProperty("seed", std::to_string(seed));
  net::Loop loop;
  auto hook = net::HttpServer::open(loop, {.listen = {}, .tls = {}, .limits = {}},
                                    [this](const net::HttpRequest& request, net::HttpReply reply) {
                                      receive(request, std::move(reply));
                                    });
  ASSERT_TRUE(hook.ok());
  MailServer server(folder_);
  ASSERT_TRUE(server.start());
  begin_calls(hook.value()->endpoint().port);
  desk::CourierSettings settings;
  settings.mail.host = "127.0.0.1";
  settings.mail.port = server.port();
  settings.mail.security = desk::MailSecurity::none;
  settings.mail.from = "desk@exchange.example";
  settings.public_url = "https://desk.example";
  settings.secrets = {{"s", "a key"}};
  int deaths = 0;
  int status = -1;
  while ((status = live_and_die(loop, settings, random)) == -1) {
    ASSERT_LT(++deaths, kLeadersMax) << "seed " << seed;
  }
  EXPECT_EQ(status, 0) << "seed " << seed;
  const Tally tally = count(server, deaths);
  fmt::print(
      "seed {}: {} people, leader killed {} times; {} mails arrived, {} doubled; {} of unknown "
      "fate, {} of these had arrived; {} called by the second route; {} uncalled\n",
      seed, kPeople, tally.deaths, tally.mails, tally.doubled, tally.unknown, tally.unknown_arrived,
      tally.by_second_route, tally.uncalled);
  EXPECT_EQ(tally.doubled, 0) << "seed " << seed;
  EXPECT_EQ(tally.uncalled, 0) << "seed " << seed;
  // Only whose mail's fate is unknown is called a second time.
  EXPECT_EQ(tally.by_second_route, tally.unknown) << "seed " << seed;
}

}  // namespace
}  // namespace okiagari::people
