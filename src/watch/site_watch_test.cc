#include "watch/site_watch.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "watch/signal.h"
#include "watch/told.h"

namespace okiagari::watch {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(SiteWatch, ASiteIsLostWhenAllThatStandsThereIsGoneForLongerThanARestartTakes) {
  SiteSettings tokyo;
  tokyo.name = "tokyo";
  tokyo.servers = {"node-1", "gateway-1"};
  SiteSettings alone;
  alone.name = "alone";
  alone.servers = {"node-3"};
  Told told;
  Reporter reporter("test", told.sink());
  SiteWatch sites({tokyo, alone}, reporter);
  std::set<std::string, std::less<>> down = {"node-1", "node-3"};
  const auto look = [&](std::uint64_t ms) {
    sites.tick([&](std::string_view server) { return down.contains(server); }, at(ms));
  };
  look(1'000);
  look(9'000);
  EXPECT_THAT(told.all, IsEmpty()) << "a gateway is left; and one server shows nothing of its site";
  down.insert("gateway-1");
  look(10'000);
  look(10'400);
  down.clear();
  look(10'500);
  down = {"node-1", "gateway-1"};
  look(11'000);
  look(11'900);
  EXPECT_THAT(told.all, IsEmpty()) << "restarted in between";
  look(12'100);
  look(13'000);
  ASSERT_THAT(told.signals(), ElementsAre(signal::site_lost));
  EXPECT_EQ(told.all[0].entity, "site tokyo");
}

}  // namespace
}  // namespace okiagari::watch
