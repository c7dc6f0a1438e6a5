#include "desk/contact_tree.h"

#include <absl/strings/str_join.h>
#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>
#include <fstream>
#include <set>
#include <sstream>

#include "base/nearest_name.h"
#include "base/settings.h"
#include "desk/entry.h"

namespace okiagari::desk {

namespace {

using base::Settings;
using Presence = base::Settings::Presence;

constexpr std::uint64_t kDayS = 86'400;
const std::vector<std::string> kWeekdays = {"sun", "mon", "tue", "wed", "thu", "fri", "sat"};
const std::vector<std::string> kRouteKinds = {"mail", "webhook", "pagerduty", "alertmanager",
                                              "siren"};

bool is_id(std::string_view text) {
  return !text.empty() && text.size() <= 64 && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
  });
}

bool is_url(std::string_view text) {
  return text.starts_with("https://") || text.starts_with("http://");
}

// An address that can stand in a mail's envelope and head without changing either.
bool is_mail_address(std::string_view text) {
  const std::size_t at = text.find('@');
  return at != std::string_view::npos && at > 0 && at + 1 < text.size() && text.size() <= 254 &&
         text.find('@', at + 1) == std::string_view::npos &&
         std::all_of(text.begin(), text.end(), [](char c) {
           return c > ' ' && c < 0x7f && c != '<' && c != '>' && c != '"' && c != ',' && c != ';';
         });
}

class Reader {
 public:
  Reader(Settings& file, const FindZone& find_zone) : file_(file), find_zone_(find_zone) {}

  ContactTree read() {
    file_.integer("pages_per_hour", tree_.pages_per_hour, 1, 1'000);
    for (Settings& table : tables(file_, "person")) read_person(table);
    if (tree_.people.empty())
      file_.refuse("person", "there is no [[person]]: nobody can be called");
    for (Settings& table : tables(file_, "schedule")) read_schedule(table);
    for (Settings& table : tables(file_, "absence")) read_absence(table);
    for (Settings& table : tables(file_, "policy")) read_policy(table);
    return std::move(tree_);
  }

 private:
  static std::vector<Settings> tables(Settings& from, std::string_view key) {
    return from.tables(key);
  }

  std::string read_id(Settings& table, std::set<std::string>& taken) {
    std::string id;
    if (!table.text("id", id, Presence::required)) return id;
    if (!is_id(id)) table.refuse("id", "'id' has small letters, digits, '_' and '-' only");
    if (!taken.insert(id).second) table.refuse("id", fmt::format("'{}' is there twice", id));
    return id;
  }

  // The zone of that key, or the one given when it is not there.
  TimeZone read_zone(Settings& table, const std::string& otherwise, std::string* name = nullptr) {
    std::string wanted = otherwise;
    table.text("time_zone", wanted, otherwise.empty() ? Presence::required : Presence::optional);
    if (name != nullptr) *name = wanted;
    if (wanted.empty()) return {};
    const auto found = tree_.zones.find(wanted);
    if (found != tree_.zones.end()) return found->second;
    auto zone = find_zone_(wanted);
    if (!zone) {
      table.refuse("time_zone", zone.error().message);
      return {};
    }
    return tree_.zones.emplace(wanted, std::move(zone.value())).first->second;
  }

  void read_person(Settings& table) {
    Person person;
    person.id = read_id(table, person_ids_);
    table.text("name", person.name, Presence::required);
    if (person.name.size() > 200 || std::any_of(person.name.begin(), person.name.end(), [](char c) {
          return static_cast<unsigned char>(c) < ' ';
        })) {
      table.refuse("name", "'name' is one line of at most 200 bytes");
    }
    table.text("language", person.language);
    if (person.language != "ja" && person.language != "en") {
      table.refuse("language", "'language' is \"ja\" or \"en\"");
    }
    read_zone(table, "", &person.time_zone);
    person.roles = table.texts("roles");
    for (const std::string& role : person.roles) {
      const auto& known = contact_roles();
      if (std::find(known.begin(), known.end(), role) == known.end()) {
        table.refuse("roles", fmt::format("there is no role '{}'; roles are {}", role,
                                          absl::StrJoin(known, ", ")));
      }
    }
    for (Settings& route : tables(table, "route")) person.routes.push_back(read_route(route));
    tree_.people.push_back(std::move(person));
  }

  static Route read_route(Settings& table) {
    Route route;
    table.text("kind", route.kind, Presence::required);
    if (std::find(kRouteKinds.begin(), kRouteKinds.end(), route.kind) == kRouteKinds.end()) {
      table.refuse("kind", fmt::format("there is no route '{}'; routes are {}", route.kind,
                                       absl::StrJoin(kRouteKinds, ", ")));
    }
    const bool has_default = route.kind == "pagerduty";
    if (has_default) route.to = "https://events.pagerduty.com/v2/enqueue";
    table.text("to", route.to, has_default ? Presence::optional : Presence::required);
    const bool needs_secret = route.kind == "webhook" || route.kind == "pagerduty";
    if (needs_secret) table.text("secret", route.secret, Presence::required);
    if (route.kind == "mail" && !is_mail_address(route.to)) {
      table.refuse("to", fmt::format("'{}' is no mail address", route.to));
    } else if (route.kind == "siren" && !is_id(route.to)) {
      table.refuse("to", "a siren is the name of a command in the desk's settings");
    } else if (route.kind != "mail" && route.kind != "siren" && !is_url(route.to)) {
      table.refuse("to", fmt::format("'{}' is no URL; it begins with https://", route.to));
    }
    return route;
  }

  // People are named before they are used: what is unknown is a mistake, not somebody to come.
  std::string read_known(Settings& table, std::string_view key) {
    std::string person;
    if (table.text(key, person, Presence::required)) check_person(table, key, person);
    return person;
  }
  void check_person(Settings& table, std::string_view key, const std::string& person) {
    if (!person_ids_.contains(person)) table.refuse(key, unknown("person", person, person_ids_));
  }
  static std::string unknown(std::string_view what, const std::string& name,
                             const std::set<std::string>& known) {
    const std::string meant =
        base::nearest_name(name, std::vector<std::string>(known.begin(), known.end()));
    return fmt::format("there is no {} '{}'{}", what, name,
                       meant.empty() ? "" : fmt::format("; did you mean '{}'?", meant));
  }

  static LocalSeconds read_local(Settings& table, std::string_view key) {
    std::string text;
    if (!table.text(key, text, Presence::required)) return 0;
    const auto local = parse_local(text);
    if (!local) {
      table.refuse(key, fmt::format("'{}' must be a date, or a date and time as in "
                                    "\"2026-11-26T22:30\", from 2000 to 2036",
                                    key));
    }
    return local.value_or(0);
  }
  static std::int64_t read_time(Settings& table, std::string_view key, std::int64_t otherwise) {
    std::string text;
    if (!table.text(key, text)) return otherwise;
    const auto time = parse_time_of_day(text);
    if (!time) table.refuse(key, fmt::format("'{}' must be a time as in \"22:30\"", key));
    return time.value_or(otherwise);
  }
  static Interval read_interval(Settings& table, const TimeZone& zone) {
    const LocalSeconds from = read_local(table, "from");
    const LocalSeconds to = read_local(table, "to");
    if (to <= from) table.refuse("to", "'to' is not behind 'from'");
    return {zone.is_empty() ? from : zone.first_instant(from),
            zone.is_empty() ? to : zone.first_instant(to)};
  }

  void read_schedule(Settings& table) {
    Schedule schedule;
    schedule.id = read_id(table, schedule_ids_);
    std::string zone_name;
    const TimeZone zone = read_zone(table, "", &zone_name);
    for (Settings& layer : tables(table, "layer")) {
      schedule.layers.push_back(read_layer(layer, zone_name));
    }
    if (schedule.layers.empty()) table.refuse("layer", "a schedule needs a [[schedule.layer]]");
    for (Settings& one : tables(table, "override")) {
      schedule.overrides.push_back({read_interval(one, zone), read_known(one, "person")});
    }
    for (Settings& one : tables(table, "swap")) {
      schedule.swaps.push_back(
          {read_interval(one, zone), read_known(one, "one"), read_known(one, "other")});
    }
    tree_.schedules.push_back(std::move(schedule));
  }

  Rotation read_layer(Settings& table, const std::string& zone_name) {
    Rotation layer;
    table.text("id", layer.id);
    layer.zone = read_zone(table, zone_name);
    layer.people = table.texts("people");
    if (layer.people.empty()) table.refuse("people", "'people' is missing: the rotation, in turn");
    for (const std::string& person : layer.people) check_person(table, "people", person);
    layer.first_day = read_local(table, "first_day");
    if (layer.first_day % static_cast<std::int64_t>(kDayS) != 0) {
      table.refuse("first_day", "'first_day' is a day without a time");
    }
    read_turns(table, layer);
    read_window(table, layer);
    return layer;
  }

  static void read_turns(Settings& table, Rotation& layer) {
    std::string every = "day";
    table.text("every", every);
    if (every == "week") {
      layer.days = 7;
    } else if (every == "hours") {
      table.integer("hours", layer.hours, 1, 720, Presence::required);
    } else if (every != "day") {
      table.refuse("every", "'every' is \"day\", \"week\" or \"hours\"");
    }
    const std::vector<std::string> texts = table.texts("hand_over");
    if (texts.empty()) return;
    layer.hand_over.clear();
    for (const std::string& text : texts) {
      const auto time = parse_time_of_day(text);
      if (!time || (!layer.hand_over.empty() && *time <= layer.hand_over.back()) ||
          *time >= static_cast<std::int64_t>(kDayS)) {
        table.refuse("hand_over", "'hand_over' lists times of the day, as \"08:00\", in order");
      }
      layer.hand_over.push_back(time.value_or(0));
    }
    if (every != "day" && layer.hand_over.size() > 1) {
      table.refuse("hand_over", "only a rotation of every \"day\" hands over at several times");
    }
  }

  static void read_window(Settings& table, Rotation& layer) {
    layer.window_from = read_time(table, "from", layer.window_from);
    layer.window_to = read_time(table, "to", layer.window_to);
    if (layer.window_from == layer.window_to) {
      table.refuse("to", "'from' and 'to' are the same time; leave both out for the whole day");
    }
    const std::vector<std::string> names = table.texts("weekdays");
    if (names.empty()) return;
    layer.weekdays = 0;
    for (const std::string& name : names) {
      const auto found = std::find(kWeekdays.begin(), kWeekdays.end(), name);
      if (found == kWeekdays.end()) {
        table.refuse("weekdays", fmt::format("'{}' is no weekday; they are {}", name,
                                             absl::StrJoin(kWeekdays, ", ")));
        return;
      }
      layer.weekdays |= 1u << (found - kWeekdays.begin());
    }
  }

  void read_absence(Settings& table) {
    const std::string id = read_known(table, "person");
    const Person* person = tree_.find_person(id);
    const TimeZone zone = read_zone(table, person == nullptr ? "UTC" : person->time_zone);
    tree_.absences.push_back({read_interval(table, zone), id});
  }

  void read_policy(Settings& table) {
    Policy policy;
    policy.id = read_id(table, policy_ids_);
    table.integer("severity_max", policy.severity_max, 1, 4, Presence::required);
    table.integer("repeat", policy.repeat, 0, 100);
    table.integer("repeat_after_s", policy.repeat_after_s, 10, kDayS);
    for (Settings& step : tables(table, "step")) policy.steps.push_back(read_step(step));
    if (policy.steps.empty()) table.refuse("step", "a policy needs a [[policy.step]]");
    tree_.policies.push_back(std::move(policy));
  }

  PolicyStep read_step(Settings& table) {
    PolicyStep step;
    table.integer("after_s", step.after_s, 0, kDayS, Presence::required);
    step.targets = table.texts("targets");
    if (step.targets.empty()) table.refuse("targets", "'targets' is missing: whom the step calls");
    for (const std::string& target : step.targets) check_target(table, target);
    std::string acknowledge = "anyone";
    table.text("acknowledge", acknowledge);
    step.is_for_everyone = acknowledge == "everyone";
    if (acknowledge != "anyone" && acknowledge != "everyone") {
      table.refuse("acknowledge", "'acknowledge' is \"anyone\" or \"everyone\"");
    }
    table.integer("second_route_after_s", step.second_route_after_s, 0, kDayS);
    table.integer("give_up_s", step.give_up_s, 1, kDayS);
    return step;
  }

  void check_target(Settings& table, const std::string& target) {
    const std::size_t colon = target.find(':');
    const std::string kind = target.substr(0, colon);
    const std::string name = colon == std::string::npos ? "" : target.substr(colon + 1);
    if (kind == "person") {
      check_person(table, "targets", name);
    } else if (kind == "schedule") {
      if (!schedule_ids_.contains(name)) {
        table.refuse("targets", unknown("schedule", name, schedule_ids_));
      }
    } else if (kind == "role") {
      const std::set<std::string> roles(contact_roles().begin(), contact_roles().end());
      if (!roles.contains(name)) table.refuse("targets", unknown("role", name, roles));
    } else {
      table.refuse("targets", fmt::format("'{}' is no target; write \"person:...\", \"role:...\" "
                                          "or \"schedule:...\"",
                                          target));
    }
  }

  Settings& file_;
  const FindZone& find_zone_;
  ContactTree tree_;
  std::set<std::string> person_ids_;
  std::set<std::string> schedule_ids_;
  std::set<std::string> policy_ids_;
};

template <typename Item>
const Item* find_by_id(const std::vector<Item>& items, std::string_view id) {
  const auto found =
      std::find_if(items.begin(), items.end(), [&](const Item& item) { return item.id == id; });
  return found == items.end() ? nullptr : &*found;
}

}  // namespace

const std::vector<std::string>& contact_roles() {
  static const std::vector<std::string> kRoles = {"administrators", "operations", "management",
                                                  "regulators",     "members",    "vendors"};
  return kRoles;
}

const Person* ContactTree::find_person(std::string_view id) const { return find_by_id(people, id); }

const Schedule* ContactTree::find_schedule(std::string_view id) const {
  return find_by_id(schedules, id);
}

const Policy* ContactTree::find_policy(std::string_view id) const {
  return find_by_id(policies, id);
}

const Policy* ContactTree::policy_for(int severity) const {
  const Policy* best = nullptr;
  for (const Policy& policy : policies) {
    if (policy.severity_max < severity) continue;
    if (best == nullptr || policy.severity_max < best->severity_max) best = &policy;
  }
  return best;
}

std::vector<std::string> ContactTree::resolve(const std::vector<std::string>& targets,
                                              std::int64_t at_s) const {
  std::vector<std::string> found;
  const auto add = [&](const std::string& id) {
    if (!id.empty() && std::find(found.begin(), found.end(), id) == found.end()) {
      found.push_back(id);
    }
  };
  for (const std::string& target : targets) {
    const std::string name = target.substr(target.find(':') + 1);
    if (target.starts_with("person:")) {
      add(name);
    } else if (target.starts_with("schedule:")) {
      const Schedule* schedule = find_schedule(name);
      if (schedule != nullptr) add(schedule->on_duty(at_s, absences));
    } else {
      for (const Person& person : people) {
        if (std::find(person.roles.begin(), person.roles.end(), name) != person.roles.end()) {
          add(person.id);
        }
      }
    }
  }
  return found;
}

base::Result<ContactTree> parse_contact_tree(std::string_view text, const std::string& origin,
                                             const FindZone& find_zone) {
  if (text.size() > kContactTextBytesMax) {
    return base::Error{fmt::format("{}: {} bytes; a contact tree has at most {}", origin,
                                   text.size(), kContactTextBytesMax)};
  }
  auto file = Settings::parse(text, origin);
  if (!file) return file.error();
  ContactTree tree = Reader(file.value(), find_zone).read();
  if (base::Status status = file.value().finish(); !status) return status.error();
  return tree;
}

base::Result<ContactTree> load_contact_tree(const std::string& path) {
  std::ifstream file(path);
  if (!file) return base::Error{fmt::format("{}: cannot be read; does the file exist?", path)};
  std::ostringstream text;
  text << file.rdbuf();
  return parse_contact_tree(text.str(), path, TimeZone::of_system);
}

base::Result<boost::json::object> make_contact_body(const std::string& text,
                                                    const std::string& origin) {
  auto tree = parse_contact_tree(text, origin, TimeZone::of_system);
  if (!tree) return tree.error();
  boost::json::object zones;
  for (const auto& [name, zone] : tree.value().zones) zones[name] = zone.to_json();
  return boost::json::object{{"text", text}, {"zones", zones}};
}

base::Result<ContactTree> read_contact_body(const boost::json::object& body) {
  auto text = text_of(body, "text", kContactTextBytesMax);
  if (!text) return text.error();
  const boost::json::value* zones = body.if_contains("zones");
  if (zones == nullptr || !zones->is_object()) return base::Error{"'zones' is missing"};
  return parse_contact_tree(
      text.value(), "contact.tree", [&](const std::string& name) -> base::Result<TimeZone> {
        const boost::json::value* zone = zones->get_object().if_contains(name);
        if (zone == nullptr) return base::Error{fmt::format("the zone '{}' is missing", name)};
        return TimeZone::from_json(*zone);
      });
}

}  // namespace okiagari::desk
