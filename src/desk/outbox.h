// Everything that must leave the desk: mail, webhooks, files, commands to the market. An effect is
// kept with its key until its fate is known; the same key is never added twice. Whoever leads sends
// it, and says in the log when it begins and how it ended: at least once, visible, never silently
// lost.
//
// What must not be repeated (a mail) is begun only at its last moment: the courier logs `begun`
// when nothing but the final word to the server is missing. If the leader dies after that, the
// effect's fate is unknown and it is not sent again; its owner is told and takes another route.
#pragma once

#include <boost/json/object.hpp>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "desk/part.h"

namespace okiagari::desk {

enum class EffectState : std::uint8_t { waiting, begun, done, unknown, given_up };
[[nodiscard]] std::string_view to_string(EffectState state);

struct Effect {
  std::string key;       // unique for ever: "page/inc-3/1/hanako/mail"
  std::string kind;      // whose hands do it: "mail", "webhook", "pagerduty", "venue", ...
  std::string owner;     // the word of the part that hears `<owner>.effect` when its fate is known
  std::string incident;  // empty: of none
  boost::json::object what;
  bool repeat_is_safe = true;       // the receiver knows the key and takes it once
  TimestampNs give_up_ns = kNever;  // no attempt after that

  EffectState state = EffectState::waiting;
  std::uint32_t attempts = 0;
  TimestampNs added_ns = 0;
  TimestampNs next_try_ns = 0;
  TimestampNs ended_ns = 0;
  std::uint64_t number = 0;  // in order of adding, from 1
  bool is_unwanted = false;  // withdrawn while it was under way
  std::string outcome;       // what the receiver answered, or why it failed last
};
[[nodiscard]] boost::json::object to_json(const Effect& effect);

// Entries: effect.begun {key}; effect.done {key, outcome}; effect.failed {key, outcome, permanent};
// effect.unknown {key, outcome}; effect.taken_over {} by a new leader.
class Outbox final : public Part {
 public:
  // A key that is there already is left alone.
  void add(Effect effect, Context& context);
  // Nobody needs it any more (a page that was acknowledged): gone unless it has begun, and then not
  // tried again.
  void withdraw(std::string_view key, Context& context);

  [[nodiscard]] const Effect* find(std::string_view key) const;
  // Waiting ones whose time has come, in order of adding.
  [[nodiscard]] std::vector<const Effect*> ready(TimestampNs now_ns, std::size_t most) const;
  // When the next waiting one may be tried.
  [[nodiscard]] TimestampNs next_try_ns() const;
  // Those that the last entry added or changed, for whoever keeps a copy.
  [[nodiscard]] std::vector<const Effect*> touched() const;
  void forget_touched() { touched_.clear(); }
  // All, in order of adding.
  [[nodiscard]] const std::map<std::uint64_t, Effect>& all() const { return effects_; }

  [[nodiscard]] std::vector<std::string_view> words() const override { return {"effect"}; }
  base::Status apply(const Entry& entry, Context& context) override;
  void advance(Context& context) override;
  [[nodiscard]] TimestampNs next_due_ns() const override;
  [[nodiscard]] boost::json::value view() const override;

 private:
  Effect* find_open(const Entry& entry);
  void end(Effect& effect, EffectState state, std::string outcome, Context& context);
  void failed(Effect& effect, std::string outcome, bool permanent, Context& context);
  void taken_over(Context& context);

  std::map<std::uint64_t, Effect> effects_;
  std::map<std::string, std::uint64_t, std::less<>> numbers_;  // by key
  std::map<std::uint64_t, Effect*> open_;                      // waiting or begun
  std::vector<std::uint64_t> touched_;
};

}  // namespace okiagari::desk
