// Goal: what the console can do, the command line can. Method: the table of acts against the table
// of routes and the description of the API, both ways; a route that serves a person and has no
// command fails here, and so does a field of it that no option fills.
#include "cli/desk_acts.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <boost/json.hpp>
#include <iterator>
#include <set>
#include <sstream>

#include "cli/command_line.h"
#include "cli/commands.h"
#include "cli/desk_act_commands.h"
#include "web/builtin_openapi.h"
#include "web/routes.h"

namespace okiagari::cli {
namespace {

using ::testing::HasSubstr;

std::string name_of(net::HttpMethod method, std::string_view path) {
  return std::string(net::to_string(method)) + " " + std::string(path);
}

std::set<std::string> fields_of(const web::Route& route) {
  std::set<std::string> fields;
  std::istringstream words{std::string(route.fields)};
  for (std::string word; words >> word;) fields.insert(word);
  return fields;
}

const web::Route* route_of(const DeskAct& act) {
  for (const web::Route& route : web::routes()) {
    if (route.method == act.method && route.path == act.path) return &route;
  }
  return nullptr;
}

bool is_nobodys(std::string_view path) {
  const auto nobodys = routes_of_nobody();
  return std::any_of(nobodys.begin(), nobodys.end(),
                     [&](const RouteOfNobody& one) { return one.path == path; });
}

// What of the routes has no command.
std::vector<std::string> holes(std::span<const web::Route> routes, std::span<const DeskAct> acts) {
  std::vector<std::string> found;
  for (const web::Route& route : routes) {
    const bool has_command = std::any_of(acts.begin(), acts.end(), [&](const DeskAct& act) {
      return act.method == route.method && act.path == route.path;
    });
    if (!has_command && !is_nobodys(route.path)) {
      found.push_back(name_of(route.method, route.path));
    }
  }
  return found;
}

TEST(DeskActs, EveryActOfTheApiThatIsAPersonsHasACommand) {
  EXPECT_THAT(holes(web::routes(), desk_acts()), ::testing::IsEmpty());
}

TEST(DeskActs, AnActWithoutACommandIsFound) {
  const auto acts = desk_acts();
  EXPECT_EQ(holes(web::routes(), acts.subspan(1)).size(), 1u);
  web::Route fresh;
  fresh.method = net::HttpMethod::post;
  fresh.path = "/api/desk/new";
  EXPECT_THAT(holes(std::span<const web::Route>(&fresh, 1), acts),
              ::testing::ElementsAre("POST /api/desk/new"));
}

TEST(DeskActs, EveryCommandHasItsRouteWithExactlyItsFields) {
  for (const DeskAct& act : desk_acts()) {
    const web::Route* route = route_of(act);
    ASSERT_NE(route, nullptr) << act.command;
    std::set<std::string> fields;
    for (const ActField& field : act.fields) fields.emplace(field.name);
    EXPECT_EQ(fields, fields_of(*route)) << act.command;
  }
  for (const RouteOfNobody& one : routes_of_nobody()) {
    EXPECT_TRUE(std::any_of(web::routes().begin(), web::routes().end(),
                            [&](const web::Route& route) { return route.path == one.path; }))
        << one.path;
  }
}

// As openapi.json calls what an option makes.
bool is_of_type(FieldForm form, const boost::json::object& schema) {
  const auto* type = schema.if_contains("type");
  const std::string name = type == nullptr ? "Words" : std::string(type->as_string());
  switch (form) {
    case FieldForm::text:
      return name == "string";
    case FieldForm::number:
    case FieldForm::time:
      return name == "integer";
    case FieldForm::flag:
      return name == "boolean";
    case FieldForm::list:
      return name == "array";
    case FieldForm::range:
      return name == "object";
    case FieldForm::words:
      return name == "Words";
  }
  return false;
}

TEST(DeskActs, OptionsMakeWhatTheDescriptionOfTheApiAsksFor) {
  const auto description = boost::json::parse(std::string_view(web::kOpenApi)).as_object();
  for (const DeskAct& act : desk_acts()) {
    if (act.fields.empty()) continue;
    const auto& properties = description.at("paths")
                                 .at(act.path)
                                 .at("post")
                                 .at("requestBody")
                                 .at("content")
                                 .at("application/json")
                                 .at("schema")
                                 .at("properties")
                                 .as_object();
    for (const ActField& field : act.fields) {
      EXPECT_TRUE(is_of_type(field.form, properties.at(field.name).as_object()))
          << act.command << " " << field.name;
    }
  }
}

// Every command of the table is there when the program is put together, also those by hand.
TEST(DeskActs, EveryCommandOfTheTableIsThere) {
  const CommandLine line("okiagari", "", "");
  const Command app = line.program();
  const Exit exit = std::make_shared<int>(0);
  add_desk_command(app, exit);
  add_incident_command(app, exit);
  add_audit_command(app, exit);
  add_contact_command(app, exit);
  add_notice_command(app, exit);
  add_halt_command(app, exit);
  add_contact_acts(app, exit);
  add_approval_command(app, exit);
  add_account_command(app, exit);
  add_desk_act_commands(app, exit);
  for (const DeskAct& act : desk_acts()) {
    std::istringstream words{std::string(act.command)};
    Command at = app;
    for (std::string word; words >> word;) {
      if (word.starts_with("--")) {
        EXPECT_THAT(at.long_options(), ::testing::Contains(word)) << act.command;
        continue;
      }
      const auto command = at.find(word);
      ASSERT_TRUE(command) << act.command;
      at = *command;
    }
  }
}

std::vector<std::string> words_of(const std::string& line) {
  std::istringstream words{line};
  return {std::istream_iterator<std::string>(words), {}};
}

TEST(ActFields, OptionsBecomeTheBodyOfTheRequest) {
  constexpr auto kFields = std::to_array<ActField>({
      {"title", FieldForm::words, "", true, true},
      {"severity", FieldForm::number, "", false, false},
      {"components", FieldForm::list, "", false, false},
      {"can_trade", FieldForm::flag, "", false, false},
      {"until_ns", FieldForm::time, "", false, false},
      {"expected", FieldForm::range, "", false, false},
  });
  CommandLine line("act", "", "");
  ActFields fields;
  fields.add_to(line.program(), kFields);
  const auto misread = line.read(
      words_of("--title-ja 停止 --title-en halt --severity 2 --components a,b --can-trade no "
               "--until 2026-11-26T22:30 --expected-from 2026-11-26T22:30 --expected-basis drill"));
  ASSERT_FALSE(misread) << misread->message;
  const auto body = fields.body(kFields);
  ASSERT_TRUE(body.ok()) << body.error().message;
  EXPECT_EQ(boost::json::serialize(body.value()),
            R"({"title":{"en":"halt","ja":"停止"},"severity":2,"components":["a","b"],)"
            R"("can_trade":false,"until_ns":1795732200000000000,)"
            R"("expected":{"from_ns":1795732200000000000,"basis":"drill"}})");
}

TEST(ActFields, WhatIsNoNumberTimeOrAnswerIsNamed) {
  constexpr auto kFields = std::to_array<ActField>({
      {"severity", FieldForm::number, "", false, false},
      {"from_ns", FieldForm::time, "", false, false},
      {"can_trade", FieldForm::flag, "", false, false},
      {"title", FieldForm::words, "", true, false},
  });
  for (const auto& [line, named] : std::vector<std::pair<std::string, std::string>>{
           {"--severity bad --title x", "--severity"},
           {"--from yesterday --title x", "--from"},
           {"--can-trade perhaps --title x", "--can-trade"},
           {"--severity 1", "title"},
           {"--title @/none/of/it", "/none/of/it"}}) {
    CommandLine command("act", "", "");
    ActFields fields;
    fields.add_to(command.program(), kFields);
    ASSERT_FALSE(command.read(words_of(line))) << line;
    const auto body = fields.body(kFields);
    ASSERT_FALSE(body.ok()) << line;
    EXPECT_THAT(body.error().message, HasSubstr(named));
  }
}

TEST(ActPaths, WhatStandsInAPathCannotLeadElsewhere) {
  const std::string_view notice = "/api/desk/notices/{incident}/{notice}/approve";
  EXPECT_EQ(filled_path(notice, {{"notice", "inc-1/n2"}}).value(),
            "/api/desk/notices/inc-1/n2/approve");
  const std::string_view incident = "/api/desk/incidents/{incident}/notes";
  EXPECT_EQ(filled_path(incident, {{"incident", "inc-1"}}).value(),
            "/api/desk/incidents/inc-1/notes");
  for (const char* bad : {"", "inc-1/merge", "a b", "x?y", "%2e%2e"}) {
    EXPECT_FALSE(filled_path(incident, {{"incident", bad}}).ok()) << bad;
  }
  EXPECT_FALSE(filled_path(notice, {{"notice", "inc-1"}}).ok());
}

TEST(ActTimes, AreUtcOrAheadOfNow) {
  constexpr TimestampNs kNow = 1'800'000'000ULL * 1'000'000'000;
  EXPECT_EQ(parse_time("+90m", kNow).value(), kNow + 5'400ULL * 1'000'000'000);
  EXPECT_EQ(parse_time("+2d", kNow).value(), kNow + 172'800ULL * 1'000'000'000);
  EXPECT_EQ(parse_time("2026-11-26T22:30", kNow).value(), 1'795'732'200ULL * 1'000'000'000);
  for (const char* bad : {"", "+", "+m", "+-5m", "+5y", "+99999999999d", "now"}) {
    EXPECT_FALSE(parse_time(bad, kNow).ok()) << bad;
  }
}

}  // namespace
}  // namespace okiagari::cli
