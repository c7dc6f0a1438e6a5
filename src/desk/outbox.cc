#include "desk/outbox.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/json.hpp>

namespace okiagari::desk {

namespace {

constexpr TimestampNs kSecondNs = 1'000'000'000;
constexpr TimestampNs kRetryMaxNs = 60 * kSecondNs;
constexpr std::array<std::string_view, 5> kStateNames = {"waiting", "begun", "done", "unknown",
                                                         "given_up"};

// 1, 2, 4 ... 60 seconds.
TimestampNs back_off(std::uint32_t attempts) {
  const std::uint32_t doublings = std::min<std::uint32_t>(attempts == 0 ? 0 : attempts - 1, 6);
  return std::min(kRetryMaxNs, kSecondNs << doublings);
}

}  // namespace

std::string_view to_string(EffectState state) {
  return kStateNames.at(static_cast<std::size_t>(state));
}

boost::json::object to_json(const Effect& effect) {
  return {{"key", effect.key},
          {"kind", effect.kind},
          {"owner", effect.owner},
          {"incident", effect.incident},
          {"what", effect.what},
          {"repeat_is_safe", effect.repeat_is_safe},
          {"state", to_string(effect.state)},
          {"attempts", effect.attempts},
          {"added_ns", effect.added_ns},
          {"next_try_ns", effect.next_try_ns},
          {"ended_ns", effect.ended_ns},
          {"number", effect.number},
          {"outcome", effect.outcome}};
}

void Outbox::add(Effect effect, Context& context) {
  const std::uint64_t number = effects_.size() + 1;
  if (!numbers_.try_emplace(effect.key, number).second) return;
  effect.number = number;
  effect.state = EffectState::waiting;
  effect.added_ns = context.now_ns;
  effect.next_try_ns = context.now_ns;
  open_[number] = &effects_.emplace(number, std::move(effect)).first->second;
  touched_.push_back(number);
}

void Outbox::withdraw(std::string_view key, Context& context) {
  const auto found = numbers_.find(key);
  if (found == numbers_.end()) return;
  Effect& effect = effects_.at(found->second);
  effect.is_unwanted = true;
  if (effect.state != EffectState::waiting) return;
  effect.state = EffectState::given_up;
  effect.outcome = "withdrawn: no longer needed";
  effect.ended_ns = context.now_ns;
  open_.erase(effect.number);
  touched_.push_back(effect.number);
}

const Effect* Outbox::find(std::string_view key) const {
  const auto found = numbers_.find(key);
  return found == numbers_.end() ? nullptr : &effects_.at(found->second);
}

std::vector<const Effect*> Outbox::touched() const {
  std::vector<const Effect*> effects;
  for (const std::uint64_t number : touched_) effects.push_back(&effects_.at(number));
  return effects;
}

std::vector<const Effect*> Outbox::ready(TimestampNs now_ns, std::size_t most) const {
  std::vector<const Effect*> found;
  for (const auto& [number, effect] : open_) {
    if (found.size() >= most) break;
    if (effect->state == EffectState::waiting && effect->next_try_ns <= now_ns) {
      found.push_back(effect);
    }
  }
  return found;
}

TimestampNs Outbox::next_try_ns() const {
  TimestampNs next = kNever;
  for (const auto& [number, effect] : open_) {
    if (effect->state == EffectState::waiting) next = std::min(next, effect->next_try_ns);
  }
  return next;
}

Effect* Outbox::find_open(const Entry& entry) {
  const auto found = numbers_.find(text_or(entry.body, "key"));
  if (found == numbers_.end()) return nullptr;
  const auto open = open_.find(found->second);
  return open == open_.end() ? nullptr : open->second;
}

base::Status Outbox::apply(const Entry& entry, Context& context) {
  if (entry.what() == "taken_over") {
    taken_over(context);
    return {};
  }
  Effect* effect = find_open(entry);
  if (effect == nullptr) {
    return base::Error{fmt::format("no effect '{}' is open", text_or(entry.body, "key"))};
  }
  touched_.push_back(effect->number);
  const std::string outcome = text_or(entry.body, "outcome");
  if (entry.what() == "begun") {
    effect->state = EffectState::begun;
    ++effect->attempts;
  } else if (entry.what() == "done") {
    if (effect->state == EffectState::waiting) ++effect->attempts;
    if (const auto* answer = entry.body.if_contains("answer")) effect->what["answer"] = *answer;
    end(*effect, EffectState::done, outcome, context);
  } else if (entry.what() == "failed") {
    failed(*effect, outcome, flag_or(entry.body, "permanent", false), context);
  } else if (entry.what() == "unknown") {
    end(*effect, EffectState::unknown, outcome, context);
  } else {
    return base::Error{fmt::format("the outbox knows no '{}'", entry.type)};
  }
  return {};
}

void Outbox::failed(Effect& effect, std::string outcome, bool permanent, Context& context) {
  if (effect.state == EffectState::waiting) ++effect.attempts;
  const TimestampNs next = context.now_ns + back_off(effect.attempts);
  if (permanent || effect.is_unwanted || next > effect.give_up_ns) {
    end(effect, EffectState::given_up, std::move(outcome), context);
    return;
  }
  if (effect.attempts == 1) {
    context.note(effect.incident, "effect.failed",
                 {fmt::format("{} failed and will be tried again: {}", effect.key, outcome),
                  fmt::format("{} は失敗し、再試行する: {}", effect.key, outcome)});
  }
  effect.state = EffectState::waiting;
  effect.outcome = std::move(outcome);
  effect.next_try_ns = next;
}

void Outbox::end(Effect& effect, EffectState state, std::string outcome, Context& context) {
  effect.state = state;
  effect.outcome = std::move(outcome);
  effect.ended_ns = context.now_ns;
  open_.erase(effect.number);
  touched_.push_back(effect.number);
  if (state == EffectState::given_up) {
    context.note(effect.incident, "effect.given_up",
                 {fmt::format("{} was given up: {}", effect.key, effect.outcome),
                  fmt::format("{} を断念した: {}", effect.key, effect.outcome)});
  } else if (state == EffectState::unknown) {
    context.note(effect.incident, "effect.unknown",
                 {fmt::format("whether {} arrived is not known; it is not sent again", effect.key),
                  fmt::format("{} の到達は不明。重複を避けるため再送しない", effect.key)});
  }
  if (effect.owner.empty()) return;
  context.follow(effect.owner + ".effect", {{"key", effect.key},
                                            {"state", to_string(state)},
                                            {"outcome", effect.outcome},
                                            {"incident", effect.incident}});
}

// A new leader does not know what the one before it had in its hands.
void Outbox::taken_over(Context& context) {
  std::vector<Effect*> begun;
  for (const auto& [number, effect] : open_) {
    if (effect->state == EffectState::begun) begun.push_back(effect);
  }
  for (Effect* effect : begun) {
    if (effect->repeat_is_safe && effect->is_unwanted) {
      end(*effect, EffectState::given_up, "withdrawn: no longer needed", context);
    } else if (effect->repeat_is_safe) {
      effect->state = EffectState::waiting;
      effect->next_try_ns = context.now_ns;
    } else {
      end(*effect, EffectState::unknown, "the desk's leader died while it was under way", context);
    }
  }
}

TimestampNs Outbox::next_due_ns() const {
  TimestampNs due = kNever;
  for (const auto& [number, effect] : open_) due = std::min(due, effect->give_up_ns);
  return due;
}

void Outbox::advance(Context& context) {
  std::vector<Effect*> over;
  for (const auto& [number, effect] : open_) {
    if (effect->give_up_ns <= context.now_ns) over.push_back(effect);
  }
  for (Effect* effect : over) {
    // Begun and without an answer: nobody can say.
    const bool begun = effect->state == EffectState::begun;
    end(*effect, begun ? EffectState::unknown : EffectState::given_up,
        effect->outcome.empty() ? "its time is over" : effect->outcome, context);
  }
}

boost::json::value Outbox::view() const {
  boost::json::array array;
  for (const auto& [number, effect] : effects_) array.push_back(to_json(effect));
  return array;
}

}  // namespace okiagari::desk
