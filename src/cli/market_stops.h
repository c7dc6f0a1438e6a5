// What is stopped in the market, and which members are logged in at which gateway, asked of the
// market itself: one of its servers in turn, and each gateway for halts that it obeys on its own.
// Goes into the desk's log when it is news; the members go to who sizes outages up.
#pragma once

#include <boost/json/object.hpp>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/types.h"
#include "client/operator_link.h"
#include "deployment/deployment_file.h"
#include "desk/desk_port.h"
#include "desk/sizing.h"
#include "net/http_client.h"
#include "net/loop.h"

namespace okiagari::cli {

class MarketStops {
 public:
  // Borrowed. The market is looked up in its folder: a rebuilt one has another number.
  MarketStops(net::Loop& loop, desk::DeskPort& port, desk::Sizing& sizing,
              std::string market_folder);
  ~MarketStops();

  // Asks while this desk leads; the answer is when it wants the next turn, in monotonic
  // milliseconds.
  std::uint64_t tick(std::uint64_t now_ms);

 private:
  // One look: a server's answer and every gateway's.
  struct Look {
    TimestampNs asked_ns = 0;
    std::uint64_t begun_ms = 0;
    std::optional<boost::json::object> answer;
    std::size_t gateways_open = 0;  // that have not answered yet
    std::uint64_t guards = 0;
    std::uint64_t guards_unknown = 0;
  };
  void begin(std::uint64_t now_ms);
  void ask_server();
  void ask_gateway(const deployment::GatewayPlace& place);
  void finish();
  void take_members(const boost::json::object& answer);
  void say(const boost::json::object& answer);
  [[nodiscard]] bool is_canary(MemberId member) const;

  net::Loop& loop_;
  desk::DeskPort& port_;
  desk::Sizing& sizing_;
  std::string market_folder_;
  deployment::DeploymentFile market_;
  net::HttpClient client_;
  std::unique_ptr<client::OperatorLink> link_;
  std::uint64_t number_ = 0;  // of the look: late answers of an earlier one are dropped
  std::optional<Look> look_;
  std::size_t next_server_ = 0;
  std::uint64_t next_ms_ = 0;
  std::string said_;  // without its time and place
  // Orders without a decision at each gateway, as it said last: also of one that is silent since.
  std::map<GatewayId, std::uint64_t> undecided_;
};

}  // namespace okiagari::cli
