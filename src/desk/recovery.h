// When an outage is over for those who trade: orders were seen to be answered from outside, and no
// halt is in force. Servers that work again while trading is still halted are told as that and as
// nothing more, and only when it stays so: a halt that is lifted is seen a moment later than the
// order that went through. It has no entries of its own: it hears what the others find.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "desk/halts.h"
#include "desk/part.h"

namespace okiagari::desk {

class Recovery final : public Part {
 public:
  static constexpr TimestampNs kSettleNs = 3'000'000'000;

  // Borrowed; added to the desk before this one.
  explicit Recovery(const Halts& halts) : halts_(halts) {}

  [[nodiscard]] std::vector<std::string_view> words() const override { return {}; }
  base::Status apply(const Entry& entry, Context& context) override;
  void heard(const TimelineItem& item, Context& context) override;
  void advance(Context& context) override;
  [[nodiscard]] TimestampNs next_due_ns() const override;
  [[nodiscard]] boost::json::value view() const override;

 private:
  enum class State : std::uint8_t { works_under_halt, told_under_halt, recovered };
  struct Place {
    State state = State::works_under_halt;
    TimestampNs tell_ns = kNever;  // that it works under a halt
  };
  void works(const std::string& incident, Context& context);
  static void recovered(const std::string& incident, Place& place, Context& context);

  const Halts& halts_;
  std::map<std::string, Place> places_;  // of incidents whose path works
};

}  // namespace okiagari::desk
