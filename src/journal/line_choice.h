// Which of two networks what is sent to a peer takes. Both lines are kept open, one is used.
//
// The rule: it stays where it is until that line is lost or falls silent; that the other one is
// back is no reason to return to it. When the peer itself goes over, this end goes along, at most
// once in a second: one that has nothing to send has no other way to learn of a cut. A line that
// was lost three times within ten seconds is distrusted until thirty seconds have gone by since the
// last time: it is used while the other one is not there, and left once the other one is there and
// was not lost for ten seconds. Pure logic.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string_view>

namespace okiagari::journal {

enum class Network : std::uint8_t { a = 0, b = 1 };
inline constexpr std::array<Network, 2> kNetworks = {Network::a, Network::b};
inline constexpr std::size_t place_of(Network network) { return static_cast<std::size_t>(network); }
inline constexpr Network other_than(Network network) {
  return network == Network::a ? Network::b : Network::a;
}
inline constexpr std::string_view name_of(Network network) {
  return network == Network::a ? "A" : "B";
}

// How what is sent to a peer goes there.
struct PeerNetworks {
  std::optional<Network> used;
  std::array<bool, 2> is_known{};  // it has an address there
  std::array<bool, 2> is_open{};
  std::uint64_t changes = 0;  // from one network to the other, without a loss of the link
};

class LineChoice {
 public:
  static constexpr std::size_t kLossesMax = 3;
  static constexpr std::uint64_t kLossesWithinMs = 10'000;
  static constexpr std::uint64_t kDistrustMs = 30'000;
  // Else two ends that change places at one time could chase each other for ever.
  static constexpr std::uint64_t kAlongAgainMs = 1'000;

  void opened(Network network) { is_open_[place_of(network)] = true; }
  // It broke, or nothing that was sent over it is acknowledged.
  void lost(Network network, std::uint64_t now_ms);
  // We ended it.
  void left(Network network);

  // The peer has gone over to that line. Whether this end goes along; it uses it then.
  [[nodiscard]] bool goes_along(Network network, std::uint64_t now_ms);
  // The line to be used from now on, when it is another one than before.
  [[nodiscard]] std::optional<Network> choose(std::uint64_t now_ms);
  // Nothing: no line is there.
  [[nodiscard]] std::optional<Network> used() const { return used_; }
  [[nodiscard]] bool is_open(Network network) const { return is_open_[place_of(network)]; }
  [[nodiscard]] bool is_distrusted(Network network, std::uint64_t now_ms) const;

 private:
  // It was not lost lately.
  [[nodiscard]] bool is_sound(Network network, std::uint64_t now_ms) const;
  [[nodiscard]] bool is_better(Network one, Network other, std::uint64_t now_ms) const;

  std::array<bool, 2> is_open_{};
  std::optional<Network> used_;
  std::optional<std::uint64_t> went_along_ms_;
  std::array<std::deque<std::uint64_t>, 2> lost_at_ms_;  // the last few of each
};

}  // namespace okiagari::journal
