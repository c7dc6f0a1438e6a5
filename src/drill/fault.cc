#include "drill/fault.h"

#include <algorithm>

namespace okiagari::drill {

namespace {

constexpr std::uint64_t kLastsMs = 15'000;

FaultCard card(Fault fault, std::string_view name, std::string_view title, std::string_view what) {
  FaultCard card;
  card.fault = fault;
  card.name = name;
  card.title = title;
  card.what = what;
  card.lasts_ms = kLastsMs;
  return card;
}

FaultCard right(FaultCard card, std::string_view cause_class, std::vector<std::string_view> causes,
                Needs needs = {}) {
  card.right_class = cause_class;
  card.right_causes = std::move(causes);
  card.needs = needs;
  return card;
}

std::array<FaultCard, kFaults> make_cards() {
  constexpr Needs kDisks{.disks = true};
  constexpr Needs kMemory{.memory_groups = true};
  constexpr Needs kFilter{.packet_filter = true};
  return {
      right(card(Fault::leader_crash, "leader-crash", "Leader crash",
                 "SIGKILL from outside to the process that leads"),
            "human_error", {"killed_from_outside"}),
      right(card(Fault::frozen_process, "frozen-process", "Frozen process",
                 "SIGSTOP to a node or a gateway"),
            "software_bug", {"hang"}),
      right(card(Fault::disk_full, "disk-full", "Disk full",
                 "a file of somebody else fills the disk that a node's log is on"),
            "overload", {"disk_full"}, kDisks),
      right(card(Fault::disk_errors, "disk-errors", "Disk errors",
                 "the store under a node's disk refuses writes, so the kernel reports I/O errors"),
            "hardware", {"disk_error"}, kDisks),
      right(card(Fault::memory_hog, "memory-hog", "Memory hog",
                 "a process beside a server takes its memory until the kernel kills the server"),
            "overload", {"memory_exhausted"}, kMemory),
      right(card(Fault::processor_hog, "cpu-hog", "Processor hog",
                 "busy processes of higher priority take all processors of the host"),
            "overload", {"processor_hog"}),
      right(card(Fault::one_way_loss, "one-way-loss", "One-way packet loss",
                 "most packets to a node from the other nodes are dropped, none from it"),
            "network_or_attack", {"link_one_way", "packet_loss"}, kFilter),
      right(card(Fault::connection_flood, "connection-flood", "Connection flood",
                 "thousands of connections from a few addresses to a gateway's members' port"),
            "network_or_attack", {"connection_flood"}),
      right(card(Fault::order_flood, "order-flood", "Order flood",
                 "one member's session sends orders at many times its usual rate"),
            "overload", {"order_flood_by_member"}),
      right(card(Fault::poison_config, "poison-config", "Poison configuration change",
                 "a server's configuration is changed for the worse, and the server restarted"),
            "human_error", {"configuration_change"}),
      right(card(Fault::wrong_command, "wrong-command", "Operator's wrong command",
                 "an operator who may do so halts what was not meant, by a signed command"),
            "human_error", {"market_control_act", "wrong_command"}),
      right(card(Fault::earthquake, "earthquake", "Earthquake and loss of a site",
                 "an earthquake is published, and then everything at one site is gone at once"),
            "natural_disaster_or_facility", {"site_lost_by_disaster"}, kFilter),
  };
}

}  // namespace

const std::array<FaultCard, kFaults>& fault_cards() {
  static const std::array<FaultCard, kFaults> kCards = make_cards();
  return kCards;
}

const FaultCard& card_of(Fault fault) { return fault_cards()[static_cast<std::size_t>(fault)]; }

std::optional<Fault> fault_of(std::string_view name) {
  for (const FaultCard& card : fault_cards()) {
    if (card.name == name) return card.fault;
  }
  return std::nullopt;
}

}  // namespace okiagari::drill
