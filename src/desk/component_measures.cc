#include "desk/component_measures.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>
#include <charconv>
#include <optional>

#include "desk/halts.h"
#include "watch/signal.h"

namespace okiagari::desk {

namespace {

constexpr std::uint64_t kLookMs = 100;
constexpr std::string_view kGatewayBefore = "gateway-";

using State = ComponentState;
using Finding = ComponentMeasures::Finding;

Finding good() { return {State::operational, {"test orders pass", "試験注文が正常に通る"}}; }

// From best to worst.
int badness(State state) {
  switch (state) {
    case State::operational:
      return 1;
    case State::degraded_performance:
      return 2;
    case State::partial_outage:
      return 3;
    case State::major_outage:
      return 4;
    case State::unknown:
    case State::under_maintenance:
      break;
  }
  return 0;
}

// Of what a part of the market is measured: "segment 2", "instrument KBS1"; else the whole.
Finding halt_of(std::string_view of, const Halts* halts) {
  constexpr std::string_view kSegment = "segment ";
  constexpr std::string_view kInstrument = "instrument ";
  if (halts == nullptr) return {};
  const Words words{"trading is halted", "売買停止中"};
  if (of.starts_with(kSegment)) {
    std::int64_t segment = 0;
    const std::string_view number = of.substr(kSegment.size());
    std::from_chars(number.data(), number.data() + number.size(), segment);
    return halts->is_segment_stopped(segment) ? Finding{State::major_outage, words} : Finding{};
  }
  if (of.starts_with(kInstrument)) {
    const bool is_stopped = halts->is_instrument_stopped(of.substr(kInstrument.size()));
    return is_stopped ? Finding{State::major_outage, words} : Finding{};
  }
  if (halts->is_market_stopped()) return {State::major_outage, words};
  if (halts->seen().stopped_count == 0) return {};
  return {State::partial_outage,
          {fmt::format("{} of {} instruments are halted", halts->seen().stopped_count,
                       halts->seen().instruments),
           fmt::format("{} 銘柄中 {} 銘柄が売買停止中", halts->seen().instruments,
                       halts->seen().stopped_count)}};
}

std::string_view state_word_ja(std::string_view state) {
  if (state == "gone") return "停止";
  if (state == "frozen") return "応答停止";
  return "到達不能";
}

}  // namespace

void ComponentMeasures::begin_to_lead() {
  places_.clear();
  silent_feeds_.clear();
  feed_doubted_ms_ = 0;
  // The watch has begun anew, too, and says again what still is.
  heard_ = port_.desk().timeline().items().size();
}

void ComponentMeasures::hear(std::uint64_t now_ms) {
  const auto& items = port_.desk().timeline().items();
  for (; heard_ < items.size(); ++heard_) {
    const TimelineItem& item = items[heard_];
    constexpr std::string_view kEvidence = "evidence.";
    if (!item.kind.starts_with(kEvidence)) continue;
    const std::string_view signal = std::string_view(item.kind).substr(kEvidence.size());
    const std::string entity = text_or(item.data, "entity");
    if (signal == watch::signal::feed_silent) silent_feeds_.insert(entity);
    if (signal == watch::signal::canary_good) silent_feeds_.erase(entity);
    if (signal == watch::signal::feed_differs || signal == watch::signal::feed_gap) {
      feed_doubted_ms_ = now_ms;
    }
  }
}

Finding ComponentMeasures::order_entry(std::string_view gateway,
                                       const watch::Picture& picture) const {
  const auto at = std::find_if(
      picture.gateways.begin(), picture.gateways.end(),
      [&](const auto& g) { return fmt::format("{}{}", kGatewayBefore, g.gateway) == gateway; });
  if (at == picture.gateways.end() || at->state == "unknown") return {};
  if (at->state != "alive") {
    return {State::major_outage,
            {fmt::format("the gateway is {}", at->state),
             fmt::format("ゲートウェイが{}", state_word_ja(at->state))}};
  }
  const auto* halts = port_.desk().part<Halts>();
  if (halts != nullptr && halts->is_market_stopped()) {
    const bool is_hard = halts->market_state() == "halted";
    return {is_hard ? State::major_outage : State::partial_outage,
            {is_hard ? "trading is halted: nothing is taken"
                     : "trading is halted: only cancels are taken",
             is_hard ? "売買停止中（注文・取消とも受付停止）" : "売買停止中（取消のみ受付）"}};
  }
  if (!picture.has_canary || at->orders == 0) return {};
  if (!at->is_serving) {
    return {State::major_outage, {"test orders get no answer", "試験注文に応答がない"}};
  }
  const bool is_slow = at->median_ms > 0 &&
                       at->acknowledged_ms > limits_.slow_factor * at->median_ms &&
                       at->acknowledged_ms > limits_.slow_least_ms;
  if (is_slow) {
    return {State::degraded_performance, {"test orders are slow", "試験注文の応答が遅い"}};
  }
  return good();
}

Finding ComponentMeasures::matching(const Component& component,
                                    const watch::Picture& picture) const {
  const bool is_seen = std::any_of(picture.servers.begin(), picture.servers.end(),
                                   [](const auto& s) { return s.state != "unknown"; });
  if (!is_seen) return {};
  if (picture.leader == 0) {
    return {State::major_outage, {"no server leads the market", "市場を主導するサーバーがない"}};
  }
  if (const Finding halted = halt_of(component.of, port_.desk().part<Halts>());
      halted.state != State::unknown) {
    return halted;
  }
  if (!picture.has_canary) return {};
  std::size_t tried = 0;
  std::size_t serving = 0;
  for (const watch::Picture::Gateway& gateway : picture.gateways) {
    tried += gateway.orders != 0 ? 1 : 0;
    serving += gateway.is_serving ? 1 : 0;
  }
  if (tried == 0) return {};
  if (serving == 0) {
    return {State::major_outage, {"no test order is answered", "どの試験注文にも応答がない"}};
  }
  return good();
}

// Each server has a feed of its own, with the same messages.
Finding ComponentMeasures::market_data(const watch::Picture& picture, std::uint64_t now_ms) const {
  if (!picture.has_canary || picture.servers.empty()) return {};
  if (feed_doubted_ms_ != 0 && now_ms < feed_doubted_ms_ + limits_.feed_doubt_ms) {
    return {State::partial_outage,
            {"a feed was seen to be wrong or incomplete", "相場配信に誤りまたは欠落がある"}};
  }
  std::size_t lost = 0;
  for (const watch::Picture::Server& server : picture.servers) {
    if (server.state == "unknown") return {};
    const bool is_silent = silent_feeds_.contains(fmt::format("feed node-{}", server.node));
    lost += server.state != "alive" || is_silent ? 1 : 0;
  }
  if (lost == 0)
    return {State::operational, {"test orders are on every feed", "試験注文が全配信元に現れる"}};
  const std::size_t total = picture.servers.size();
  const Words count{fmt::format("{} of {} feeds carry no test orders", lost, total),
                    fmt::format("{} 配信元中 {} で試験注文が現れない", total, lost)};
  return {lost == total ? State::major_outage : State::degraded_performance, count};
}

Finding ComponentMeasures::measure(const Component& component, const watch::Picture& picture,
                                   std::uint64_t now_ms) const {
  if (component.kind == "order_entry") return order_entry(component.of, picture);
  if (component.kind == "matching") return matching(component, picture);
  if (component.kind == "market_data") return market_data(picture, now_ms);
  return {};
}

bool ComponentMeasures::is_due(const Place& place, std::uint64_t now_ms) const {
  if (place.was_said && place.found == place.said) return false;
  if (place.found.state == State::unknown) return false;  // the last that was known stands
  if (!place.was_said) return now_ms >= place.found_since_ms + limits_.worse_after_ms;
  // The same state for another reason: told, but not as often as reasons may change.
  if (place.found.state == place.said.state) {
    return now_ms >= place.said_ms + limits_.better_after_ms;
  }
  const bool is_worse = badness(place.found.state) > badness(place.said.state);
  return now_ms >=
         place.found_since_ms + (is_worse ? limits_.worse_after_ms : limits_.better_after_ms);
}

std::uint64_t ComponentMeasures::look(const watch::Picture& picture, std::uint64_t now_ms) {
  if (!port_.leads()) return now_ms + kLookMs;
  const auto* components = port_.desk().part<Components>();
  if (components == nullptr) return now_ms + kLookMs;
  hear(now_ms);
  for (const Component& component : components->all()) {
    auto [at, is_new] = places_.try_emplace(component.id);
    Place& place = at->second;
    if (is_new && component.measured_ns != 0) {
      place.said = {component.measured, component.measured_reason};
      place.was_said = true;
    }
    Finding found = measure(component, picture, now_ms);
    if (is_new || found.state != place.found.state) place.found_since_ms = now_ms;
    place.found = std::move(found);
    if (is_due(place, now_ms)) say(component, place, now_ms);
  }
  return now_ms + kLookMs;
}

void ComponentMeasures::say(const Component& component, Place& place, std::uint64_t now_ms) {
  place.said = place.found;
  place.said_ms = now_ms;
  place.was_said = true;
  Entry entry;
  entry.type = "component.measured";
  entry.by = "watch";
  entry.body = {{"component", component.id},
                {"state", to_string(place.found.state)},
                {"reason", to_json(place.found.reason)}};
  port_.submit(std::move(entry), nullptr);
}

}  // namespace okiagari::desk
