// For the tests: a desk that takes entries at once, its site on a free port of the loopback, and a
// client that waits for each answer.
#pragma once

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <memory>
#include <optional>
#include <string>

#include "desk/accounts.h"
#include "desk/approvals.h"
#include "desk/halts.h"
#include "desk/incidents.h"
#include "desk/new_account.h"
#include "desk/notices.h"
#include "desk/paging.h"
#include "desk/playbook_runs.h"
#include "net/http_client.h"
#include "net/http_server.h"
#include "test_places.h"
#include "web/site.h"
#include "web/totp.h"

namespace okiagari::web {

inline constexpr TimestampNs kTestStartNs = 1'800'000'000ULL * 1'000'000'000;

class TestDesk final : public desk::DeskPort {
 public:
  TestDesk() {
    auto playbook = desk::load_playbook(OKIAGARI_SOURCE_DIR "/config/playbook.toml");
    EXPECT_TRUE(playbook.ok());
    auto& incidents = desk_.add(std::make_unique<desk::Incidents>(playbook.value().triggers));
    desk_.add(std::make_unique<desk::PlaybookRuns>(playbook.value(), incidents));
    desk_.add(std::make_unique<desk::Halts>());
    desk_.add(std::make_unique<desk::Approvals>());
    desk_.add(std::make_unique<desk::Notices>());
    desk_.add(std::make_unique<desk::Accounts>());
    desk_.add(std::make_unique<desk::Paging>());
  }
  [[nodiscard]] const desk::Desk& desk() const override { return desk_; }
  [[nodiscard]] bool leads() const override { return leads_; }
  [[nodiscard]] std::string leader_url() const override { return leader_url_; }
  void submit(desk::Entry entry, OnAnswer on_answer) override {
    entry.at_ns = now_ns_;
    last_ = entry;
    const base::Status status = desk_.apply(entry, ++index_);
    on_answer(status, index_);
  }
  [[nodiscard]] boost::json::object live_picture() const override {
    boost::json::object picture = picture_;
    picture["at_ns"] = now_ns_;
    return picture;
  }
  base::Status put(const std::string& type, boost::json::object body,
                   const std::string& by = "desk") {
    desk::Entry entry;
    entry.type = type;
    entry.by = by;
    entry.at_ns = now_ns_;
    entry.body = std::move(body);
    return desk_.apply(entry, ++index_);
  }

  // One person with two routes.
  void put_contacts() {
    const auto tree = desk::make_contact_body(
        "[[person]]\nid = \"hanako\"\nname = \"佐藤\"\nlanguage = \"ja\"\n"
        "time_zone = \"Asia/Tokyo\"\nroles = [\"operations\"]\n"
        "[[person.route]]\nkind = \"mail\"\nto = \"hanako@x.example\"\n"
        "[[person.route]]\nkind = \"webhook\"\nto = \"https://x.example/\"\nsecret = \"phones\"\n"
        "[[policy]]\nid = \"p\"\nseverity_max = 4\n[[policy.step]]\nafter_s = 0\n"
        "targets = [\"person:hanako\"]\nsecond_route_after_s = 60\n",
        "test.toml");
    ASSERT_TRUE(tree.ok()) << tree.error().message;
    ASSERT_TRUE(put("contact.tree", tree.value()).ok());
  }

  desk::Desk desk_;
  boost::json::object picture_ = {
      {"leader", 1},
      {"facts", {{"instruments_total", 40}, {"members_total", 8}, {"gateways_total", 2}}}};
  TimestampNs now_ns_ = kTestStartNs;
  std::uint64_t index_ = 0;
  bool leads_ = true;
  std::string leader_url_;
  desk::Entry last_;
};

class SiteTest : public ::testing::Test {
 protected:
  static constexpr std::string_view kPassword = "correct horse battery";

  SiteTest() {
    keys_.cookies.fill(std::byte{7});
    keys_.accounts.fill(std::byte{9});
    open();
  }

  void open() {
    SiteOptions options;
    options.api.keys = keys_;
    options.api.alert_keys = {"sender-key"};
    watch::SiteSettings tokyo;
    tokyo.name = "tokyo";
    tokyo.areas = {"東京都"};
    options.api.sites = {tokyo};
    options.api.wall_ns = [this] { return desk_.now_ns_; };
    options.api.read_proposal = [](std::string_view, std::string_view payload) {
      return base::Result<ReadProposal>(
          ReadProposal{base::to_hex(base::digest(base::as_bytes(payload))),
                       {"trade again", "取引を再開"},
                       {{"members", 8}}});
    };
    options.api.make_bundle = [](const std::string& incident, const auto& on_bundle) {
      on_bundle(base::Result<std::string>("archive of " + incident));
    };
    if (!console_folder_.empty()) {
      auto console = StaticFiles::load(console_folder_);
      ASSERT_TRUE(console.ok()) << console.error().message;
      options.console = std::move(console.value());
    }
    options.read_ack_token = [](std::string_view token) -> base::Result<AckLink> {
      if (token != "good") return base::Error{"that link has run out"};
      return AckLink{"inc-1", "hanako"};
    };
    site_ = std::make_unique<Site>(desk_, std::move(options));
    auto opened = net::HttpServer::open(
        loop_, {}, [this](const net::HttpRequest& request, net::HttpReply reply) {
          site_->handle(request, std::move(reply));
        });
    ASSERT_TRUE(opened.ok());
    server_ = std::move(opened.value());
  }

  void add_person(const std::string& login, const std::vector<std::string>& roles,
                  std::uint16_t operator_id = 0) {
    desk::NewAccount account;
    account.login = login;
    account.name = login;
    account.roles = roles;
    account.operator_id = operator_id;
    account.password = kPassword;
    account.totp_secret = secret_;
    const auto entry = desk::account_entry(account, "desk", keys_.accounts);
    ASSERT_TRUE(entry.ok()) << entry.error().message;
    ASSERT_TRUE(desk_.put("account.set", entry.value().body).ok());
  }

  net::HttpResponse call(net::HttpMethod method, const std::string& target, std::string body = {},
                         net::HttpHeaders headers = {}) {
    if (method != net::HttpMethod::get && !has(headers, "Content-Type")) {
      headers.emplace_back("Content-Type", "application/json");
    }
    std::optional<base::Result<net::HttpResponse>> answer;
    net::HttpCall wanted;
    wanted.to = server_->endpoint();
    wanted.method = method;
    wanted.target = target;
    wanted.headers = std::move(headers);
    wanted.body = std::move(body);
    client_.fetch(std::move(wanted), [&](auto result) { answer = std::move(result); });
    const std::uint64_t end_ms = net::Loop::now_ms() + 10'000;
    while (!answer && net::Loop::now_ms() < end_ms) loop_.turn(net::Loop::now_ms() + 50);
    if (!answer || !answer->ok()) {
      ADD_FAILURE() << target << ": " << (answer ? answer->error().message : "no answer");
      return {};
    }
    return answer->value();
  }
  static bool has(const net::HttpHeaders& headers, std::string_view name) {
    return net::find_header(headers, name).has_value();
  }
  static boost::json::object object(const net::HttpResponse& response) {
    boost::system::error_code error;
    const auto value = boost::json::parse(response.body, error);
    EXPECT_TRUE(!error && value.is_object()) << response.body;
    return value.is_object() ? value.get_object() : boost::json::object{};
  }

  [[nodiscard]] std::string code() const {
    return totp_code(secret_,
                     static_cast<std::int64_t>(desk_.now_ns_ / 1'000'000'000) / kTotpStepS);
  }
  net::HttpResponse try_log_in(const std::string& login, std::string_view password) {
    return call(
        net::HttpMethod::post, "/api/desk/login",
        fmt::format(R"({{"login":"{}","password":"{}","code":"{}"}})", login, password, code()));
  }
  // Cookie and token of a new session.
  net::HttpHeaders log_in(const std::string& login) {
    const auto response = try_log_in(login, kPassword);
    EXPECT_EQ(response.status, 200) << response.body;
    const std::string cookie(response.header("set-cookie").value_or(""));
    return {{"Cookie", cookie.substr(0, cookie.find(';'))},
            {"X-CSRF-Token", desk::text_or(object(response), "csrf_token")}};
  }
  void pass(std::int64_t seconds) {
    desk_.now_ns_ += static_cast<TimestampNs>(seconds) * 1'000'000'000;
  }

  net::Loop loop_;
  TestDesk desk_;
  SessionKeys keys_;
  std::string console_folder_;
  std::string secret_ = "12345678901234567890";
  std::unique_ptr<Site> site_;
  std::unique_ptr<net::HttpServer> server_;
  net::HttpClient client_{loop_};
};

}  // namespace okiagari::web
