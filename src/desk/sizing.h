// How big it is: facts from the watch's picture and from what is known of the market. What is hit,
// what is not, and whether anybody can trade.
#pragma once

#include <boost/json/object.hpp>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "watch/picture.h"

namespace okiagari::desk {

// What does not change while the market runs.
struct MarketShape {
  std::map<MemberId, std::string> members;
  std::size_t instruments = 0;
};

// What gateways tell of their members; numbers of the last scrape before they fell silent, too.
struct GatewayLoad {
  std::vector<MemberId> members;  // logged in there
  std::uint64_t orders_undecided = 0;
};

// What is stopped on purpose.
struct StopsInForce {
  bool is_market_stopped = false;
  std::string state;  // of the whole market's halt: "halted", "cancel_only"
  std::uint64_t instruments_stopped = 0;
};

// Trading counts as impossible when it has been so for this long: a fail-over is shorter.
inline constexpr std::uint64_t kImpairedAfterMs = 1'500;

class Sizing {
 public:
  explicit Sizing(MarketShape shape) : shape_(std::move(shape)) {}

  // With every new picture, at least every 100 ms.
  void look(const watch::Picture& picture, std::uint64_t now_ms);
  void look(GatewayId gateway, GatewayLoad load) { loads_[gateway] = std::move(load); }
  void look(StopsInForce stops) { stops_ = std::move(stops); }
  // As the market calls its members.
  void name(MemberId member, std::string name) { shape_.members[member] = std::move(name); }

  [[nodiscard]] bool can_trade() const { return can_trade_; }
  [[nodiscard]] const watch::Picture& picture() const { return picture_; }
  // The facts as an incident holds them; docs/formats/desk_log.md lists them.
  [[nodiscard]] boost::json::object facts() const;

 private:
  [[nodiscard]] bool trades_now() const;
  [[nodiscard]] std::string trading_state() const;
  [[nodiscard]] std::uint64_t instruments_hit() const;

  MarketShape shape_;
  watch::Picture picture_;
  std::map<GatewayId, GatewayLoad> loads_;
  StopsInForce stops_;
  std::uint64_t impaired_since_ms_ = 0;  // 0: not
  bool can_trade_ = true;
};

}  // namespace okiagari::desk
