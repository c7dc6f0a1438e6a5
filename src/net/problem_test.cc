#include "net/problem.h"

#include <gtest/gtest.h>

#include <boost/json.hpp>

namespace okiagari::net {
namespace {

TEST(Problem, DocumentHasTheMembersOfRfc9457AndItsExtensions) {
  const HttpResponse response =
      problem(409, "Version conflict", "somebody else was first", {{"version", 7}});
  EXPECT_EQ(response.status, 409);
  EXPECT_EQ(response.header("content-type"), "application/problem+json");
  const auto document = boost::json::parse(response.body).as_object();
  EXPECT_EQ(document.at("type"), "about:blank");
  EXPECT_EQ(document.at("title"), "Version conflict");
  EXPECT_EQ(document.at("status"), 409);
  EXPECT_EQ(document.at("detail"), "somebody else was first");
  EXPECT_EQ(document.at("version"), 7);
}

TEST(Problem, TypeAmongTheExtensionsIsTheType) {
  const auto document =
      boost::json::parse(problem(403, {}, {}, {{"type", "tag:x"}}).body).as_object();
  EXPECT_EQ(document.at("type"), "tag:x");
  EXPECT_EQ(document.at("title"), "Forbidden");
  EXPECT_FALSE(document.contains("detail"));
}

}  // namespace
}  // namespace okiagari::net
