// The units of the market that the public knows: order entry at each gateway, matching of each
// segment, market data, the desk itself. What was measured and what a person says stand side by
// side: a robot never undoes a person, and a person's word runs out.
//
// Entries: component.define {components}; component.measured {component, state, reason};
// component.set {component, state, reason, owner, until_ns}; component.clear {component}.
#pragma once

#include <boost/json/object.hpp>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "desk/part.h"
#include "desk/words.h"

namespace okiagari::desk {

class Maintenances;

enum class ComponentState : std::uint8_t {
  unknown,  // not measured yet
  operational,
  degraded_performance,
  partial_outage,
  major_outage,
  under_maintenance
};
[[nodiscard]] std::string_view to_string(ComponentState state);
// For people; how that is known stands beside it.
[[nodiscard]] const Words& words_of(ComponentState state);
[[nodiscard]] std::optional<ComponentState> component_state(std::string_view name);

struct Component {
  std::string id;    // "order-entry-1"
  std::string kind;  // "order_entry", "matching", "market_data", "desk"
  std::string of;    // what it is measured of: "gateway-1", "segment 2", "instrument KBS1"
  Words name;
  Words description;
  TimestampNs created_ns = 0;
  TimestampNs changed_ns = 0;  // when what is shown changed last
  ComponentState measured = ComponentState::unknown;
  TimestampNs measured_ns = 0;
  Words measured_reason;
  struct Said {
    ComponentState state = ComponentState::unknown;
    std::string owner;
    Words reason;
    TimestampNs at_ns = 0;
    TimestampNs until_ns = 0;
  };
  std::optional<Said> said;
};

class Components final : public Part {
 public:
  static constexpr std::size_t kMost = 500;
  static constexpr TimestampNs kSaidMaxNs = 7 * 86'400'000'000'000ULL;

  // `maintenances` may be null.
  explicit Components(const Maintenances* maintenances = nullptr) : maintenances_(maintenances) {}

  [[nodiscard]] const Component* find(std::string_view id) const;
  // In the order in which they were defined.
  [[nodiscard]] const std::vector<Component>& all() const { return components_; }
  // What the public sees: a person's word, else a maintenance under way, else what was measured.
  [[nodiscard]] ComponentState shown(const Component& component) const;

  [[nodiscard]] std::vector<std::string_view> words() const override { return {"component"}; }
  base::Status apply(const Entry& entry, Context& context) override;
  void heard(const TimelineItem& item, Context& context) override;
  void advance(Context& context) override;
  [[nodiscard]] TimestampNs next_due_ns() const override;
  [[nodiscard]] boost::json::value view() const override;

 private:
  base::Status define(const Entry& entry, Context& context);
  base::Status measured(Component& component, const Entry& entry, Context& context);
  base::Status set(Component& component, const Entry& entry, Context& context);
  base::Status clear(Component& component, Context& context);

  const Maintenances* maintenances_;
  std::vector<Component> components_;
};

}  // namespace okiagari::desk
