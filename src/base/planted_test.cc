#include "base/planted.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <string>
#include <string_view>

namespace okiagari::base {
namespace {

// Passes "a1 a2 b1 a3 b2" through and says what came out.
std::string passed(PlantedDefect defect) {
  std::string out;
  for (const std::string_view message : {"a1", "a2", "b1", "a3", "b2"}) {
    const auto stream = static_cast<std::uint64_t>(message[0]);
    defect.pass(PlantPlace::venue, stream, as_bytes(message), 1, [&](Bytes bytes) {
      out += as_text(bytes);
      out += ' ';
    });
  }
  return out;
}

TEST(Planted, NothingIsPlantedByDefault) { EXPECT_EQ(passed({}), "a1 a2 b1 a3 b2 "); }

TEST(Planted, AnotherPlaceIsLeftAlone) {
  EXPECT_EQ(passed({PlantPlace::feed, PlantKind::drop, 1}), "a1 a2 b1 a3 b2 ");
}

TEST(Planted, OneMessageIsDropped) {
  EXPECT_EQ(passed({PlantPlace::venue, PlantKind::drop, 2}), "a1 b1 a3 b2 ");
}

TEST(Planted, OneMessageIsDoubled) {
  EXPECT_EQ(passed({PlantPlace::venue, PlantKind::twice, 2}), "a1 a2 a2 b1 a3 b2 ");
}

TEST(Planted, OneMessageChangesPlacesWithTheNextOfItsStream) {
  EXPECT_EQ(passed({PlantPlace::venue, PlantKind::swap, 2}), "a1 b1 a3 a2 b2 ");
}

TEST(Planted, OneMessageIsAlteredInOneBit) {
  EXPECT_EQ(passed({PlantPlace::venue, PlantKind::alter, 2}), "a1 a3 b1 a3 b2 ");
}

TEST(Planted, TheEnvironmentSaysWhatAndOnWhichNode) {
  ::setenv("OKIAGARI_PLANT", "journal.drop", 1);
  ::setenv("OKIAGARI_PLANT_SEED", "7", 1);
  ::setenv("OKIAGARI_PLANT_NODE", "2", 1);
  const auto fires_at_node = [](std::uint64_t node) {
    PlantedDefect defect = PlantedDefect::from_environment();
    defect.at_node(node);
    int delivered = 0;
    for (int message = 0; message < 1000; ++message) {
      defect.pass(PlantPlace::journal, 0, as_bytes("x"), 0, [&](Bytes) { ++delivered; });
    }
    return delivered == 999;
  };
  EXPECT_TRUE(fires_at_node(2));
  EXPECT_FALSE(fires_at_node(1));
  ::setenv("OKIAGARI_PLANT", "journal.nonsense", 1);
  EXPECT_FALSE(fires_at_node(2));
  ::unsetenv("OKIAGARI_PLANT");
  EXPECT_FALSE(fires_at_node(2));
  ::unsetenv("OKIAGARI_PLANT_SEED");
  ::unsetenv("OKIAGARI_PLANT_NODE");
}

}  // namespace
}  // namespace okiagari::base
