#include "drill/packet_filter.h"

#include <fmt/format.h>

#include <cstdlib>
#include <string_view>

#include "drill/program.h"

namespace okiagari::drill {

namespace {

base::Status run(const std::string& commands) {
  auto done = run_program({"nft", commands});
  return done ? base::Status() : base::Status(done.error());
}

// On arrival: the sender's own kernel must not learn of it, as it would on the way out.
std::string table_and_chain() {
  return fmt::format(
      "add table inet {0}; add chain inet {0} arriving "
      "{{ type filter hook input priority 0 ; policy accept ; }}; ",
      kFilterTable);
}

}  // namespace

base::Status lose_packets_to(std::uint16_t port, unsigned percent) {
  return run(table_and_chain() +
             fmt::format("add rule inet {} arriving tcp dport {} numgen random mod 100 < {} "
                         "counter drop",
                         kFilterTable, port, percent));
}

base::Status cut_off(const std::vector<std::uint16_t>& ports) {
  std::string list;
  for (const std::uint16_t port : ports)
    list += fmt::format("{}{}", list.empty() ? "{ " : ", ", port);
  list += " }";
  return run(table_and_chain() +
             fmt::format("add rule inet {0} arriving tcp dport {1} counter drop; "
                         "add rule inet {0} arriving tcp sport {1} counter drop",
                         kFilterTable, list));
}

base::Status let_arrive() {
  return run(table_and_chain() + fmt::format("flush chain inet {} arriving", kFilterTable));
}

std::string lost_words() {
  auto listed = run_program({"nft", "list", "table", "inet", kFilterTable});
  if (!listed) return listed.error().message;
  // "counter packets 12 bytes 3456 drop", once for each rule.
  constexpr std::string_view kCounter = "counter packets ";
  std::uint64_t packets = 0;
  const std::string& text = listed.value();
  for (std::size_t at = text.find(kCounter); at != std::string::npos;
       at = text.find(kCounter, at + 1)) {
    packets += std::strtoull(text.c_str() + at + kCounter.size(), nullptr, 10);
  }
  return fmt::format("{} packets were dropped", packets);
}

}  // namespace okiagari::drill
