// An act of market control as people make it: written down, looked at, signed by one and by another
// on different machines, submitted. As a text it is docs/formats/halt.md; what goes into the log is
// the command inside.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/hash.h"
#include "base/result.h"
#include "base/signature.h"
#include "venue/command.h"

namespace okiagari::client {

struct MarketAct {
  std::uint64_t cluster = 0;
  venue::SetInstrumentState command{};
  std::string target;  // as people call it; not signed, the command's number is
  std::string reason;  // for people; not in the log

  // What approvers sign.
  [[nodiscard]] base::Digest digest() const;
  // "to cancel only: market", from the command itself.
  [[nodiscard]] std::string words() const;
  // Whether one person is enough for it, as far as the act alone tells.
  [[nodiscard]] bool is_stop() const;
};

// The feed's reason field of up to four characters, padded with spaces; 0 without any.
[[nodiscard]] std::uint32_t reason_of(std::string_view code);

// `code`: up to four characters for the feed's reason field.
[[nodiscard]] MarketAct make_act(std::uint64_t cluster, venue::Scope scope, std::uint16_t target,
                                 venue::InstrumentState state, std::uint64_t control_number,
                                 std::string_view code);
// False when both places are taken, or one is by this operator.
[[nodiscard]] bool approve_act(MarketAct& act, std::uint16_t operator_id,
                               const base::SecretKey& key, std::uint32_t accept_until_s);

[[nodiscard]] std::string to_json(const MarketAct& act);
// The digest inside must be that of the command, so that what is read is what was proposed.
[[nodiscard]] base::Result<MarketAct> parse_act(std::string_view text);

}  // namespace okiagari::client
