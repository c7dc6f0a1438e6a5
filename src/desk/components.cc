#include "desk/components.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/json.hpp>

#include "desk/maintenances.h"
#include "desk/read_words.h"

namespace okiagari::desk {

namespace {

constexpr std::array<std::string_view, 6> kStateNames = {
    "unknown",        "operational",  "degraded_performance",
    "partial_outage", "major_outage", "under_maintenance"};

}  // namespace

std::string_view to_string(ComponentState state) {
  return kStateNames.at(static_cast<std::size_t>(state));
}

const Words& words_of(ComponentState state) {
  static const std::array<Words, 6> kWords = {{{"Unknown: not measured", "不明（未計測）"},
                                               {"Operational", "正常"},
                                               {"Degraded performance", "性能低下"},
                                               {"Partial outage", "一部停止"},
                                               {"Major outage", "停止"},
                                               {"Under maintenance", "メンテナンス中"}}};
  return kWords.at(static_cast<std::size_t>(state));
}

std::optional<ComponentState> component_state(std::string_view name) {
  const auto at = std::find(kStateNames.begin(), kStateNames.end(), name);
  if (at == kStateNames.end()) return std::nullopt;
  return static_cast<ComponentState>(at - kStateNames.begin());
}

const Component* Components::find(std::string_view id) const {
  const auto at = std::find_if(components_.begin(), components_.end(),
                               [&](const Component& c) { return c.id == id; });
  return at == components_.end() ? nullptr : &*at;
}

ComponentState Components::shown(const Component& component) const {
  if (component.said) return component.said->state;
  if (maintenances_ != nullptr && maintenances_->is_under_way(component.id)) {
    return ComponentState::under_maintenance;
  }
  return component.measured;
}

base::Status Components::apply(const Entry& entry, Context& context) {
  if (entry.what() == "define") return define(entry, context);
  const std::string id = text_or(entry.body, "component");
  const auto at = std::find_if(components_.begin(), components_.end(),
                               [&](const Component& c) { return c.id == id; });
  if (at == components_.end()) return base::Error{fmt::format("there is no component '{}'", id)};
  if (entry.what() == "measured") return measured(*at, entry, context);
  if (entry.what() == "set") return set(*at, entry, context);
  if (entry.what() == "clear") return clear(*at, context);
  return base::Error{fmt::format("there is no entry '{}'", entry.type)};
}

// Those that are known already keep their states.
base::Status Components::define(const Entry& entry, Context& context) {
  const boost::json::value* array = entry.body.if_contains("components");
  if (array == nullptr || !array->is_array()) return base::Error{"'components' is missing"};
  if (array->get_array().size() > kMost) {
    return base::Error{fmt::format("more than {} components", kMost)};
  }
  std::vector<Component> defined;
  for (const boost::json::value& item : array->get_array()) {
    if (!item.is_object()) return base::Error{"a component is no object"};
    auto id = text_of(item.get_object(), "id", 60);
    if (!id) return id.error();
    const Component* known = find(id.value());
    Component component = known == nullptr ? Component{} : *known;
    if (known == nullptr) component.created_ns = component.changed_ns = context.now_ns;
    component.id = id.value();
    component.kind = text_or(item.get_object(), "kind");
    component.of = text_or(item.get_object(), "of", component.id);
    component.name = read_words(item.get_object(), "name");
    component.description = read_words(item.get_object(), "description");
    if (is_empty(component.name)) return base::Error{"a component needs a 'name'"};
    for (const Component& other : defined) {
      if (other.id == component.id) return base::Error{"two components have one id"};
    }
    defined.push_back(std::move(component));
  }
  components_ = std::move(defined);
  return {};
}

base::Status Components::measured(Component& component, const Entry& entry, Context& context) {
  if (context.by.starts_with("person:")) {
    return base::Error{"a person sets a state, with 'component.set'; it is not measured"};
  }
  const auto state = component_state(text_or(entry.body, "state"));
  if (!state) return base::Error{"'state' is no state of a component"};
  const ComponentState before = shown(component);
  const bool is_news = component.measured != *state;
  component.measured = *state;
  component.measured_ns = context.now_ns;
  component.measured_reason = read_words(entry.body, "reason");
  if (shown(component) != before) component.changed_ns = context.now_ns;
  if (!is_news) return {};
  context.note(text_or(entry.body, "incident"), "component.measured",
               {fmt::format("{}: measured: {}", component.name.en, words_of(*state).en),
                fmt::format("{}: 計測値は「{}」", component.name.ja, words_of(*state).ja)},
               {{"component", component.id}, {"state", to_string(*state)}});
  return {};
}

base::Status Components::set(Component& component, const Entry& entry, Context& context) {
  if (!context.by.starts_with("person:")) return base::Error{"only a person sets a state"};
  const auto state = component_state(text_or(entry.body, "state"));
  if (!state || *state == ComponentState::unknown) {
    return base::Error{"'state' is no state of a component"};
  }
  Component::Said said;
  said.state = *state;
  said.reason = read_words(entry.body, "reason");
  said.owner = text_or(entry.body, "owner", context.by);
  said.at_ns = context.now_ns;
  const std::int64_t until_ns = number_or(entry.body, "until_ns", 0);
  said.until_ns = until_ns < 0 ? 0 : static_cast<TimestampNs>(until_ns);
  if (is_empty(said.reason)) return base::Error{"a state is set with a 'reason'"};
  if (said.until_ns <= context.now_ns || said.until_ns > context.now_ns + kSaidMaxNs) {
    return base::Error{"'until_ns' is when it runs out: at most seven days ahead"};
  }
  component.said = std::move(said);
  component.changed_ns = context.now_ns;
  context.note(text_or(entry.body, "incident"), "component.set",
               {fmt::format("{}: set to \"{}\" by {}: {}", component.name.en, words_of(*state).en,
                            component.said->owner, component.said->reason.en),
                fmt::format("{}: {} が「{}」に設定: {}", component.name.ja, component.said->owner,
                            words_of(*state).ja, component.said->reason.ja)},
               {{"component", component.id}, {"state", to_string(*state)}});
  return {};
}

base::Status Components::clear(Component& component, Context& context) {
  if (!context.by.starts_with("person:")) return base::Error{"only a person takes it back"};
  if (!component.said) return base::Error{"nobody has set its state"};
  component.said.reset();
  component.changed_ns = context.now_ns;
  context.note("", "component.cleared",
               {fmt::format("{}: as measured again", component.name.en),
                fmt::format("{}: 計測値の表示に戻した", component.name.ja)},
               {{"component", component.id}});
  return {};
}

void Components::heard(const TimelineItem& item, Context& context) {
  if (!item.kind.starts_with("maintenance.")) return;
  for (const std::string& id : texts_of(item.data, "components")) {
    for (Component& component : components_) {
      if (component.id == id) component.changed_ns = context.now_ns;
    }
  }
}

TimestampNs Components::next_due_ns() const {
  TimestampNs due = kNever;
  for (const Component& component : components_) {
    if (component.said) due = std::min(due, component.said->until_ns);
  }
  return due;
}

void Components::advance(Context& context) {
  for (Component& component : components_) {
    if (!component.said || component.said->until_ns > context.now_ns) continue;
    const std::string owner = component.said->owner;
    component.said.reset();
    component.changed_ns = context.now_ns;
    context.note(
        "", "component.ran_out",
        {fmt::format("{}: what {} had set ran out; as measured again", component.name.en, owner),
         fmt::format("{}: {} の設定が期限切れ、計測値の表示に戻した", component.name.ja, owner)},
        {{"component", component.id}});
  }
}

boost::json::value Components::view() const {
  boost::json::array array;
  for (const Component& component : components_) {
    boost::json::object object{{"id", component.id},
                               {"kind", component.kind},
                               {"of", component.of},
                               {"name", to_json(component.name)},
                               {"shown", to_string(shown(component))},
                               {"measured", to_string(component.measured)},
                               {"measured_ns", component.measured_ns},
                               {"measured_reason", to_json(component.measured_reason)},
                               {"changed_ns", component.changed_ns}};
    if (component.said) {
      object["set"] = {{"state", to_string(component.said->state)},
                       {"owner", component.said->owner},
                       {"reason", to_json(component.said->reason)},
                       {"at_ns", component.said->at_ns},
                       {"until_ns", component.said->until_ns}};
    }
    array.push_back(std::move(object));
  }
  return array;
}

}  // namespace okiagari::desk
