// The check finds what is wrong on purpose, and finds nothing grave in the tree that ships.
#include "desk/contact_check.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <fstream>
#include <sstream>

#include "test_places.h"

namespace okiagari::desk {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;

constexpr TimestampNs kSecond = 1'000'000'000;

std::string shipped_text() {
  std::ifstream file(OKIAGARI_SOURCE_DIR "/config/contacts.toml");
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

std::vector<std::string> problems_of(const std::string& text, bool grave_only = false) {
  const auto tree = parse_contact_tree(text, "test.toml", TimeZone::of_system);
  EXPECT_TRUE(tree.ok()) << (tree.ok() ? "" : tree.error().message);
  std::vector<std::string> found;
  for (const ContactProblem& problem :
       check_contacts(tree.value(), *parse_local("2026-11-26"), 30)) {
    if (problem.is_grave || !grave_only) found.push_back(problem.what.en);
    EXPECT_NE(problem.what.ja, "");
  }
  return found;
}

std::string without(std::string text, const std::string& what) {
  const std::size_t at = text.find(what);
  EXPECT_NE(at, std::string::npos) << what;
  return at == std::string::npos ? text : text.erase(at, what.size());
}

TEST(ContactCheckTest, NothingGraveIsFoundInTheTreeThatShips) {
  EXPECT_THAT(problems_of(shipped_text(), true), testing::IsEmpty());
}

TEST(ContactCheckTest, WhatIsWrongOnPurposeIsFound) {
  const std::string good = shipped_text();
  // Without London below, nobody has the nights.
  const std::size_t night = good.find("[[schedule.layer]]\nid = \"night\"");
  const std::size_t day = good.find("[[schedule.layer]]\nid = \"day\"");
  ASSERT_LT(night, day);
  const auto gaps = problems_of(good.substr(0, night) + good.substr(day));
  EXPECT_THAT(gaps, Contains(HasSubstr("nobody is on duty from 2026-11-26 11:00 to 2026-11-26 "
                                       "23:00 UTC")));
  EXPECT_THAT(gaps, Contains(HasSubstr("further gaps")));

  EXPECT_THAT(problems_of(without(good,
                                  "[[person.route]]\nkind = \"webhook\"\nto = "
                                  "\"https://phones.exchange.example/call/hanako\"\n"
                                  "secret = \"phones\"\n")),
              Contains("person 'hanako' has no second route"));
  EXPECT_THAT(problems_of(without(good, "roles = [\"vendors\"]\n")),
              Contains("policy 'market_stands', step 3: 'role:vendors' is nobody"));
  EXPECT_THAT(problems_of(without(good, "roles = [\"vendors\"]\n")),
              Contains("person 'carrier' is in no policy"));
  EXPECT_THAT(problems_of(good + "\n[[absence]]\nperson = \"taro\"\nfrom = \"2026-12-29\"\n"
                                 "to = \"2026-12-30\"\n"),
              Contains(HasSubstr("'taro' is put on duty from 2026-12-28 23:00 UTC and is absent")));
  const std::size_t last_policy = good.rfind("[[policy]]");
  EXPECT_THAT(problems_of(good.substr(0, last_policy)),
              Contains("severity 4: no policy, nobody is called"));
}

TEST(ContactCheckTest, ADryRunSaysWhoIsCalledWhenAndEachRouteInItsTurn) {
  const auto body = make_contact_body(shipped_text(), "contacts.toml");
  ASSERT_TRUE(body.ok());
  const TimestampNs noon = static_cast<TimestampNs>(*parse_local("2026-11-23T03:00")) * kSecond;
  const auto run = dry_run(body.value(), 3, noon);
  ASSERT_TRUE(run.ok()) << run.error().message;
  std::vector<std::string> lines;
  for (const DryCall& call : run.value()) {
    lines.push_back(fmt::format("{} {} {} {}", (call.at_ns - noon) / kSecond, call.step,
                                call.person, call.route.kind));
  }
  ASSERT_GE(lines.size(), 12u);
  EXPECT_THAT(std::vector<std::string>(lines.begin(), lines.begin() + 12),
              testing::ElementsAre(
                  "0 1 hanako mail", "120 1 hanako webhook", "300 2 hanako mail", "300 2 taro mail",
                  "300 2 emma pagerduty", "300 2 control_room siren", "420 2 hanako webhook",
                  "420 2 taro webhook", "420 2 emma mail", "420 2 control_room alertmanager",
                  "900 3 kenji mail", "1500 4 hanako mail"));
  const auto none = dry_run(make_contact_body("[[person]]\nid = \"a\"\nname = \"A\"\n"
                                              "time_zone = \"UTC\"\n",
                                              "x")
                                .value(),
                            1, noon);
  ASSERT_FALSE(none.ok());
  EXPECT_THAT(none.error().message, HasSubstr("no policy"));
}

}  // namespace
}  // namespace okiagari::desk
