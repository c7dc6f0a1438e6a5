// The contact tree's file: what it says is kept, and what is wrong is told with file, line and key.
#include "desk/contact_tree.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <fstream>
#include <sstream>

#include "test_places.h"

namespace okiagari::desk {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::string shipped_text() {
  std::ifstream file(OKIAGARI_SOURCE_DIR "/config/contacts.toml");
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

std::string error_of(const std::string& text) {
  const auto tree = parse_contact_tree(text, "contacts.toml", TimeZone::of_system);
  return tree.ok() ? "" : tree.error().message;
}

std::string replaced(std::string text, const std::string& what, const std::string& by) {
  const std::size_t at = text.find(what);
  EXPECT_NE(at, std::string::npos) << what;
  return at == std::string::npos ? text : text.replace(at, what.size(), by);
}

TEST(ContactTreeTest, TheOneThatShipsIsReadAndHasSomebodyForEverySeverity) {
  const auto read = load_contact_tree(OKIAGARI_SOURCE_DIR "/config/contacts.toml");
  ASSERT_TRUE(read.ok()) << read.error().message;
  const ContactTree& tree = read.value();
  EXPECT_EQ(tree.policy_for(1)->id, "market_stands");
  EXPECT_EQ(tree.policy_for(2)->id, "market_in_danger");
  EXPECT_EQ(tree.policy_for(3)->id, "market_in_danger");
  EXPECT_EQ(tree.policy_for(4)->id, "to_be_looked_at");
  // Monday, 23 November 2026, noon in Tokyo: an even week of the rotation is hanako's.
  const std::int64_t noon = *parse_local("2026-11-23T03:00");
  EXPECT_THAT(tree.resolve({"schedule:operations"}, noon), ElementsAre("hanako"));
  EXPECT_THAT(tree.resolve({"schedule:operations"}, noon + 12 * 3'600), ElementsAre("emma"));
  EXPECT_THAT(tree.resolve({"schedule:operations"}, *parse_local("2026-12-29T03:00")),
              ElementsAre("taro"));
}

TEST(ContactTreeTest, APersonWhomTwoTargetsNameIsThereOnce) {
  const auto tree = load_contact_tree(OKIAGARI_SOURCE_DIR "/config/contacts.toml");
  ASSERT_TRUE(tree.ok());
  EXPECT_THAT(tree.value().resolve({"person:emma", "role:operations", "role:administrators"}, 0),
              ElementsAre("emma", "hanako", "taro", "control_room"));
}

TEST(ContactTreeTest, ThroughTheLogItIsTheSameWithoutTheSystemsZoneFiles) {
  const auto body = make_contact_body(shipped_text(), "contacts.toml");
  ASSERT_TRUE(body.ok()) << body.error().message;
  const std::string logged = boost::json::serialize(body.value());
  const auto again = read_contact_body(boost::json::parse(logged).get_object());
  ASSERT_TRUE(again.ok()) << again.error().message;
  const auto first = load_contact_tree(OKIAGARI_SOURCE_DIR "/config/contacts.toml");
  const Interval month{*parse_local("2026-12-20"), *parse_local("2027-01-20")};
  EXPECT_EQ(again.value().schedules[0].duties(month, again.value().absences),
            first.value().schedules[0].duties(month, first.value().absences));
  boost::json::object without = boost::json::parse(logged).get_object();
  without["zones"].get_object().erase("Asia/Tokyo");
  EXPECT_FALSE(read_contact_body(without).ok());
}

TEST(ContactTreeTest, WhatIsWrongIsToldWithTheLineAndTheKey) {
  const std::string good = shipped_text();
  EXPECT_EQ(error_of(good), "");
  struct Case {
    std::string what, by, told;
  };
  const std::vector<Case> cases = {
      {"\"Asia/Tokyo\"", "\"Asia/Tokio\"", "'Asia/Tokio' is no time zone"},
      {"languag", "langage", "unknown key 'langagee'; did you mean 'language'?"},
      {"\"role:management\"", "\"role:managment\"",
       "there is no role 'managment'; did you mean 'management'?"},
      {"people = [\"hanako\", \"taro\"]", "people = [\"hanako\", \"tarou\"]",
       "there is no person 'tarou'; did you mean 'taro'?"},
      {"\"schedule:operations\"", "\"schedule:operation\"", "there is no schedule 'operation'"},
      {"to = \"hanako@exchange.example\"", "to = \"hanako@exchange.example\\r\\nBcc: x\"",
       "is no mail address"},
      {"https://phones", "ftp://phones", "is no URL"},
      {"first_day = \"2026-01-05\"", "first_day = \"2026-02-30\"", "'first_day' must be a date"},
      {"hand_over = [\"08:00\"]", "hand_over = [\"08:00\", \"07:00\"]", "in order"},
      {"every = \"week\"", "every = \"wek\"", "'every' is"},
      {"from = \"08:00\"", "from = \"20:00\"", "are the same time"},
      {"to = \"2027-01-04\"", "to = \"2026-12-27\"", "'to' is not behind 'from'"},
      {"id = \"taro\"", "id = \"hanako\"", "'hanako' is there twice"},
      {"id = \"taro\"", "id = \"ta/ro\"", "small letters"},
      {"kind = \"siren\"", "kind = \"sirene\"", "there is no route 'sirene'"},
      {"after_s = 0", "after_s = -1", "'after_s' must be a whole number"},
      {"second_route_after_s = 60", "acknowledge = \"all\"", "'acknowledge' is"},
      {"severity_max = 1", "severity_max = 5", "'severity_max' must be"},
  };
  for (const Case& one : cases) {
    const std::string told = error_of(replaced(good, one.what, one.by));
    EXPECT_THAT(told, HasSubstr(one.told));
    EXPECT_THAT(told, testing::MatchesRegex("contacts\\.toml:[0-9]+: .*")) << one.by;
  }
  EXPECT_THAT(error_of("pages_per_hour = 3\n"), HasSubstr("nobody can be called"));
  EXPECT_THAT(error_of(std::string(kContactTextBytesMax + 1, '#')), HasSubstr("at most"));
}

}  // namespace
}  // namespace okiagari::desk
