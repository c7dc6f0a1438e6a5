// Two places look at the same market. Where this one's orders fail and another's are answered, what
// is broken is this one's view; where both fail, it is the market.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "watch/lasting.h"
#include "watch/moment.h"
#include "watch/reporter.h"
#include "watch/vantage_view.h"

namespace okiagari::watch {

struct VantageLimits {
  std::uint64_t fresh_ms = 2'000;   // what another place saw longer ago counts for nothing
  std::uint64_t lasts_ms = 1'500;   // a fail-over reaches one place before the other
  std::uint64_t begin_ms = 10'000;  // until this place's own orders can be expected to be answered
  std::uint64_t silent_ms = 5'000;
};

class VantageDetector {
 public:
  // `name` is this vantage point's. Before anybody is heard nobody is missed.
  VantageDetector(std::string name, VantageLimits limits, Reporter& reporter)
      : name_(std::move(name)), limits_(limits), reporter_(reporter) {}

  // What another place says of itself.
  void heard(const VantageView& view, const Moment& moment);
  // What this place sees at this moment.
  void tick(const VantageView& own, const Moment& moment);

 private:
  struct Gateway {
    std::uint64_t answers = 0;
    std::uint64_t answered_ms = 0;  // when an answer was last new; 0: never
    bool is_serving = false;
    Lasting fails_here;   // answered there, not here
    Lasting fails_there;  // answered here, not there
    Lasting fails_both;
  };
  struct Other {
    std::map<GatewayId, Gateway> gateways;
    std::uint64_t heard_ms = 0;
    Lasting silent;
  };

  static void take(Gateway& gateway, const VantageView::Gateway& said, const Moment& moment);
  // Its last order was answered, and that not long ago.
  [[nodiscard]] bool is_good(const Gateway& gateway, const Moment& moment) const;
  void compare(const std::string& name, Other& other, const VantageView& own, const Moment& moment);
  void say_silent(const std::string& name, const Other& other, const Moment& moment);
  // `broken` names the place whose orders fail where another's are answered.
  void say_disagreement(const std::string& broken, const std::string& fine,
                        const std::vector<GatewayId>& gateways, const Moment& moment);

  static constexpr std::size_t kOthersMax = 16;

  std::string name_;
  VantageLimits limits_;
  Reporter& reporter_;
  std::map<std::string, Other> others_;
  std::map<GatewayId, Gateway> own_;
  std::uint64_t begun_ms_ = 0;
};

}  // namespace okiagari::watch
