// Hears the lines of all nodes at once, writes down what comes, and asks the nodes in turn for what
// no line brought.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "check/feed_record.h"
#include "net/loop.h"
#include "net/udp.h"

namespace okiagari::check {

struct LineAddress {
  std::uint16_t node = 0;
  net::Endpoint line;
  net::Endpoint requests;
};

class LineListener {
 public:
  // `interface` is the address by which groups are joined and nodes asked.
  static base::Result<std::unique_ptr<LineListener>> open(net::Loop& loop,
                                                          std::vector<LineAddress> nodes,
                                                          const std::string& interface,
                                                          std::string session);

  // To be called every few milliseconds.
  void tick(std::uint64_t now_ms);
  [[nodiscard]] FeedRecord& record() { return record_; }
  [[nodiscard]] std::uint64_t requests() const { return requests_; }

 private:
  static constexpr std::uint64_t kPatienceMs = 20;

  LineListener(std::vector<LineAddress> nodes, std::string session);
  base::Status open_ports(net::Loop& loop, const std::string& interface);
  void ask(std::uint64_t first, std::uint64_t end);

  std::vector<LineAddress> nodes_;
  std::string session_;
  FeedRecord record_;
  std::vector<std::unique_ptr<net::UdpPort>> lines_;
  std::unique_ptr<net::UdpPort> asking_;
  std::uint64_t missing_ = 0;  // the first that was missing at the last look; 0: none was
  std::uint64_t ask_at_ms_ = 0;
  std::size_t next_node_ = 0;
  std::uint64_t requests_ = 0;
};

}  // namespace okiagari::check
