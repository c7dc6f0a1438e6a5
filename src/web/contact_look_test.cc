#include "web/contact_look.h"

#include <gmock/gmock.h>

#include "web/test_site.h"

namespace okiagari::web {
namespace {

using net::HttpMethod;

class ContactLookTest : public SiteTest {
 protected:
  ContactLookTest() {
    desk_.put_contacts();
    add_person("chief", {"incident_commander"});
    headers_ = log_in("chief");
  }
  net::HttpHeaders headers_;
};

TEST_F(ContactLookTest, TheTreeIsShownWithoutTheNamesOfSecrets) {
  const auto response = call(HttpMethod::get, "/api/desk/contacts", "", headers_);
  const auto found = object(response);
  EXPECT_EQ(found.at("people").at(0).at("routes").as_array().size(), 2u);
  EXPECT_TRUE(found.at("problems").as_array().empty());
  EXPECT_THAT(response.body, testing::Not(testing::HasSubstr("phones")));
}

TEST_F(ContactLookTest, ADryRunSaysWhoWouldBeCalledWhenAndCallsNobody) {
  const std::string path = "/api/desk/contacts/dry-run?severity=1&at_ns=1800000000000000000";
  const auto found = object(call(HttpMethod::get, path, "", headers_));
  const auto& calls = found.at("calls").as_array();
  ASSERT_GE(calls.size(), 2u);
  EXPECT_EQ(calls[0].at("kind").as_string(), "mail");
  EXPECT_EQ(calls[1].at("kind").as_string(), "webhook");
  EXPECT_EQ(calls[1].at("after_s").to_number<int>(), 60);
  EXPECT_TRUE(desk_.desk_.outbox().all().empty());
  EXPECT_EQ(call(HttpMethod::get, "/api/desk/contacts/dry-run?severity=9", "", headers_).status,
            422);
}

}  // namespace
}  // namespace okiagari::web
