// Mail through a real server: what arrives is what was meant, a server that is down loses nothing,
// and what the server says is believed.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <set>

#include "base/base64.h"
#include "tests/people/logged_desk.h"
#include "tests/people/mail_server.h"

namespace okiagari::people {
namespace {

using ::testing::HasSubstr;

constexpr std::uint64_t kPatienceMs = 60'000;

class CourierMailTest : public ::testing::Test {
 protected:
  CourierMailTest()
      : folder_(testing::TempDir() + fmt::format("courier_mail_{}", ::getpid())),
        server_(prepared(folder_)),
        desk_(folder_ + "/log") {
    settings_.mail.host = "127.0.0.1";
    settings_.mail.port = server_.port();
    settings_.mail.security = desk::MailSecurity::none;
    settings_.mail.from = "desk@exchange.example";
    settings_.public_url = "https://desk.example";
  }
  ~CourierMailTest() override {
    courier_.reset();
    std::filesystem::remove_all(folder_);
  }
  static std::string prepared(const std::string& folder) {
    std::filesystem::remove_all(folder);
    std::filesystem::create_directories(folder);
    return folder;
  }
  void call(const std::string& person_and_policy) {
    auto body = desk::make_contact_body(person_and_policy, "test.toml");
    ASSERT_TRUE(body.ok()) << body.error().message;
    ASSERT_TRUE(desk_.submit("contact.tree", body.value()).ok());
    ASSERT_TRUE(
        desk_
            .submit("page.start", {{"incident", "inc-1"},
                                   {"severity", 1},
                                   {"title", {{"en", "the market stands"}, {"ja", "市場が停止"}}}})
            .ok());
    auto opened = desk::Courier::open(loop_, settings_);
    ASSERT_TRUE(opened.ok());
    courier_ = std::move(opened.value());
  }
  template <typename Condition>
  bool wait(Condition condition) {
    const std::uint64_t end_ms = net::Loop::now_ms() + kPatienceMs;
    while (!condition()) {
      if (net::Loop::now_ms() > end_ms) return false;
      desk_.turn(loop_, *courier_, 50);
    }
    return true;
  }
  const desk::Effect& effect(const std::string& key) {
    const desk::Effect* found = desk_.desk().outbox().find(key);
    EXPECT_NE(found, nullptr) << key;
    return *found;
  }

  net::Loop loop_;
  std::string folder_;
  MailServer server_;
  LoggedDesk desk_;
  desk::CourierSettings settings_;
  std::unique_ptr<desk::Courier> courier_;
};

constexpr const char* kHanako = R"(
[[person]]
id = "hanako"
name = "佐藤 花子"
time_zone = "Asia/Tokyo"
route = [{kind = "mail", to = "hanako@exchange.example"}]
[[policy]]
id = "p"
severity_max = 4
[[policy.step]]
after_s = 0
targets = ["person:hanako"]
)";

TEST_F(CourierMailTest, AMailArrivesOnceInBothLanguagesWithTheLink) {
  ASSERT_TRUE(server_.start());
  call(kHanako);
  ASSERT_TRUE(wait([&] { return desk_.open_effects() == 0; }));
  EXPECT_EQ(effect("page/inc-1/1/hanako/mail").state, desk::EffectState::done);
  EXPECT_THAT(effect("page/inc-1/1/hanako/mail").outcome, HasSubstr("250"));
  const auto mails = server_.mails();
  ASSERT_EQ(mails.size(), 1u);
  EXPECT_EQ(mails[0].message_id, "<page/inc-1/1/hanako/mail@exchange.example>");
  const std::string& all = mails[0].all;
  EXPECT_THAT(all, HasSubstr("X-RcptTo: hanako@exchange.example"));
  std::string encoded;
  const std::size_t head =
      all.find("\n\n") != std::string::npos ? all.find("\n\n") + 2 : all.find("\r\n\r\n") + 4;
  for (const char c : all.substr(head)) {
    if (c > ' ') encoded += c;
  }
  const std::string text = base::from_base64(encoded).value_or("");
  EXPECT_THAT(text, HasSubstr("市場が停止"));
  EXPECT_THAT(text, HasSubstr("the market stands"));
  EXPECT_THAT(text, HasSubstr("https://desk.example/ack/inc-1~1~hanako~"));
}

TEST_F(CourierMailTest, AServerThatIsDownAndComesBackLosesNothing) {
  std::string tree = "pages_per_hour = 100\n";
  for (int i = 0; i < 30; ++i) {
    tree += fmt::format(
        "[[person]]\nid = \"p{0}\"\nname = \"P\"\ntime_zone = \"Asia/Tokyo\"\n"
        "roles = [\"operations\"]\nroute = [{{kind = \"mail\", to = \"p{0}@x.example\"}}]\n",
        i);
  }
  call(tree +
       "[[policy]]\nid = \"p\"\nseverity_max = 4\n[[policy.step]]\nafter_s = 0\n"
       "targets = [\"role:operations\"]\n");
  ASSERT_TRUE(wait([&] { return effect("page/inc-1/1/p0/mail").attempts > 0; }));
  ASSERT_TRUE(server_.start());
  ASSERT_TRUE(wait([&] { return desk_.open_effects() == 0; }));
  std::set<std::string> ids;
  const auto mails = server_.mails();
  for (const StoredMail& mail : mails) ids.insert(mail.message_id);
  EXPECT_EQ(mails.size(), 30u);
  EXPECT_EQ(ids.size(), 30u);
}

TEST_F(CourierMailTest, AServerThatIsFrozenInTheMiddleLeavesTheDeskFreeAndTheMailUnsent) {
  ASSERT_TRUE(server_.start());
  settings_.mail_timeout_ms = 300;
  server_.freeze();
  call(kHanako);
  ASSERT_TRUE(wait([&] { return effect("page/inc-1/1/hanako/mail").attempts > 0; }));
  EXPECT_EQ(effect("page/inc-1/1/hanako/mail").state, desk::EffectState::waiting);
  server_.thaw();
  ASSERT_TRUE(wait([&] { return desk_.open_effects() == 0; }));
  EXPECT_EQ(effect("page/inc-1/1/hanako/mail").state, desk::EffectState::done);
  EXPECT_EQ(server_.mails().size(), 1u);
}

// The desk's log has no "begun", so nothing may have left: not when the courier ends at that very
// moment, not when its time is over, not when it hears that it may not go on. (libcurl ends a mail
// that is taken from it as if it were whole.)
TEST_F(CourierMailTest, AMailThatIsNotLoggedAsBegunIsNotTakenByTheServer) {
  ASSERT_TRUE(server_.start());
  settings_.mail_timeout_ms = 1'000;
  int asked = 0;
  std::set<std::string> failed;
  desk::Hands::Reports reports;
  reports.begun = [&](const std::string& key, const std::function<void(bool)>& go_on) {
    ++asked;
    if (key == "forbidden") go_on(false);
  };
  reports.failed = [&](const std::string& key, const std::string&, bool permanent) {
    EXPECT_FALSE(permanent);
    failed.insert(key);
  };
  const auto send = [&](const std::string& key) {
    desk::Effect mail;
    mail.key = key;
    mail.kind = "mail";
    mail.what = {{"to", "hanako@exchange.example"}, {"subject", "s"}, {"text", "t"}};
    courier_->carry_out(mail, reports);
  };
  auto opened = desk::Courier::open(loop_, settings_);
  ASSERT_TRUE(opened.ok());
  courier_ = std::move(opened.value());
  send("forbidden");
  send("late");
  ASSERT_TRUE(wait([&] { return failed.size() == 2; }));
  EXPECT_EQ(asked, 2);
  send("cut off");
  ASSERT_TRUE(wait([&] { return asked == 3; }));
  courier_.reset();
  // The server has answered somebody else since: it has seen the ends of those connections before.
  call(kHanako);
  ASSERT_TRUE(wait([&] { return desk_.open_effects() == 0; }));
  ASSERT_EQ(server_.mails().size(), 1u);
  EXPECT_EQ(server_.mails()[0].message_id, "<page/inc-1/1/hanako/mail@exchange.example>");
}

}  // namespace
}  // namespace okiagari::people
