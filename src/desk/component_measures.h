// What the public's components are measured as, from outside: by the canary's orders, the servers
// and gateways that answer, the feeds its orders come out on, and the halts in force. A change is
// said only when it has lasted: a fail-over is no outage, and one good second no recovery. Works on
// the desk that leads and says what it finds in the desk's log, on change only.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <string_view>

#include "desk/components.h"
#include "desk/desk_port.h"
#include "watch/picture.h"

namespace okiagari::desk {

struct MeasureLimits {
  std::uint64_t worse_after_ms = 1'500;   // longer than a fail-over
  std::uint64_t better_after_ms = 5'000;  // the last trouble may come again
  double slow_factor = 3;                 // of the usual time of a test order
  double slow_least_ms = 10;              // what is faster is never called slow
  std::uint64_t feed_doubt_ms = 60'000;   // how long a wrong or incomplete feed is held against it
};

class ComponentMeasures {
 public:
  struct Finding {
    ComponentState state = ComponentState::unknown;
    Words reason;

    friend bool operator==(const Finding&, const Finding&) = default;
  };

  // `port` is borrowed.
  ComponentMeasures(DeskPort& port, MeasureLimits limits) : port_(port), limits_(limits) {}

  // Nothing of what an earlier leader saw is believed.
  void begin_to_lead();
  // With every new picture; the answer is when the next is wanted, in monotonic milliseconds.
  std::uint64_t look(const watch::Picture& picture, std::uint64_t now_ms);

 private:
  struct Place {
    Finding said;   // as it went into the log last
    Finding found;  // as it looks since then
    std::uint64_t found_since_ms = 0;
    std::uint64_t said_ms = 0;
    bool was_said = false;
  };
  void hear(std::uint64_t now_ms);
  [[nodiscard]] Finding measure(const Component& component, const watch::Picture& picture,
                                std::uint64_t now_ms) const;
  [[nodiscard]] Finding order_entry(std::string_view gateway, const watch::Picture& picture) const;
  [[nodiscard]] Finding matching(const Component& component, const watch::Picture& picture) const;
  [[nodiscard]] Finding market_data(const watch::Picture& picture, std::uint64_t now_ms) const;
  [[nodiscard]] bool is_due(const Place& place, std::uint64_t now_ms) const;
  void say(const Component& component, Place& place, std::uint64_t now_ms);

  DeskPort& port_;
  MeasureLimits limits_;
  std::map<std::string, Place, std::less<>> places_;
  std::size_t heard_ = 0;               // items of the timeline
  std::set<std::string> silent_feeds_;  // "feed node-1"
  std::uint64_t feed_doubted_ms_ = 0;   // when a feed was last seen to be wrong; 0: never
};

}  // namespace okiagari::desk
