// The description says what there is, and what there is answers as described.
#include <set>

#include "web/builtin_openapi.h"
#include "web/test_site.h"

namespace okiagari::web {
namespace {

boost::json::object document() {
  return boost::json::parse(std::string_view(kOpenApi)).as_object();
}

std::string method_of(const Route& route) {
  std::string name(to_string(route.method));
  for (char& c : name) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return name;
}

std::set<std::string> fields_of(const boost::json::object& operation) {
  std::set<std::string> fields;
  const auto* body = operation.if_contains("requestBody");
  if (body == nullptr) return fields;
  // A body that is no JSON has no fields.
  const auto* json = body->at("content").as_object().if_contains("application/json");
  if (json == nullptr) return fields;
  const auto& schema = json->at("schema").as_object();
  if (const auto* properties = schema.if_contains("properties")) {
    for (const auto& [key, value] : properties->as_object()) fields.emplace(key);
  }
  return fields;
}

TEST(OpenApi, EveryRouteIsDescribedWithItsPowerAndFieldsAndNothingElseIs) {
  const auto described = document();
  const auto& paths = described.at("paths").as_object();
  std::set<std::string> known;
  for (const Route& route : routes()) {
    const std::string name = method_of(route) + " " + std::string(route.path);
    known.insert(name);
    const auto* path = paths.if_contains(route.path);
    ASSERT_NE(path, nullptr) << name;
    const auto* operation = path->as_object().if_contains(method_of(route));
    ASSERT_NE(operation, nullptr) << name;
    EXPECT_EQ(operation->at("x-power").as_string(), to_string(route.power)) << name;
    EXPECT_EQ(operation->as_object().contains("x-needs-one-time-code"), route.steps_up) << name;
    std::set<std::string> fields;
    std::istringstream words{std::string(route.fields)};
    for (std::string word; words >> word;) fields.insert(word);
    EXPECT_EQ(fields_of(operation->as_object()), fields) << name;
  }
  for (const auto& [path, methods] : paths) {
    for (const auto& [method, operation] : methods.as_object()) {
      EXPECT_TRUE(known.contains(std::string(method) + " " + std::string(path)))
          << std::string_view(method) << " " << std::string_view(path);
    }
  }
}

class OpenApiTest : public SiteTest {
 protected:
  void expect_as_described(const std::string& path, const std::string& target,
                           const net::HttpHeaders& headers) {
    const auto response = call(net::HttpMethod::get, target, "", headers);
    ASSERT_EQ(response.status, 200) << target << " " << response.body;
    const auto answer = object(response);
    const auto described = document();
    const auto& schema = described.at("paths")
                             .at(path)
                             .at("get")
                             .at("responses")
                             .at("200")
                             .at("content")
                             .at("application/json")
                             .at("schema")
                             .as_object();
    for (const auto& member : schema.at("required").as_array()) {
      EXPECT_TRUE(answer.contains(member.as_string())) << target << " " << member;
    }
  }
};

TEST_F(OpenApiTest, AnswersHaveTheMembersThatAreDescribed) {
  add_person("chief", {"incident_commander"});
  const auto headers = log_in("chief");
  ASSERT_TRUE(desk_.put("incident.open", {{"title", "gone"}, {"severity", 1}}).ok());
  desk_.put_contacts();
  const std::string one = "/api/desk/incidents/{incident}";
  expect_as_described(one, "/api/desk/incidents/inc-1", headers);
  expect_as_described(one + "/timeline", "/api/desk/incidents/inc-1/timeline", headers);
  for (const std::string path :
       {"/api/desk/me", "/api/desk/picture", "/api/desk/timeline", "/api/desk/incidents",
        "/api/desk/playbook", "/api/desk/halts", "/api/desk/approvals", "/api/desk/notices",
        "/api/desk/clocks", "/api/desk/series", "/api/desk/contacts", "/api/desk/contacts/dry-run",
        "/api/desk/effects", "/api/desk/audit", "/api/openapi.json"}) {
    expect_as_described(path, path, headers);
  }
}

}  // namespace
}  // namespace okiagari::web
