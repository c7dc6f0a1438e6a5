// Takes leadership of the market from a server that does its work badly to one that does it better.
// The playbook asks for it; the market's servers are asked, signed with the desk's key; what came
// of it is looked at from outside and told. A fault that goes along with leadership is not passed
// around: it is done seldom, and never twice at once.
//
// Entries: relief.order {incident}, of the playbook; relief.effect from the outbox. Whom to
// relieve, and by whom, is what the watch saw last (evidence cluster.leader_slow).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "desk/incidents.h"
#include "desk/part.h"

namespace okiagari::desk {

class Relief final : public Part {
 public:
  static constexpr TimestampNs kFreshNs = 15'000'000'000;      // how old what was seen may be
  static constexpr TimestampNs kCoolDownNs = 600'000'000'000;  // between two
  static constexpr TimestampNs kDayNs = 86'400'000'000'000;
  static constexpr std::size_t kOfADayMax = 3;
  static constexpr TimestampNs kGiveUpNs = 15'000'000'000;
  static constexpr TimestampNs kLookNs = 10'000'000'000;  // at the new leader, before it is judged

  enum class State : std::uint8_t { asked, led, helped, did_not_help, failed };
  struct HandOver {
    std::string incident;
    NodeId from = 0;
    NodeId to = 0;
    TimestampNs asked_ns = 0;
    State state = State::asked;
    TimestampNs judge_ns = kNever;
    bool was_path_seen = false;  // to work under the new leader
    Words fast = {};             // how fast orders were seen to be then; empty: not seen
    bool is_slow_again = false;
  };

  // Borrowed; added to the desk before this one.
  explicit Relief(const Incidents& incidents) : incidents_(incidents) {}

  [[nodiscard]] const std::vector<HandOver>& all() const { return all_; }

  [[nodiscard]] std::vector<std::string_view> words() const override { return {"relief"}; }
  base::Status apply(const Entry& entry, Context& context) override;
  void heard(const TimelineItem& item, Context& context) override;
  void advance(Context& context) override;
  [[nodiscard]] TimestampNs next_due_ns() const override;
  [[nodiscard]] boost::json::value view() const override;

 private:
  // What the watch saw last; `leader` 0: nothing, or another leads since.
  struct Slow {
    NodeId leader = 0;
    NodeId better = 0;
    TimestampNs at_ns = 0;
    Words statement;
  };
  base::Status order(const Entry& entry, Context& context);
  base::Status take_effect(const Entry& entry, Context& context);
  // Why not, in words; empty when nothing speaks against it.
  [[nodiscard]] Words obstacle(TimestampNs now_ns) const;
  [[nodiscard]] HandOver* under_way();
  void say_alike(const std::string& incident, Context& context);

  const Incidents& incidents_;
  Slow slow_;
  std::string alike_told_of_;  // the incident
  std::vector<HandOver> all_;
};

}  // namespace okiagari::desk
