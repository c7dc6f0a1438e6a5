#include "desk/relief.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/json.hpp>
#include <charconv>

#include "desk/outbox.h"
#include "watch/signal.h"

namespace okiagari::desk {

namespace {

constexpr std::array<std::string_view, 5> kStateNames = {"asked", "led", "helped", "did_not_help",
                                                         "failed"};

// "node-2" is 2; 0 when it is no server's name.
NodeId number_of(std::string_view name) {
  constexpr std::string_view kPrefix = "node-";
  NodeId number = 0;
  if (!name.starts_with(kPrefix)) return 0;
  const std::string_view digits = name.substr(kPrefix.size());
  const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  return read.ptr == digits.data() + digits.size() ? number : 0;
}

bool is_of(const TimelineItem& item, std::string_view signal) {
  return item.kind == fmt::format("evidence.{}", signal);
}

Words words_of(const watch::Evidence& evidence) {
  return {evidence.statement,
          evidence.statement_ja.empty() ? evidence.statement : evidence.statement_ja};
}

}  // namespace

Relief::HandOver* Relief::under_way() {
  const bool is_any = !all_.empty() && (all_.back().state == State::asked ||  //
                                        all_.back().state == State::led);
  return is_any ? &all_.back() : nullptr;
}

void Relief::heard(const TimelineItem& item, Context& context) {
  HandOver* last = under_way();
  if (is_of(item, watch::signal::leader_slow)) {
    const watch::Evidence* evidence = incidents_.find_evidence(text_or(item.data, "evidence"));
    if (evidence == nullptr) return;
    slow_ = {number_of(evidence->entity), number_of(evidence->reference), context.now_ns,
             words_of(*evidence)};
    if (last != nullptr && last->state == State::led) last->is_slow_again = true;
  } else if (is_of(item, watch::signal::slow_alike)) {
    slow_ = {};
    say_alike(item.incident, context);
  } else if (is_of(item, watch::signal::leader_fast) && last != nullptr) {
    const watch::Evidence* evidence = incidents_.find_evidence(text_or(item.data, "evidence"));
    if (evidence == nullptr || number_of(evidence->entity) == last->from) return;
    last->fast = words_of(*evidence);
  } else if (is_of(item, watch::signal::leader_changed)) {
    slow_ = {};
    if (last != nullptr) last->was_path_seen = false;
  } else if (is_of(item, watch::signal::fail_over_observed) && last != nullptr) {
    last->was_path_seen = true;
  }
}

// It goes on, and is said once.
void Relief::say_alike(const std::string& incident, Context& context) {
  if (incident.empty() || incident == alike_told_of_) return;
  alike_told_of_ = incident;
  context.note(incident, "relief.withheld",
               {"leadership stays where it is: orders are slow, and no server does better",
                "リーダーは交代させない: 注文は遅いが、より良い状態のサーバーがない"});
}

base::Status Relief::apply(const Entry& entry, Context& context) {
  if (entry.what() == "order") return order(entry, context);
  if (entry.what() == "effect") return take_effect(entry, context);
  return base::Error{fmt::format("there is no entry '{}'", entry.type)};
}

Words Relief::obstacle(TimestampNs now_ns) const {
  if (slow_.leader == 0 || slow_.better == 0 || now_ns > slow_.at_ns + kFreshNs) {
    return {"no other server was seen to do better just now",
            "現時点でより良い状態のサーバーは確認されていない"};
  }
  if (all_.empty()) return {};
  if (now_ns < all_.back().asked_ns + kCoolDownNs) {
    return {fmt::format("it was asked for less than {} s ago", kCoolDownNs / 1'000'000'000),
            fmt::format("前回の依頼から {} 秒以内", kCoolDownNs / 1'000'000'000)};
  }
  const auto of_day = std::count_if(all_.begin(), all_.end(), [&](const HandOver& one) {
    return one.asked_ns + kDayNs > now_ns;
  });
  if (static_cast<std::size_t>(of_day) >= kOfADayMax) {
    return {fmt::format("it was asked for {} times within a day", of_day),
            fmt::format("一日に {} 回依頼した", of_day)};
  }
  return {};
}

base::Status Relief::order(const Entry& entry, Context& context) {
  if (context.by.starts_with("person:")) {
    return base::Error{"people hand over with `okiagari transfer`"};
  }
  const std::string incident = text_or(entry.body, "incident");
  if (const Words why = obstacle(context.now_ns); !why.en.empty()) {
    context.note(incident, "relief.withheld",
                 {fmt::format("leadership stays where it is: {}", why.en),
                  fmt::format("リーダーは交代させない: {}", why.ja)});
    return {};
  }
  const std::size_t number = all_.size() + 1;
  all_.push_back(
      {.incident = incident, .from = slow_.leader, .to = slow_.better, .asked_ns = context.now_ns});
  const boost::json::object what{{"relief", number},
                                 {"from", slow_.leader},
                                 {"to", slow_.better},
                                 {"why", slow_.statement.en}};
  context.note(incident, "relief.ordered",
               {fmt::format("node-{} is asked to hand over to node-{}: {}", slow_.leader,
                            slow_.better, slow_.statement.en),
                fmt::format("node-{} から node-{} へのリーダー交代を依頼: {}", slow_.leader,
                            slow_.better, slow_.statement.ja)},
               what);
  Effect effect;
  effect.key = fmt::format("relief/{}", number);
  effect.kind = "hand_over";
  effect.owner = "relief";
  effect.incident = incident;
  effect.what = what;
  effect.give_up_ns = context.now_ns + kGiveUpNs;
  context.outbox.add(std::move(effect), context);
  return {};
}

base::Status Relief::take_effect(const Entry& entry, Context& context) {
  const Effect* effect = context.outbox.find(text_or(entry.body, "key"));
  if (effect == nullptr) return base::Error{"an effect that is none of the outbox"};
  const auto number = static_cast<std::size_t>(number_or(effect->what, "relief", 0));
  if (number == 0 || number > all_.size()) return base::Error{"an effect of no relief"};
  HandOver& one = all_[number - 1];
  if (one.state != State::asked) return {};
  boost::json::object data{{"relief", number}, {"from", one.from}, {"to", one.to}};
  if (const auto* answer = effect->what.if_contains("answer")) data["answer"] = *answer;
  if (effect->state != EffectState::done) {
    one.state = State::failed;
    context.note(one.incident, "relief.failed",
                 {fmt::format("leadership was not handed over: {}", effect->outcome),
                  fmt::format("リーダーは交代しなかった: {}", effect->outcome)},
                 std::move(data));
    return {};
  }
  one.state = State::led;
  one.judge_ns = context.now_ns + kLookNs;
  context.note(one.incident, "relief.handed_over",
               {fmt::format("leadership was handed over: {}", effect->outcome),
                fmt::format("リーダーが交代した: {}", effect->outcome)},
               std::move(data));
  return {};
}

TimestampNs Relief::next_due_ns() const {
  const bool is_judged_later = !all_.empty() && all_.back().state == State::led;
  return is_judged_later ? all_.back().judge_ns : kNever;
}

// Nothing is believed: it has helped when orders went through and were fast under the new leader.
void Relief::advance(Context& context) {
  HandOver* last = under_way();
  if (last == nullptr || last->judge_ns > context.now_ns) return;
  const bool has_helped = last->was_path_seen && !last->fast.en.empty() && !last->is_slow_again;
  last->state = has_helped ? State::helped : State::did_not_help;
  last->judge_ns = kNever;
  const boost::json::object data{{"relief", all_.size()}, {"from", last->from}, {"to", last->to}};
  if (has_helped) {
    context.note(last->incident, "relief.helped",
                 {fmt::format("orders go through under node-{}: {}", last->to, last->fast.en),
                  fmt::format("node-{} のもとで注文が処理されている: {}", last->to, last->fast.ja)},
                 data);
    return;
  }
  Words why{fmt::format("orders were not seen to be fast under node-{}", last->to),
            fmt::format("node-{} のもとで注文が速くなったことを確認できない", last->to)};
  if (last->is_slow_again) {
    why = {fmt::format("node-{} is slow as well", last->to),
           fmt::format("node-{} も遅い", last->to)};
  } else if (!last->was_path_seen) {
    why = {fmt::format("orders were not seen to go through under node-{}", last->to),
           fmt::format("node-{} のもとで注文の処理を確認できない", last->to)};
  }
  context.note(last->incident, "relief.did_not_help", std::move(why), data);
}

boost::json::value Relief::view() const {
  boost::json::array array;
  for (const HandOver& one : all_) {
    array.push_back({{"incident", one.incident},
                     {"from", one.from},
                     {"to", one.to},
                     {"asked_ns", one.asked_ns},
                     {"state", kStateNames.at(static_cast<std::size_t>(one.state))}});
  }
  return array;
}

}  // namespace okiagari::desk
