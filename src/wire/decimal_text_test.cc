#include "wire/decimal_text.h"

#include <gtest/gtest.h>

namespace okiagari::wire {
namespace {

TEST(DecimalText, ZerosBehindThePointAreLeftOutAndReadBack) {
  EXPECT_EQ(decimal_text(873'900, 4), "87.39");
  EXPECT_EQ(decimal_text(7, 4), "0.0007");
  EXPECT_EQ(decimal_text(0, 4), "0");
  EXPECT_EQ(decimal_text(5, 1, true), "-0.5");
  for (const std::uint64_t size : {0ULL, 1ULL, 10'000ULL, 18'446'744'073'709'551'615ULL}) {
    const auto back = parse_decimal(decimal_text(size, 4), 4);
    ASSERT_TRUE(back.has_value());
    EXPECT_EQ(back->size, size);
  }
}

TEST(DecimalText, WhatIsNoSuchNumberIsNotTakenForOne) {
  EXPECT_FALSE(parse_decimal("", 4).has_value());
  EXPECT_FALSE(parse_decimal(".5", 4).has_value());
  EXPECT_FALSE(parse_decimal("1.00001", 4).has_value());
  EXPECT_FALSE(parse_decimal("1e3", 4).has_value());
  EXPECT_FALSE(parse_decimal("18446744073709551616", 0).has_value());
  EXPECT_TRUE(parse_decimal("1.50000", 1).has_value());
}

}  // namespace
}  // namespace okiagari::wire
