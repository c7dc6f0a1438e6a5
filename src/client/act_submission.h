// Gives one act to the node that leads and waits for what the venue says. A connection that is lost
// meanwhile leaves open whether it was carried out; the same act may be given again, because its
// number is carried out once only.
#pragma once

#include <cstdint>
#include <optional>

#include "base/result.h"
#include "client/day_end_act.h"
#include "client/market_act.h"
#include "client/plan_act.h"
#include "net/tcp.h"
#include "venue/event.h"

namespace okiagari::client {

struct ActResult {
  venue::Reason reason = venue::Reason::none;  // none: done
  std::uint32_t affected = 0;
  Sequence sequence = 0;         // of the command in the log
  std::uint64_t event = 0;       // number of the venue's answer
  TimestampNs timestamp_ns = 0;  // of its batch
};

[[nodiscard]] base::Result<ActResult> submit_act(const net::Endpoint& leader, const MarketAct& act,
                                                 std::uint64_t timeout_ms);
[[nodiscard]] base::Result<ActResult> submit_plan(const net::Endpoint& leader, const PlanAct& act,
                                                  std::uint64_t timeout_ms);

[[nodiscard]] base::Result<ActResult> submit_day_end(const net::Endpoint& leader,
                                                     const DayEndAct& act,
                                                     std::uint64_t timeout_ms);

}  // namespace okiagari::client
