// The courier against receivers that misbehave. Mail has its own tests, with a real server, under
// tests/people.
#include "desk/courier.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <map>

#include "desk/outgoing.h"
#include "net/http_server.h"

namespace okiagari::desk {
namespace {

using ::testing::HasSubstr;

constexpr std::uint64_t kPatienceMs = 20'000;

struct Report {
  std::string what;  // "done", "failed", "refused", "unknown"
  std::string outcome;
};

class CourierTest : public ::testing::Test {
 protected:
  CourierTest() {
    auto opened = net::HttpServer::open(
        loop_, {.listen = {}, .tls = {}, .limits = {}},
        [this](const net::HttpRequest& request, net::HttpReply reply) {
          bodies_.push_back(request.body);
          if (request.path == "/hang") {
            hanging_.push_back(std::move(reply));
            return;
          }
          const auto found = statuses_.find(request.path);
          reply.send({.status = found == statuses_.end() ? 200 : found->second,
                      .headers = {{"Location", "/elsewhere"}},
                      .body = "said so"});
        });
    EXPECT_TRUE(opened.ok());
    server_ = std::move(opened.value());
    settings_.public_url = "https://desk.example";
    settings_.http_timeout_ms = 10'000;
    reports_.done = [this](const std::string& key, std::string outcome, boost::json::object) {
      told_[key] = {"done", outcome};
    };
    reports_.failed = [this](const std::string& key, std::string outcome, bool permanent) {
      told_[key] = {permanent ? "refused" : "failed", outcome};
    };
    reports_.unknown = [this](const std::string& key, std::string outcome) {
      told_[key] = {"unknown", outcome};
    };
  }
  void open() {
    auto opened = Courier::open(loop_, settings_);
    ASSERT_TRUE(opened.ok()) << opened.error().message;
    courier_ = std::move(opened.value());
  }
  [[nodiscard]] std::string url(const std::string& path) const {
    return fmt::format("http://127.0.0.1:{}{}", server_->endpoint().port, path);
  }
  void send(const std::string& key, const std::string& kind, const std::string& to) {
    Effect effect;
    effect.key = key;
    effect.kind = kind;
    effect.owner = "notice";
    effect.what = {{"to", to}, {"subject", "s"}, {"text", "t"}};
    courier_->carry_out(effect, reports_);
  }
  template <typename Condition>
  bool wait(Condition condition) {
    const std::uint64_t end_ms = net::Loop::now_ms() + kPatienceMs;
    while (!condition()) {
      if (net::Loop::now_ms() > end_ms) return false;
      loop_.turn(net::Loop::now_ms() + 100);
    }
    return true;
  }
  Report report_of(const std::string& key) {
    EXPECT_TRUE(wait([&] { return told_.contains(key); })) << key;
    return told_[key];
  }

  net::Loop loop_;
  std::unique_ptr<net::HttpServer> server_;
  std::map<std::string, int> statuses_ = {
      {"/500", 500}, {"/429", 429}, {"/400", 400}, {"/301", 301}, {"/202", 202}};
  std::vector<std::string> bodies_;
  std::vector<net::HttpReply> hanging_;
  CourierSettings settings_;
  Hands::Reports reports_;
  std::map<std::string, Report> told_;
  std::unique_ptr<Courier> courier_;
};

TEST_F(CourierTest, WhatAReceiverAnswersIsReported) {
  open();
  for (const char* path : {"/200", "/202", "/500", "/429", "/400", "/301"}) {
    send(path, "webhook", url(path));
  }
  EXPECT_EQ(report_of("/200").what, "done");
  EXPECT_EQ(report_of("/200").outcome, "200 said so");
  EXPECT_EQ(report_of("/202").what, "done");
  EXPECT_EQ(report_of("/500").what, "failed");
  EXPECT_EQ(report_of("/429").what, "failed");
  EXPECT_EQ(report_of("/400").what, "refused");
  // A redirection is not followed: a signed message goes where it was meant to go.
  EXPECT_EQ(report_of("/301").what, "refused");
  EXPECT_EQ(bodies_.size(), 6u);
}

TEST_F(CourierTest, ReceiversThatHangCostOnlyThemselves) {
  settings_.per_host_max = 4;
  open();
  for (int i = 0; i < 40; ++i) send(fmt::format("hang/{}", i), "webhook", url("/hang"));
  ASSERT_TRUE(wait([&] { return hanging_.size() == 4; }));
  // Another name of the same machine is another host, and is served while forty wait.
  send("good", "webhook", fmt::format("http://localhost:{}/200", server_->endpoint().port));
  EXPECT_EQ(report_of("good").what, "done");
  EXPECT_EQ(told_.size(), 1u);
  EXPECT_EQ(hanging_.size(), 4u);
}

TEST_F(CourierTest, AReceiverThatHangsIsGivenUpAfterItsTime) {
  settings_.http_timeout_ms = 50;
  open();
  send("hang", "webhook", url("/hang"));
  const Report report = report_of("hang");
  EXPECT_EQ(report.what, "failed");
  EXPECT_THAT(report.outcome, HasSubstr("Timeout"));
}

TEST_F(CourierTest, WhereNobodyListensIsTriedAgainAndAUrlThatIsNoneIsNot) {
  open();
  const net::Endpoint gone = server_->endpoint();
  server_.reset();
  send("gone", "webhook", fmt::format("http://127.0.0.1:{}/", gone.port));
  send("file", "webhook", "file:///etc/passwd");
  EXPECT_EQ(report_of("gone").what, "failed");
  EXPECT_EQ(report_of("file").what, "refused");
}

TEST_F(CourierTest, ASirenSoundsWithWhatItIsAbout) {
  const std::string file = testing::TempDir() + fmt::format("siren_{}", ::getpid());
  settings_.sirens = {{"horn", {"/bin/sh", "-c", "echo \"$OKIAGARI_SUBJECT\" > \"$0\"", file}},
                      {"broken", {"/bin/sh", "-c", "exit 3"}},
                      {"missing", {"/nonexistent/horn"}}};
  open();
  send("horn", "siren", "horn");
  send("broken", "siren", "broken");
  send("missing", "siren", "missing");
  EXPECT_EQ(report_of("horn").what, "done");
  EXPECT_EQ(report_of("broken").what, "failed");
  EXPECT_THAT(report_of("broken").outcome, HasSubstr("exit status 3"));
  EXPECT_EQ(report_of("missing").what, "refused");
  std::ifstream written(file);
  std::string line;
  std::getline(written, line);
  EXPECT_EQ(line, "s");
  ::unlink(file.c_str());
}

TEST_F(CourierTest, ASirenThatDoesNotEndIsKilledWithItsChildren) {
  settings_.siren_timeout_ms = 100;
  const std::string file = testing::TempDir() + fmt::format("siren_pid_{}", ::getpid());
  settings_.sirens = {{"stuck", {"/bin/sh", "-c", "sleep 1000 & echo $! > \"$0\"; wait", file}}};
  open();
  send("stuck", "siren", "stuck");
  const Report report = report_of("stuck");
  EXPECT_EQ(report.what, "refused");
  EXPECT_THAT(report.outcome, HasSubstr("killed"));
  std::ifstream written(file);
  pid_t child = 0;
  ASSERT_TRUE(written >> child);
  EXPECT_TRUE(wait([&] {
    std::ifstream stat(fmt::format("/proc/{}/stat", child));
    std::string all((std::istreambuf_iterator<char>(stat)), {});
    return all.empty() || all.find(") Z") != std::string::npos;
  }));
  ::unlink(file.c_str());
}

TEST_F(CourierTest, TheEndOfTheCourierDoesNotWaitForThoseWhoHang) {
  open();
  send("hang", "webhook", url("/hang"));
  ASSERT_TRUE(wait([&] { return hanging_.size() == 1; }));
  courier_.reset();
  hanging_.clear();
  loop_.poll();
  EXPECT_TRUE(told_.empty());
}

TEST_F(CourierTest, MailThatThisDeskCannotSendIsRefusedAtOnce) {
  open();
  send("mail", "mail", "a@b.example");
  EXPECT_EQ(told_["mail"].what, "refused");
  EXPECT_FALSE(courier_->takes("market_act"));
}

}  // namespace
}  // namespace okiagari::desk
