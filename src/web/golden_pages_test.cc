// What readers and other programs see does not change by accident: the pages, the JSON, the feed
// and the calendar of one desk, as they were when somebody last looked at them.
// OKIAGARI_WRITE_GOLDEN=1 writes them anew; look at them then.
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <sstream>

#include "test_places.h"
#include "web/feeds.h"
#include "web/public_market.h"
#include "web/status_page.h"
#include "web/statuspage_json.h"

namespace okiagari::web {
namespace {

std::string golden(const std::string& name, const std::string& now) {
  const std::string path = std::string(OKIAGARI_SOURCE_DIR) + "/src/web/golden/" + name;
  if (std::getenv("OKIAGARI_WRITE_GOLDEN") != nullptr) {
    std::ofstream(path, std::ios::binary) << now;
  }
  std::ostringstream text;
  text << std::ifstream(path, std::ios::binary).rdbuf();
  return text.str();
}

class GoldenPagesTest : public ::testing::Test {
 protected:
  GoldenPagesTest() {
    market_.measure("entry-1", "operational");
    market_.measure("matching", "major_outage");
    market_.apply("component.set",
                  {{"component", "feed"},
                   {"state", "degraded_performance"},
                   {"reason", {{"en", "gaps are being filled"}, {"ja", "欠落を補完中"}}},
                   {"until_ns", PublicMarket::kStart + 3'600 * PublicMarket::kSecond}},
                  "person:hanako");
    market_.tell("inc-1", "first", 1);
    market_.now_ns += 600 * PublicMarket::kSecond;
    market_.tell("inc-1", "recovered", 1);
    market_.apply("maintenance.plan",
                  {{"title", {{"en", "New disks"}, {"ja", "ディスク交換"}}},
                   {"text", {{"en", "Redundancy is less."}, {"ja", "冗長性が下がります。"}}},
                   {"components", {"matching"}},
                   {"from_ns", PublicMarket::kStart + 7'200 * PublicMarket::kSecond},
                   {"until_ns", PublicMarket::kStart + 10'800 * PublicMarket::kSecond}},
                  "person:hanako");
    PublicSettings settings;
    settings.url = "https://status.example";
    settings.contact = {"+81-3-0000-0000", "03-0000-0000"};
    view_ = public_view(market_.desk(), settings, market_.now_ns);
  }
  PublicMarket market_{OKIAGARI_SOURCE_DIR "/config/notices.toml"};
  PublicView view_;
};

TEST_F(GoldenPagesTest, ThePagesAreWhatTheyWere) {
  const std::string ja = status_page(view_, {Language::ja, {}});
  EXPECT_EQ(ja, golden("status_ja.html", ja));
  const std::string en = incident_page(view_, view_.incidents.at(0), {Language::en, {true}});
  EXPECT_EQ(en, golden("incident_en.html", en));
}

TEST_F(GoldenPagesTest, WhatProgramsReadIsWhatItWas) {
  const std::string summary = *statuspage_json(view_, "summary.json") + "\n";
  EXPECT_EQ(summary, golden("summary.json", summary));
  const std::string atom = atom_feed(view_);
  EXPECT_EQ(atom, golden("history.atom", atom));
  const std::string calendar = maintenance_calendar(view_);
  EXPECT_EQ(calendar, golden("maintenance.ics", calendar));
}

}  // namespace
}  // namespace okiagari::web
