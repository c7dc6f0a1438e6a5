#include "base/bytes.h"

#include <gtest/gtest.h>

namespace okiagari::base {
namespace {

TEST(ByteReader, NeverReadsPastTheEndAndStaysBad) {
  ByteWriter writer;
  writer.little<std::uint32_t>(0x01020304);
  ByteReader reader(writer.view());
  EXPECT_EQ(reader.big<std::uint16_t>(), 0x0403);
  EXPECT_EQ(reader.little<std::uint64_t>(), 0u);
  EXPECT_FALSE(reader.ok());
  EXPECT_EQ(reader.little<std::uint8_t>(), 0u) << "what is left is not read after a failure";
  EXPECT_FALSE(reader.at_end());
  EXPECT_TRUE(reader.bytes(1).empty());
}

TEST(ByteWriter, WritesWhatTheReaderReads) {
  ByteWriter writer;
  writer.big<std::uint64_t>(0x1122334455667788);
  writer.little<std::int32_t>(-5);
  writer.bytes(as_bytes("xyz"));
  ByteReader reader(writer.view());
  EXPECT_EQ(reader.big<std::uint64_t>(), 0x1122334455667788u);
  EXPECT_EQ(reader.little<std::int32_t>(), -5);
  EXPECT_EQ(as_text(reader.bytes(3)), "xyz");
  EXPECT_TRUE(reader.at_end());
}

}  // namespace
}  // namespace okiagari::base
