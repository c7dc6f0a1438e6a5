// For tests: two nodes around one venue, gateways, and members, all on one loop.
#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <functional>
#include <memory>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/fake_cluster.h"
#include "gateway/fake_member.h"
#include "gateway/gateway.h"
#include "wire/receipts.h"

namespace okiagari::gateway {

inline constexpr std::string_view kToken = "open sesam";

inline std::string name_of(SessionId session) { return "S" + std::to_string(session); }

// Two nodes around one venue, up to two gateways, and members, all on one loop.
class GatewayTest : public testing::Test {
 protected:
  void SetUp() override {
    directory_ = std::filesystem::temp_directory_path() /
                 ("gateway_test_" + std::to_string(::getpid()) + "_" +
                  testing::UnitTest::GetInstance()->current_test_info()->name());
    std::filesystem::remove_all(directory_);
    std::filesystem::create_directories(directory_);
    Credentials credentials(CredentialKey{});
    for (SessionId session = 1; session <= 4; ++session) {
      ASSERT_TRUE(
          credentials.add({.session = session,
                           .name = name_of(session),
                           .token_hash = Credentials::hash_token({}, name_of(session), kToken),
                           .cancel_on_disconnect = session == 2,
                           .orders_per_second = session == 3 ? 1U : 0U}));
    }
    std::ofstream(directory_ / "credentials.toml") << credentials.to_toml();
    node_.lead(1);
  }
  void TearDown() override {
    gateways_.clear();
    std::filesystem::remove_all(directory_);
  }

  GatewayOptions options(GatewayId id) {
    GatewayOptions options;
    options.id = id;
    options.cluster = kFakeClusterId;
    options.nodes = {node_.endpoint(), other_.endpoint()};
    options.credentials_path = directory_ / "credentials.toml";
    options.data_dir = directory_ / std::to_string(id);
    options.grace_ms = 300;
    options.login_wait_ms = 300;
    options.away_after_ms = 300;
    return options;
  }
  Gateway& start(const GatewayOptions& options) {
    auto opened = Gateway::open(loop_, options);
    EXPECT_TRUE(opened.ok()) << opened.error().message;
    gateways_.push_back(std::move(opened.value()));
    return *gateways_.back();
  }
  Gateway& start(GatewayId id = 1) { return start(options(id)); }
  Gateway& start_serving(GatewayId id = 1) {
    Gateway& gateway = start(id);
    EXPECT_TRUE(until([&] { return gateway.is_serving(); }));
    return gateway;
  }

  void turn() {
    loop_.turn(net::Loop::now_ms() + 1);
    for (const auto& gateway : gateways_) gateway->end_turn();
  }
  [[nodiscard]] bool until(const std::function<bool()>& reached) {
    const std::uint64_t deadline_ms = net::Loop::now_ms() + 60'000;
    while (!reached()) {
      if (net::Loop::now_ms() >= deadline_ms) return false;
      turn();
    }
    return true;
  }
  void run_for(std::uint64_t ms) {
    const std::uint64_t end_ms = net::Loop::now_ms() + ms;
    while (net::Loop::now_ms() < end_ms) turn();
  }

  std::unique_ptr<FakeMember> connect(const Gateway& gateway) {
    auto member = std::make_unique<FakeMember>(loop_, gateway.endpoint());
    EXPECT_TRUE(until([&] { return member->is_connected(); }));
    return member;
  }
  std::unique_ptr<FakeMember> log_in(const Gateway& gateway, SessionId session,
                                     std::uint64_t next_number = 1) {
    auto member = connect(gateway);
    member->log_in(name_of(session), kToken, next_number);
    EXPECT_TRUE(until([&] { return member->is_accepted; }));
    return member;
  }

  void for_each_receipt(const std::string& path,
                        const std::function<void(const wire::ReceiptRecord&, base::Bytes)>& see) {
    std::ifstream file(path);
    std::ostringstream text;
    text << file.rdbuf();
    const std::string bytes = text.str();
    wire::ReceiptReader reader(base::as_bytes(bytes));
    wire::ReceiptRecord record;
    base::Bytes payload;
    wire::ReceiptReader::State state;
    while ((state = reader.next(record, payload)) == wire::ReceiptReader::State::more) {
      see(record, payload);
    }
    EXPECT_EQ(state, wire::ReceiptReader::State::end);
  }
  [[nodiscard]] bool has_disconnected(std::string_view reason) {
    bool found = false;
    for_each_receipt(gateways_[0]->receipts_path(),
                     [&](const wire::ReceiptRecord& record, base::Bytes payload) {
                       found |= record.kind == wire::ReceiptKind::disconnected &&
                                base::as_text(payload).find(reason) != std::string_view::npos;
                     });
    return found;
  }

  std::filesystem::path directory_;
  net::Loop loop_;
  FakeCluster cluster_;
  FakeNode node_{loop_, cluster_, 1};
  FakeNode other_{loop_, cluster_, 2};
  std::vector<std::unique_ptr<Gateway>> gateways_;
};

}  // namespace okiagari::gateway
