// The pages around a fault are still there when somebody asks for them, and no others.
#include "cli/metric_pages.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "desk/desk.h"

namespace okiagari::cli {
namespace {

constexpr TimestampNs kSecondNs = 1'000'000'000;
constexpr TimestampNs kStartNs = 1'800'000'000ULL * kSecondNs;

class MetricPagesTest : public testing::Test {
 protected:
  void take(std::int64_t at_s) {
    pages_.take({kStartNs + static_cast<TimestampNs>(at_s) * kSecondNs, "node-1",
                 std::make_shared<const std::string>(std::to_string(at_s))});
  }
  void open(std::int64_t at_s) {
    desk::Entry entry;
    entry.type = "incident.open";
    entry.by = "person:hanako";
    entry.at_ns = kStartNs + static_cast<TimestampNs>(at_s) * kSecondNs;
    entry.body = {{"title", "gone"}, {"severity", 1}};
    ASSERT_TRUE(desk_.apply(entry, ++index_).ok());
    pages_.keep(incidents_);
  }
  [[nodiscard]] std::vector<std::string> texts(const std::string& incident) const {
    std::vector<std::string> found;
    for (const MetricPage& page : pages_.of(incident)) found.push_back(*page.text);
    return found;
  }

  desk::Desk desk_;
  desk::Incidents& incidents_ =
      desk_.add(std::make_unique<desk::Incidents>(std::vector<desk::Trigger>{}));
  std::uint64_t index_ = 0;
  MetricPages pages_;
};

TEST_F(MetricPagesTest, ThoseOfTheTimeAroundTheFaultAreKeptAlsoWhenManyMoreHaveCome) {
  for (const std::int64_t at_s : {0, 490, 595}) take(at_s);
  open(600);
  for (const std::int64_t at_s : {605, 890, 905}) take(at_s);
  for (std::size_t more = 0; more < 2 * MetricPages::kPagesMax; ++more) take(2'000);
  EXPECT_THAT(texts("inc-1"), testing::ElementsAre("490", "595", "605", "890"));
}

TEST_F(MetricPagesTest, TheOldestIncidentGivesItsPlaceToANewOne) {
  for (std::size_t number = 0; number <= MetricPages::kIncidentsMax; ++number) {
    take(10);
    open(10);
  }
  EXPECT_TRUE(texts("inc-1").empty());
  EXPECT_FALSE(texts("inc-2").empty());
  EXPECT_FALSE(texts("inc-17").empty());
}

}  // namespace
}  // namespace okiagari::cli
