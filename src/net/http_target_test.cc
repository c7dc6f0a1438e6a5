#include "net/http_target.h"

#include <gtest/gtest.h>

namespace okiagari::net {
namespace {

TEST(HttpTarget, PathAndQueryAreDecoded) {
  const auto target = parse_target("/a%2Fb/%E6%9D%B1+c?x=1+2&%79=%26&empty&&z=a=b");
  ASSERT_TRUE(target.ok()) << target.error().message;
  EXPECT_EQ(target.value().path, "/a/b/東+c");
  EXPECT_EQ(target.value().query,
            (HttpParameters{{"x", "1 2"}, {"y", "&"}, {"empty", ""}, {"z", "a=b"}}));
}

TEST(HttpTarget, WhatTwoReadersCouldTakeDifferentlyIsRefused) {
  for (const std::string_view text :
       {"", "a", "*", "http://here/", "/%", "/%4", "/%4g", "/%00", "/%0a", "/a\x01", "/..", "/a/.",
        "/%2e%2e/b", "/a/%2e", "/?a=1&a=1", "/?%00", "/?a=%f", "/#a", "/?a\n"}) {
    EXPECT_FALSE(parse_target(text).ok()) << text;
  }
}

TEST(HttpTarget, BoundsHold) {
  EXPECT_TRUE(parse_target("/" + std::string(kTargetBytesMax - 1, 'x')).ok());
  EXPECT_FALSE(parse_target("/" + std::string(kTargetBytesMax, 'x')).ok());
  std::string many = "/?";
  for (std::size_t i = 0; i < kParametersMax; ++i) many += "p" + std::to_string(i) + "&";
  EXPECT_TRUE(parse_target(many).ok());
  EXPECT_FALSE(parse_target(many + "q").ok());
}

TEST(HttpTarget, FormKeepsTheLineEndsOfItsTexts) {
  const auto form = parse_parameters("text=a%0D%0Ab&name=x+y");
  ASSERT_TRUE(form.ok());
  EXPECT_EQ(form.value().at("text"), "a\r\nb");
  EXPECT_EQ(form.value().at("name"), "x y");
}

TEST(HttpTarget, EncodedTextIsReadBack) {
  std::string all;
  for (int c = 32; c < 256; ++c) {
    if (c != 127) all.push_back(static_cast<char>(c));
  }
  const auto read = parse_parameters("v=" + percent_encode(all));
  ASSERT_TRUE(read.ok()) << read.error().message;
  EXPECT_EQ(read.value().at("v"), all);
}

}  // namespace
}  // namespace okiagari::net
