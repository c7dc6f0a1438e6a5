#include "drill/wrong_command.h"

#include <fmt/format.h>

#include "client/act_submission.h"
#include "client/key_file.h"
#include "client/market_act.h"
#include "net/loop.h"

namespace okiagari::drill {

namespace {

constexpr std::uint64_t kAnswerMs = 5'000;
constexpr std::uint32_t kValidS = 600;

base::Status sign(client::MarketAct& act, const TargetOperator& person) {
  auto key = client::load_key(person.key_file, "");
  if (!key) return key.error();
  const auto until_s = static_cast<std::uint32_t>(net::Loop::wall_ns() / 1'000'000'000) + kValidS;
  if (client::approve_act(act, person.id, key.value().secret_key, until_s)) return {};
  return base::Error{"the act takes no further signature"};
}

base::Status submit(const TargetMarket& market, const client::MarketAct& act) {
  const TargetServer* leader = market.find(market.find_leader());
  if (leader == nullptr) return base::Error{"nobody leads the market"};
  auto result = client::submit_act(leader->operators, act, kAnswerMs);
  if (!result) return result.error();
  if (result.value().reason == venue::Reason::none) return {};
  return base::Error{
      fmt::format("the venue refuses the act, reason {}", static_cast<int>(result.value().reason))};
}

client::MarketAct act_of(const TargetMarket& market, venue::InstrumentState state) {
  return client::make_act(market.cluster, venue::Scope::market, 0, state,
                          net::Loop::wall_ns() / 1'000'000, "OKHA");
}

base::Status lift(const TargetMarket& market) {
  client::MarketAct act = act_of(market, venue::InstrumentState::full);
  for (std::size_t at = 0; at < 2; ++at) {
    if (base::Status signed_now = sign(act, market.operators[at]); !signed_now) return signed_now;
  }
  return submit(market, act);
}

}  // namespace

base::Result<WrongCommand> give_wrong_command(const TargetMarket& market, check::Random& random) {
  if (market.operators.size() < 2) return base::Error{"the market has fewer than two operators"};
  const bool is_halt = random.one_in(2);
  client::MarketAct act = act_of(
      market, is_halt ? venue::InstrumentState::halted : venue::InstrumentState::cancel_only);
  if (base::Status signed_now = sign(act, market.operators.front()); !signed_now) {
    return signed_now.error();
  }
  if (base::Status done = submit(market, act); !done) return done.error();
  WrongCommand given;
  given.target = "market";
  given.words = fmt::format("operator {} set the whole market to {}, by a signed act",
                            market.operators.front().id, is_halt ? "halted" : "cancel only");
  given.amend = [market] { return lift(market); };
  return given;
}

}  // namespace okiagari::drill
