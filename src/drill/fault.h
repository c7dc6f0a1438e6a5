// The faults that drills inflict: what each one is, which answer of the desk is right, and what the
// machine must have for it. docs/drills.md is the same for people.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace okiagari::drill {

enum class Fault : std::uint8_t {
  leader_crash,
  frozen_process,
  disk_full,
  disk_errors,
  memory_hog,
  processor_hog,
  one_way_loss,
  connection_flood,
  order_flood,
  poison_config,
  wrong_command,
  earthquake,
};
inline constexpr std::size_t kFaults = 12;

// What a fault cannot be inflicted without.
struct Needs {
  bool disks = false;          // loop devices, mounts and ext4, so that a server has its own disk
  bool memory_groups = false;  // the kernel's memory control groups
  bool packet_filter = false;  // nftables, in a network of the drill's own
};

struct FaultCard {
  Fault fault{};
  std::string_view name;   // on the command line and in results
  std::string_view title;  // for people
  std::string_view what;   // what is done, in one sentence
  // As config/causes.toml names them. Of the causes, each is right; the first is meant.
  std::string_view right_class;
  std::vector<std::string_view> right_causes;
  Needs needs;
  std::uint64_t lasts_ms = 0;  // after which it expires by itself
};

[[nodiscard]] const std::array<FaultCard, kFaults>& fault_cards();
[[nodiscard]] const FaultCard& card_of(Fault fault);
[[nodiscard]] std::optional<Fault> fault_of(std::string_view name);

}  // namespace okiagari::drill
