// Packets that do not arrive, by nftables, in the network of the drill's own.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"

namespace okiagari::drill {

inline constexpr const char* kFilterTable = "okiagari_drill";

// Of the packets to that TCP port, so many percent are lost on arrival.
[[nodiscard]] base::Status lose_packets_to(std::uint16_t port, unsigned percent);
// Nothing to or from these ports arrives any more.
[[nodiscard]] base::Status cut_off(const std::vector<std::uint16_t>& ports);

// What was cut off or lost arrives again.
[[nodiscard]] base::Status let_arrive();

// How many packets were dropped so far, in words.
[[nodiscard]] std::string lost_words();

}  // namespace okiagari::drill
