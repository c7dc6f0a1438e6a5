#include "base/json_log.h"

#include <gtest/gtest.h>
#include <spdlog/sinks/ostream_sink.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <boost/json.hpp>
#include <memory>
#include <regex>
#include <sstream>

namespace okiagari::base {
namespace {

class JsonLogTest : public testing::Test {
 protected:
  void SetUp() override {
    before_ = spdlog::default_logger();
    auto logger = std::make_shared<spdlog::logger>(
        "test", std::make_shared<spdlog::sinks::ostream_sink_mt>(text_));
    logger->set_formatter(json_log_formatter("node-1"));
    spdlog::set_default_logger(logger);
  }
  void TearDown() override { spdlog::set_default_logger(before_); }

  std::ostringstream text_;
  std::shared_ptr<spdlog::logger> before_;
};

TEST_F(JsonLogTest, LineIsOneObjectWithItsMembersInOrder) {
  log_warning("deposed", {{"term", 7u}, {"by", -1}, {"open", true}, {"cause", "reset"}},
              "node {} gave up", 2);
  const std::regex expected(
      R"(\{"time":"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z","level":"warning",)"
      R"("component":"node-1","event":"deposed","message":"node 2 gave up",)"
      R"("term":7,"by":-1,"open":true,"cause":"reset"\}\n)");
  EXPECT_TRUE(std::regex_match(text_.str(), expected)) << text_.str();
}

TEST_F(JsonLogTest, WhatAMemberSaysCannotBreakOutOfItsLine) {
  std::string every;
  for (int c = 1; c < 256; ++c) every += static_cast<char>(c);
  log_info("gone", {{"reason", every}}, "\"\n\\{}", every);
  const std::string text = text_.str();
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 1);
  const auto line = boost::json::parse(text).as_object();
  EXPECT_EQ(line.at("event"), "gone");
  EXPECT_TRUE(line.at("message").as_string().starts_with("\"\n\\"));
  EXPECT_TRUE(line.at("reason").as_string().ends_with("\xEF\xBF\xBD"));
}

TEST_F(JsonLogTest, OnlyBytesThatAreNoUtf8AreReplaced) {
  std::string json;
  append_json_string(json, "東京 \xF0\x9F\x8E\x8E \xC0\x80 \xED\xA0\x80 \xE6\x9D");
  EXPECT_EQ(json,
            "\"東京 \xF0\x9F\x8E\x8E \xEF\xBF\xBD\xEF\xBF\xBD \xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD "
            "\xEF\xBF\xBD\xEF\xBF\xBD\"");
}

TEST_F(JsonLogTest, LineOfALibraryIsANote) {
  spdlog::error("as {} as ever", "plain");
  const auto line = boost::json::parse(text_.str()).as_object();
  EXPECT_EQ(line.at("event"), "note");
  EXPECT_EQ(line.at("level"), "error");
  EXPECT_EQ(line.at("message"), "as plain as ever");
}

}  // namespace
}  // namespace okiagari::base
