// A true gateway's conversations under tshark. Goal: a foreign decoder of SoupBinTCP finds every
// packet, of the right type, and none malformed, however the bytes were cut into segments.
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <functional>
#include <sstream>
#include <string>
#include <vector>

#include "gateway/fake_cluster.h"
#include "gateway/gateway.h"
#include "tests/captures/pcap.h"
#include "wire/ouch.h"
#include "wire/soup.h"

namespace okiagari::captures {
namespace {

using gateway::FakeCluster;
using gateway::FakeNode;
using wire::SoupType;

constexpr std::uint16_t kPort = 7'700;  // in the capture only

// A member that keeps what both sides said.
class TappedMember {
 public:
  TappedMember(net::Loop& loop, const net::Endpoint& to) {
    net::connect(loop, to, [this](auto connection, const std::string&) {
      connection_ = std::move(connection);
      connection_->start(
          [this](base::Bytes bytes) {
            heard += base::as_text(bytes);
            conversation.server_sends(bytes);
            return bytes.size();
          },
          [this](const std::string&) { is_closed = true; });
    });
  }
  [[nodiscard]] bool is_connected() const { return connection_ != nullptr; }

  void queue(SoupType type, base::Bytes payload = {}) {
    std::byte header[wire::kSoupHeaderBytes];
    wire::encode_soup_header(header, type, payload.size());
    pending_ += base::as_text(header);
    pending_ += base::as_text(payload);
  }
  // Sends what was queued in one segment, or byte by byte.
  void send(bool in_pieces = false) {
    const base::Bytes all = base::as_bytes(pending_);
    const std::size_t step = in_pieces ? 1 : all.size();
    for (std::size_t at = 0; at < all.size(); at += step) {
      conversation.client_sends(all.subspan(at, step));
    }
    (void)connection_->send(all);
    connection_->flush();
    pending_.clear();
  }

  Conversation conversation{kPort};
  std::string heard;
  bool is_closed = false;

 private:
  std::shared_ptr<net::Connection> connection_;
  std::string pending_;
};

class ForeignDecoder : public testing::Test {
 protected:
  void SetUp() override {
    if (std::system("tshark --version >/dev/null 2>&1") != 0) GTEST_SKIP() << "no tshark here";
    directory_ = std::filesystem::temp_directory_path() /
                 fmt::format("foreign_decoder_{}_{}", ::getpid(),
                             testing::UnitTest::GetInstance()->current_test_info()->name());
    std::filesystem::create_directories(directory_);
    gateway::Credentials credentials(gateway::CredentialKey{});
    ASSERT_TRUE(credentials.add({.session = 1,
                                 .name = "S1",
                                 .token_hash = gateway::Credentials::hash_token({}, "S1", "token"),
                                 .cancel_on_disconnect = false,
                                 .orders_per_second = 0}));
    std::ofstream(directory_ / "credentials.toml") << credentials.to_toml();
    node_.lead(1);
    gateway::GatewayOptions options;
    options.cluster = gateway::kFakeClusterId;
    options.nodes = {node_.endpoint()};
    options.credentials_path = directory_ / "credentials.toml";
    options.data_dir = directory_ / "data";
    auto opened = gateway::Gateway::open(loop_, options);
    ASSERT_TRUE(opened.ok()) << opened.error().message;
    gateway_ = std::move(opened.value());
  }
  void TearDown() override {
    gateway_ = nullptr;
    std::filesystem::remove_all(directory_);
  }

  [[nodiscard]] bool until(const std::function<bool()>& reached) {
    const std::uint64_t deadline_ms = net::Loop::now_ms() + 60'000;
    while (!reached() && net::Loop::now_ms() < deadline_ms) {
      loop_.turn(net::Loop::now_ms() + 1);
      gateway_->end_turn();
    }
    return reached();
  }
  std::unique_ptr<TappedMember> connect() {
    auto member = std::make_unique<TappedMember>(loop_, gateway_->endpoint());
    EXPECT_TRUE(until([&] { return member->is_connected(); }));
    return member;
  }
  static void queue_login(TappedMember& member, std::string_view token) {
    wire::SoupLoginRequest request;
    request.username = wire::alpha<6>("S1");
    request.password = wire::alpha<10>(token);
    request.sequence_number = wire::soup_number(1);
    member.queue(SoupType::login_request, base::object_bytes(request));
  }

  // The lines that tshark prints for these fields of all packets that pass the filter.
  std::vector<std::string> tshark(const TappedMember& member, const std::string& filter,
                                  const std::string& field) {
    const auto path = directory_ / "conversation.pcap";
    EXPECT_TRUE(member.conversation.write(path));
    const std::string command = fmt::format(
        "tshark -r {} -d tcp.port=={},soupbintcp -Y '{}' -T fields -E occurrence=a -e {} "
        "2>/dev/null",
        path.string(), kPort, filter, field);
    FILE* pipe = ::popen(command.c_str(), "r");
    std::string output;
    std::array<char, 4'096> buffer;
    for (std::size_t got; (got = std::fread(buffer.data(), 1, buffer.size(), pipe)) > 0;) {
      output.append(buffer.data(), got);
    }
    EXPECT_EQ(WEXITSTATUS(::pclose(pipe)), 0);
    std::vector<std::string> values;
    std::stringstream lines(output);
    for (std::string line; std::getline(lines, line);) {
      std::stringstream parts(line);
      for (std::string part; std::getline(parts, part, ',');) values.push_back(part);
    }
    return values;
  }
  // The types of all packets, in order, as one string.
  std::string types(const TappedMember& member) {
    std::string types;
    for (const std::string& value : tshark(member, "soupbintcp", "soupbintcp.packet_type")) {
      // As a character constant or as its number, by version.
      const bool is_number = value.starts_with("0x");
      types += is_number ? static_cast<char>(std::stoi(value, nullptr, 16)) : value.at(1);
    }
    return types;
  }
  void expect_nothing_malformed(const TappedMember& member) {
    EXPECT_TRUE(tshark(member, "_ws.malformed", "frame.number").empty());
    EXPECT_TRUE(tshark(member, "_ws.expert.severity == error", "frame.number").empty());
  }

  std::filesystem::path directory_;
  net::Loop loop_;
  FakeCluster cluster_;
  FakeNode node_{loop_, cluster_, 1};
  std::unique_ptr<gateway::Gateway> gateway_;
};

TEST_F(ForeignDecoder, SessionFromLogInToLogOut) {
  const auto member = connect();
  queue_login(*member, "token");
  member->send(true);
  ASSERT_TRUE(until([&] { return member->heard.size() >= 33; }));
  wire::ouch::EnterOrder order;
  order.quantity = 1;
  order.symbol = wire::alpha<8>("ALPHA");
  order.price_e4 = 10'000;
  for (std::uint32_t i = 1; i <= 3; ++i) {
    order.user_reference = i;
    member->queue(SoupType::unsequenced_data, base::object_bytes(order));
  }
  member->queue(SoupType::client_heartbeat);
  member->queue(SoupType::debug, base::as_bytes("hello"));
  order.side = 'T';
  member->queue(SoupType::unsequenced_data, base::object_bytes(order));
  member->send();
  constexpr std::size_t kAcceptedBytes = wire::kSoupHeaderBytes + 64 + 6;
  constexpr std::size_t kRefusalBytes = wire::kSoupHeaderBytes + 20;
  ASSERT_TRUE(
      until([&] { return member->heard.size() >= 33 + 3 * kAcceptedBytes + kRefusalBytes; }));
  // A second without a message makes a heartbeat.
  const std::size_t before = member->heard.size();
  ASSERT_TRUE(until([&] { return member->heard.size() > before; }));
  member->queue(SoupType::logout_request);
  member->send();
  ASSERT_TRUE(until([&] { return member->is_closed; }));

  expect_nothing_malformed(*member);
  const std::string found = types(*member);
  EXPECT_EQ(found.substr(0, 2), "LA");
  // The refusal comes at once and the acknowledgements when the venue has decided.
  EXPECT_EQ(found.substr(2, 6), "UUUR+U");
  std::string answers = found.substr(8, 4);
  std::sort(answers.begin(), answers.end());
  EXPECT_EQ(answers, "SSSU");
  EXPECT_EQ(found.substr(12), "HO");
  EXPECT_TRUE(tshark(*member, "soupbintcp.next_seq_num.invalid", "frame.number").empty());
  EXPECT_TRUE(tshark(*member, "soupbintcp.req_seq_num.invalid", "frame.number").empty());
  EXPECT_EQ(tshark(*member, "soupbintcp.session", "soupbintcp.session"),
            (std::vector<std::string>{"          ", "000000004D"}));
  EXPECT_EQ(tshark(*member, "soupbintcp.username", "soupbintcp.username"),
            (std::vector<std::string>{"S1    "}));
}

TEST_F(ForeignDecoder, RejectedLogIn) {
  const auto member = connect();
  queue_login(*member, "wrong");
  member->send();
  ASSERT_TRUE(until([&] { return member->is_closed; }));
  expect_nothing_malformed(*member);
  EXPECT_EQ(types(*member), "LJ");
}

TEST_F(ForeignDecoder, ConnectionThatIsClosedForAMistake) {
  const auto member = connect();
  queue_login(*member, "token");
  member->queue(SoupType::client_heartbeat);
  member->send();
  ASSERT_TRUE(until([&] { return member->heard.size() >= 33; }));
  member->queue(SoupType::unsequenced_data, base::as_bytes("nonsense"));
  member->send();
  ASSERT_TRUE(until([&] { return member->is_closed; }));
  expect_nothing_malformed(*member);
  EXPECT_EQ(types(*member), "LRAU+");
  EXPECT_EQ(tshark(*member, "soupbintcp.text", "soupbintcp.text"),
            (std::vector<std::string>{"unknown message type"}));
}

// The check is seen to fail.
TEST_F(ForeignDecoder, BytesThatAreNoPacketsAreNoticed) {
  const auto member = connect();
  member->conversation.client_sends(base::as_bytes(std::string_view("\0\5Lxyzw\0\3Lab", 12)));
  EXPECT_FALSE(tshark(*member, "_ws.malformed", "frame.number").empty());
}

}  // namespace
}  // namespace okiagari::captures
