// The end of a trading day as people make it: written down, looked at, signed by one and by another
// on different machines, submitted. For days that no plan ends, after an outage mostly. As a text
// it is docs/formats/calendar.md; what goes into the log is the command inside.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/hash.h"
#include "base/result.h"
#include "base/signature.h"
#include "venue/command.h"

namespace okiagari::client {

struct DayEndAct {
  std::uint64_t cluster = 0;
  venue::EndDay command{};

  // What approvers sign.
  [[nodiscard]] base::Digest digest() const;
  // "control 7: end of 20261126", from the command itself.
  [[nodiscard]] std::string words() const;
};

// `day`: 20261126.
[[nodiscard]] DayEndAct make_day_end(std::uint64_t cluster, std::uint32_t day,
                                     std::uint64_t control_number);
// As in approve_act().
[[nodiscard]] bool approve_day_end(DayEndAct& act, std::uint16_t operator_id,
                                   const base::SecretKey& key, std::uint32_t accept_until_s);

[[nodiscard]] std::string to_json(const DayEndAct& act);
// The digest inside must be that of the command, so that what is read is what was proposed.
[[nodiscard]] base::Result<DayEndAct> parse_day_end(std::string_view text);

}  // namespace okiagari::client
