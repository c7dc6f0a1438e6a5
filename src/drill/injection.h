// Inflicts a fault, really: signals, filled disks, filtered packets, processes that take what there
// is, signed commands, changed files. Everything that must be taken back is armed with the guard
// first.
#pragma once

#include <functional>
#include <string>

#include "base/result.h"
#include "base/types.h"
#include "check/random.h"
#include "drill/expiry_guard.h"
#include "drill/fault.h"
#include "drill/target_market.h"

namespace okiagari::drill {

struct Inflicted {
  std::string target;
  std::string words;
  TimestampNs at_ns = 0;      // on the wall's clock
  std::uint32_t guarded = 0;  // the guard's number; 0: nothing to take back
  pid_t inflictor = 0;        // the process that is the fault; 0: there is none
  // Looks whether it is so, before it is taken back; in words.
  std::function<std::string()> measure;
  // What only people can take back, by the market's own ways; empty: nothing.
  std::function<base::Status()> amend;
  std::string amend_words;
};

// `target`: a server's or site's name; empty: drawn. The error says why it cannot be done.
[[nodiscard]] base::Result<Inflicted> inflict(Fault fault, const TargetMarket& market,
                                              const std::string& target, check::Random& random,
                                              ExpiryGuard& guard);

}  // namespace okiagari::drill
