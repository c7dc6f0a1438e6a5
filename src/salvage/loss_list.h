// What the members were told and a survivor does not know: the loss of going on with it. The
// witnesses are the gateways: the highest numbers they saw, the newest messages they had for
// members, and what reached them from members.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "salvage/cold_node.h"

namespace okiagari::salvage {

// One message to a member that the survivor's market has never sent.
struct LostMessage {
  enum class Kind : std::uint8_t { order, replacement, trigger, cancel, trade, refusal, notice };
  Kind kind{};
  std::uint64_t event = 0;
  SessionId session = 0;
  std::uint32_t session_number = 0;
  MemberId member = 0;
  std::uint32_t user_reference = 0;
  std::string symbol;  // empty when it is not known
  Side side{};
  QuantityLots quantity = 0;
  std::uint64_t price_e4 = 0;
  std::uint64_t trigger_e4 = 0;   // of one that waits beside the books; 0: it does not
  std::uint64_t distance_e4 = 0;  // of one whose trigger follows the price, else 0
  MatchNumber match = 0;          // of a trade
};
[[nodiscard]] std::string words_of(const LostMessage& message);

// An order that reached a gateway and is neither in the survivor nor known to have been answered.
struct UnansweredOrder {
  GatewayId gateway = 0;
  TimestampNs arrival_ns = 0;
  SessionId session = 0;
  MemberId member = 0;
  std::uint32_t user_reference = 0;
  bool is_replacement = false;
  std::string symbol;
  Side side{};
  QuantityLots quantity = 0;
  std::uint64_t price_e4 = 0;
  std::uint64_t trigger_e4 = 0;   // of a stop that names it, else 0
  std::uint64_t distance_e4 = 0;  // of a stop whose trigger follows the price, else 0
};
[[nodiscard]] std::string words_of(const UnansweredOrder& order);

struct LossList {
  std::size_t gateways = 0;  // that testify
  std::uint64_t term = 0;    // the highest that they saw
  // How far the gateways saw the cluster beyond the survivor.
  std::uint64_t commands = 0;
  std::uint64_t events = 0;
  std::uint64_t feed_messages = 0;
  // Messages to members that the survivor lacks, by the sessions' numbers; how many of them nobody
  // can name, and in the place of how many it has others, of a leader that was deposed.
  std::uint64_t messages = 0;
  std::uint64_t contradicted = 0;
  std::uint64_t unnamed = 0;
  std::vector<LostMessage> named;  // in the order of the events
  std::vector<UnansweredOrder> unanswered;
  std::vector<std::string> troubles;  // evidence that could not be read

  [[nodiscard]] std::uint64_t count(LostMessage::Kind kind) const;
  [[nodiscard]] std::uint64_t trades() const;  // different matches
  // What goes into the act: a line each, the same for the same evidence.
  [[nodiscard]] std::vector<std::string> lines() const;
};

// `folders`: data folders of the gateways of the survivor's cluster. What cannot be read is among
// the troubles.
[[nodiscard]] LossList list_losses(const ColdNode& survivor,
                                   const std::vector<std::string>& folders);

}  // namespace okiagari::salvage
