// The example that ships is one that a desk takes, and what is wrong is named.
#include "deployment/desk_settings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "test_places.h"

namespace okiagari::deployment {
namespace {

using ::testing::HasSubstr;

constexpr const char* kLeast = R"(
cluster = 1
desk = 1
market = "m"
playbook = "p"
secrets = "s"
[[server]]
desk = 1
peers = "127.0.0.1:1"
http = "127.0.0.1:2"
)";

TEST(DeskSettings, TheExampleIsTaken) {
  const auto read = load_desk_settings(OKIAGARI_SOURCE_DIR "/config/desk.toml");
  ASSERT_TRUE(read.ok()) << read.error().message;
  ASSERT_EQ(read.value().components.size(), 1u);
  EXPECT_EQ(read.value().components[0].of, "segment 2");
  EXPECT_EQ(read.value().updates.every_s, 900u);
}

TEST(DeskSettings, NoClockIsLongerThanWhatTheProductPromises) {
  for (const char* updates :
       {"[updates]\nevery_s = 901\n", "[updates]\nevery_s = 60\nwarn_after_s = 55\n",
        "[updates]\nlimit_s = 600\n"}) {
    EXPECT_FALSE(parse_desk_settings(std::string(kLeast) + updates, "desk.toml").ok()) << updates;
  }
  EXPECT_TRUE(parse_desk_settings(kLeast, "desk.toml").ok());
}

TEST(DeskSettings, AComponentIsMeasuredOfASegmentOrAnInstrument) {
  const auto read = parse_desk_settings(
      std::string(kLeast) +
          "[[component]]\nid = \"x\"\nof = \"moon\"\nname_en = \"x\"\nname_ja = \"x\"\n",
      "desk.toml");
  ASSERT_FALSE(read.ok());
  EXPECT_THAT(read.error().message, HasSubstr("segment 2"));
}

}  // namespace
}  // namespace okiagari::deployment
