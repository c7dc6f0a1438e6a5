// A desk of the parts that a test gives it, and what tests do to it: entries at a time of their
// own, evidence that is seen, one person to be called by mail, and a count of what the timeline
// says.
#pragma once

#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <string>
#include <string_view>
#include <utility>

#include "desk/desk.h"
#include "desk/paging.h"
#include "desk/playbook.h"
#include "test_places.h"
#include "watch/evidence.h"

namespace okiagari::desk {

class TestDesk : public ::testing::Test {
 protected:
  static constexpr const char* kOnePerson = R"(
[[person]]
id = "aiko"
name = "Aiko"
time_zone = "Asia/Tokyo"
route = [{kind = "mail", to = "aiko@x.example"}]
[[policy]]
id = "all"
severity_max = 4
repeat = 0
repeat_after_s = 300
[[policy.step]]
after_s = 0
targets = ["person:aiko"]
)";

  explicit TestDesk(TimestampNs now_ns) : now_(now_ns) {}

  // As the repository has it.
  static Playbook playbook() {
    auto loaded = load_playbook(OKIAGARI_SOURCE_DIR "/config/playbook.toml");
    EXPECT_TRUE(loaded.ok());
    return loaded.value();
  }
  // When every part is there.
  void take_person() { apply("contact.tree", make_contact_body(kOnePerson, "people").value()); }
  base::Status try_apply(const std::string& type, boost::json::object body,
                         const std::string& by = "desk") {
    Entry entry;
    entry.type = type;
    entry.by = by;
    entry.at_ns = now_;
    entry.body = std::move(body);
    return desk_.apply(entry, ++index_);
  }
  void apply(const std::string& type, boost::json::object body, const std::string& by = "desk") {
    const base::Status status = try_apply(type, std::move(body), by);
    EXPECT_TRUE(status.ok()) << type << ": " << status.error().message;
  }
  void pass(TimestampNs ns) {
    now_ += ns;
    apply("desk.tick", {});
  }
  void see(const std::string& signal, const std::string& entity,
           watch::EvidenceKind kind = watch::EvidenceKind::event) {
    watch::Evidence evidence;
    evidence.kind = kind;
    evidence.signal = signal;
    evidence.entity = entity;
    see(std::move(evidence));
  }
  // Seen now, under a number of its own.
  void see(watch::Evidence evidence) {
    evidence.id = "e/" + std::to_string(++evidence_);
    evidence.from_ns = now_;
    apply("evidence.seen", {{"items", {watch::to_json(evidence)}}}, "watch");
  }
  [[nodiscard]] int count(std::string_view kind) const {
    int found = 0;
    for (const TimelineItem& item : desk_.timeline().items()) found += item.kind == kind ? 1 : 0;
    return found;
  }

  Desk desk_;
  TimestampNs now_ = 0;

 private:
  std::uint64_t index_ = 0;
  int evidence_ = 0;
};

}  // namespace okiagari::desk
