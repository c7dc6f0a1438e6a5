// Whatever people and receivers do, in any order: nobody is called twice in a step by one route,
// nobody is called once it was acknowledged, and the log alone decides what is done.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <boost/json.hpp>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "desk/desk.h"
#include "desk/paging.h"

namespace okiagari::desk {
namespace {

constexpr TimestampNs kSecond = 1'000'000'000;
constexpr TimestampNs kStart = 1'800'000'000 * kSecond;

struct World {
  Desk desk;
  const Paging* paging = &desk.add(std::make_unique<Paging>());
  std::uint64_t index = 0;
  base::Status apply(const Entry& entry) { return desk.apply(entry, ++index); }
};

std::string any_person() { return *rc::gen::element<std::string>("p0", "p1", "p2", "p3"); }

std::string any_tree() {
  std::string text = "pages_per_hour = " + std::to_string(*rc::gen::inRange(1, 20)) + "\n";
  for (int i = 0; i < 4; ++i) {
    const std::string id = "p" + std::to_string(i);
    text += "[[person]]\nid = \"" + id + "\"\nname = \"N\"\ntime_zone = \"Asia/Tokyo\"\n";
    if (i % 2 == 0) text += "roles = [\"operations\"]\n";
    for (int route = *rc::gen::inRange(0, 3); route > 0; --route) {
      const bool is_mail = *rc::gen::arbitrary<bool>();
      text += is_mail ? "[[person.route]]\nkind = \"mail\"\nto = \"a@b.example\"\n"
                      : "[[person.route]]\nkind = \"pagerduty\"\nsecret = \"s\"\n";
    }
  }
  text += "[[policy]]\nid = \"p\"\nseverity_max = 4\n";
  text += "repeat = " + std::to_string(*rc::gen::inRange(0, 3)) + "\n";
  for (int step = *rc::gen::inRange(1, 4); step > 0; --step) {
    text += "[[policy.step]]\nafter_s = " + std::to_string(*rc::gen::inRange(0, 200)) + "\n";
    text += "second_route_after_s = " + std::to_string(*rc::gen::inRange(0, 100)) + "\n";
    text += *rc::gen::inRange(0, 4) == 0 ? "acknowledge = \"everyone\"\n" : "";
    text += "targets = [\"person:" + any_person() + "\", \"role:operations\"]\n";
  }
  return text;
}

// What the world does next; it may well be refused.
Entry any_entry(const World& world, TimestampNs at_ns) {
  Entry entry;
  entry.by = "person:" + any_person();
  entry.at_ns = at_ns;
  entry.body["incident"] = "inc-1";
  const auto ready = world.desk.outbox().ready(kNever - 1, 1'000);
  const int kind = *rc::gen::inRange(0, 14);
  if (kind < 7 && !ready.empty()) {
    const auto at =
        static_cast<std::size_t>(*rc::gen::inRange<int>(0, static_cast<int>(ready.size())));
    entry.type = *rc::gen::element<std::string>("effect.begun", "effect.done", "effect.done",
                                                "effect.failed", "effect.unknown");
    entry.body = {
        {"key", ready[at]->key}, {"outcome", "said"}, {"permanent", *rc::gen::arbitrary<bool>()}};
    return entry;
  }
  switch (kind) {
    case 7:
      entry.type = "page.acknowledge";
      break;
    case 8:
      entry.type = "page.escalate";
      break;
    case 9:
      entry.type = "page.hand_over";
      entry.body["to"] = any_person();
      break;
    case 10:
      entry.type = "page.snooze";
      entry.body["seconds"] = *rc::gen::inRange(1, 600);
      entry.body["reason"] = "r";
      break;
    case 11:
      entry.type = "effect.taken_over";
      break;
    case 12:
      entry.type = "page.start";
      entry.body["severity"] = *rc::gen::inRange(1, 5);
      break;
    default:
      entry.type = "desk.tick";
  }
  return entry;
}

void check(const World& world) {
  for (const auto& [id, page] : world.paging->pages()) {
    for (const StepRun& run : page.steps) {
      std::set<std::string> called;
      for (const Call& call : run.calls) RC_ASSERT(called.insert(call.person).second);
    }
    // Once it is over, nothing of it waits that still calls somebody.
    if (page.is_live()) continue;
    for (const Effect* effect : world.desk.outbox().ready(kNever - 1, 10'000)) {
      const bool is_call = text_or(effect->what, "action") == "trigger";
      RC_ASSERT(!(is_call && text_or(effect->what, "page") == id));
    }
  }
}

RC_GTEST_PROP(PagingPropertyTest, NobodyIsCalledTwiceByOneWayOrAfterItWasAcknowledged, ()) {
  const auto body = make_contact_body(any_tree(), "any.toml");
  RC_ASSERT(body.ok());
  std::vector<Entry> log = {
      {"contact.tree", "desk", "", kStart, body.value()},
      {"page.start", "desk", "", kStart, {{"incident", "inc-1"}, {"severity", 3}, {"title", "t"}}}};
  World world;
  for (const Entry& entry : log) RC_ASSERT(world.apply(entry).ok());
  TimestampNs now_ns = kStart;
  int refused_at_first = 0;
  for (int step = *rc::gen::inRange(0, 60); step > 0; --step) {
    now_ns += static_cast<TimestampNs>(*rc::gen::inRange(0, 90)) * kSecond;
    log.push_back(any_entry(world, now_ns));
    // A refusal is an answer too.
    refused_at_first += world.apply(log.back()) ? 0 : 1;
    check(world);
  }
  World replayed;
  int refused = 0;
  for (const Entry& entry : log) refused += replayed.apply(entry) ? 0 : 1;
  RC_ASSERT(refused == refused_at_first);
  RC_ASSERT(replayed.desk.timeline().chain() == world.desk.timeline().chain());
}

}  // namespace
}  // namespace okiagari::desk
