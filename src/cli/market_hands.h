// What a desk does to the market: halts by the log and by the gateways' guard, hand-overs from a
// slow leader, and what two people have approved: acts for the log, and lifts of the halts that
// gateways obey on their own. Each answers with where it took effect.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/signature.h"
#include "cli/background_work.h"
#include "client/market_act.h"
#include "deployment/deployment_file.h"
#include "desk/dispatcher.h"

namespace okiagari::cli {

// The desk's own key: it may stop the market and never start it.
struct DeskKey {
  std::uint16_t operator_id = 0;
  base::KeyPair keys{};
};
// From the market's folder; nothing in a market from before desks had keys.
[[nodiscard]] base::Result<std::optional<DeskKey>> load_desk_key(
    const deployment::DeploymentFile& market);

class MarketHands final : public desk::Hands {
 public:
  // The market is looked up in its folder each time: a rebuilt one has another number.
  MarketHands(net::Loop& loop, std::string market_folder, std::optional<DeskKey> key)
      : market_folder_(std::move(market_folder)), key_(std::move(key)), work_(loop) {}

  [[nodiscard]] bool takes(std::string_view kind) const override;
  void carry_out(const desk::Effect& effect, const Reports& reports) override;

 private:
  struct Outcome {
    bool is_done = false;
    bool is_final = false;  // trying again would not help
    std::string words = {};
    boost::json::object answer = {};
  };
  [[nodiscard]] Outcome work(std::string_view kind, const boost::json::object& what) const;
  [[nodiscard]] Outcome halt_by_log(const deployment::DeploymentFile& market,
                                    const boost::json::object& what) const;
  [[nodiscard]] Outcome halt_by_guard(const deployment::DeploymentFile& market,
                                      const boost::json::object& what) const;
  [[nodiscard]] static Outcome lift_guards(const deployment::DeploymentFile& market,
                                           const boost::json::object& what);
  // To every gateway's folder; how many carried it out.
  [[nodiscard]] static std::size_t give_to_gateways(const deployment::DeploymentFile& market,
                                                    const std::string& prefix,
                                                    const std::string& text,
                                                    boost::json::array& answers);
  [[nodiscard]] Outcome hand_over(const deployment::DeploymentFile& market,
                                  const boost::json::object& what) const;
  [[nodiscard]] static Outcome submit_approved(const deployment::DeploymentFile& market,
                                               const boost::json::object& what);
  [[nodiscard]] static Outcome submit(const deployment::DeploymentFile& market,
                                      const client::MarketAct& act);

  std::string market_folder_;
  std::optional<DeskKey> key_;
  BackgroundWork work_;
};

}  // namespace okiagari::cli
