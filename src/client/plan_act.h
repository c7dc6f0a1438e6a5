// A day's plan as people make it: written down, looked at, signed by one and by another on
// different machines, submitted. As a text it is docs/formats/calendar.md; what goes into the log
// is the command inside.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/hash.h"
#include "base/result.h"
#include "base/signature.h"
#include "venue/command.h"

namespace okiagari::client {

struct PlanAct {
  std::uint64_t cluster = 0;
  venue::SetTradingPlan command{};
  std::string calendar;  // its name, for people; not signed

  // What approvers sign.
  [[nodiscard]] base::Digest digest() const;
  // The day and every phase, with its time in UTC, from the command itself; a line each.
  [[nodiscard]] std::string words() const;
};

// As in make_act() and approve_act().
void finish_plan(PlanAct& act, std::uint64_t control_number);
[[nodiscard]] bool approve_plan(PlanAct& act, std::uint16_t operator_id, const base::SecretKey& key,
                                std::uint32_t accept_until_s);

[[nodiscard]] std::string to_json(const PlanAct& act);
// The digest inside must be that of the command, so that what is read is what was proposed.
[[nodiscard]] base::Result<PlanAct> parse_plan(std::string_view text);

}  // namespace okiagari::client
