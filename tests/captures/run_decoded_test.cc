// A market of real processes under tshark. Goal: a foreign decoder finds every packet of SoupBinTCP
// that a run puts on the wire, between members and gateways and between the feed and its
// subscribers, and every datagram of MoldUDP64 on the feed's lines, and none malformed. Method:
// tshark listens on the loopback interface while recorded flow is replayed into the market, and
// reads afterwards what it heard.
#include <fmt/format.h>
#include <signal.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <sstream>

#include "tests/cluster/test_market.h"

namespace okiagari {
namespace {

class RunDecoded : public TestMarket {
 protected:
  // Whether this user may listen there; not everyone may.
  static bool can_capture() {
    return std::system("tshark -i lo -a duration:1 -c 1 -w - >/dev/null 2>&1") == 0;
  }
  std::string path(const std::string& name) const { return folder_ + "/" + name; }
  std::string text_of(const std::string& name) const {
    std::ifstream file(path(name));
    return {std::istreambuf_iterator<char>(file), {}};
  }
  [[nodiscard]] std::vector<std::uint16_t> ports() const {
    std::vector<std::uint16_t> ports;
    for (const auto& gateway : market_->file().gateways) ports.push_back(gateway.members.port);
    for (const auto& node : market_->file().nodes) ports.push_back(node.feed.port);
    return ports;
  }
  [[nodiscard]] std::vector<std::uint16_t> line_ports() const {
    std::vector<std::uint16_t> ports;
    for (const auto& node : market_->file().nodes) {
      if (node.feed_line) ports.push_back(node.feed_line->port);
    }
    return ports;
  }
  // Messages that came on a line, of which each datagram goes on where the one before ended.
  std::uint64_t count_line(std::uint16_t port) {
    const std::string filter = fmt::format("moldudp64 && udp.dstport == {}", port);
    const auto firsts = values(filter, "moldudp64.sequence");
    const auto counts = values(filter, "moldudp64.count");
    EXPECT_EQ(firsts.size(), counts.size());
    std::uint64_t messages = 0;
    std::uint64_t next = 0;
    for (std::size_t i = 0; i < std::min(firsts.size(), counts.size()); ++i) {
      const std::uint64_t first = std::stoull(firsts[i], nullptr, 0);
      EXPECT_EQ(first, next == 0 ? first : next);
      next = first + std::stoull(counts[i]);
      messages += std::stoull(counts[i]);
    }
    return messages;
  }
  // The values of a field in all packets that pass the filter.
  std::vector<std::string> values(const std::string& filter, const std::string& field) {
    std::string command = fmt::format("tshark -r {}", path("run.pcapng"));
    for (const std::uint16_t port : ports()) {
      command += fmt::format(" -d tcp.port=={},soupbintcp", port);
    }
    for (const std::uint16_t port : line_ports()) {
      command += fmt::format(" -d udp.port=={},moldudp64", port);
    }
    command += fmt::format(" -Y '{}' -T fields -E occurrence=a -e {} >{} 2>/dev/null", filter,
                           field, path("values"));
    EXPECT_EQ(std::system(command.c_str()), 0) << command;
    std::vector<std::string> values;
    std::stringstream lines(text_of("values"));
    for (std::string line; std::getline(lines, line);) {
      std::stringstream parts(line);
      for (std::string part; std::getline(parts, part, ',');) values.push_back(part);
    }
    return values;
  }
};

TEST_F(RunDecoded, EveryPacketOfARunIsOneToAForeignDecoder) {
  if (std::system("tshark --version >/dev/null 2>&1") != 0) GTEST_SKIP() << "no tshark here";
  if (!can_capture()) GTEST_SKIP() << "this user may not listen on the loopback interface";
  start(options());
  std::string filter;
  for (const std::uint16_t port : ports()) {
    filter += fmt::format("{}tcp port {}", filter.empty() ? "" : " or ", port);
  }
  for (const std::uint16_t port : line_ports()) filter += fmt::format(" or udp port {}", port);
  auto tshark = base::ChildProcess::start(
      {"/usr/bin/env", "tshark", "-i", "lo", "-B", "64", "-f", filter, "-w", path("run.pcapng")},
      path("tshark"));
  ASSERT_TRUE(tshark.ok());
  // It writes the head of its file once it listens.
  ASSERT_TRUE(wait_until([&] { return !text_of("run.pcapng").empty(); }));

  std::string flow = "okiagari flow 1\nI 1 BANDGBP 4 4\n";
  for (int i = 0; i < 200; ++i) {
    flow += fmt::format("A {} {} 1 S {} 100\n", 3 * i, i + 1, 148'000 + i);
    flow += i % 3 == 0 ? fmt::format("X {} 1 B {} 60\n", 3 * i + 1, 148'000 + i)
                       : fmt::format("R {} {} 40\n", 3 * i + 1, i + 1);
  }
  std::ofstream(path("short.flow")) << flow;
  const Ending ending =
      run({"replay", "flow", path("short.flow"), "--data", folder_, "--speed", "max", "--json"});
  EXPECT_EQ(ending.status, 0) << ending.output;
  // What was on the wire before is in the file when this one's symbol is.
  std::ofstream(path("last.flow")) << "okiagari flow 1\nI 1 LASTONE 4 4\nA 0 1 1 S 5 5\n";
  EXPECT_EQ(run({"replay", "flow", path("last.flow"), "--data", folder_}).status, 0);
  ASSERT_TRUE(
      wait_until([&] { return text_of("run.pcapng").find("LASTONE") != std::string::npos; }));
  tshark.value().send_signal(SIGINT);
  ASSERT_TRUE(wait_until([&] { return tshark.value().has_ended(); }));

  EXPECT_TRUE(values("_ws.malformed", "frame.number").empty());
  EXPECT_TRUE(values("_ws.expert.severity == error", "frame.number").empty());
  // As a character constant or as its number, by version of tshark.
  std::map<char, int> types;
  for (const std::string& value : values("soupbintcp", "soupbintcp.packet_type")) {
    const bool is_number = value.starts_with("0x");
    ++types[is_number ? static_cast<char>(std::stoi(value, nullptr, 16)) : value.at(1)];
  }
  // 400 messages of members; at least as many answers, and as much market data.
  EXPECT_GE(types['U'], 400);
  EXPECT_GE(types['S'], 800);
  EXPECT_GE(types['L'], 2);
  EXPECT_EQ(types['L'], types['A'] + types['J']);
  ASSERT_EQ(line_ports().size(), market_->file().nodes.size());
  for (const std::uint16_t port : line_ports()) EXPECT_GE(count_line(port), 400U);
}

}  // namespace
}  // namespace okiagari
