#include "journal/peer_greeting.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace okiagari::journal {
namespace {

std::vector<std::byte> bytes_of(const PeerGreeting& greeting) {
  base::ByteWriter writer;
  encode(greeting, writer);
  const base::Bytes bytes = writer.view();
  return {bytes.begin(), bytes.end()};
}

PeerGreeting example(LineKind kind) { return {kind, version_of(kind), 1, 2, 0x0102, 0xABCD, 9}; }

TEST(PeerGreeting, IsReadAsItWasWritten) {
  for (const LineKind kind : {LineKind::link, LineKind::bulk}) {
    EXPECT_EQ(decode_greeting(bytes_of(example(kind))), example(kind));
  }
}

// Servers of versions before greet so, and must be understood.
TEST(PeerGreeting, OfALinkIsLaidOutAsItEverWas) {
  const std::vector<std::byte> bytes = bytes_of(example(LineKind::link));
  ASSERT_EQ(bytes.size(), kGreetingBytes);
  base::ByteReader reader(bytes);
  EXPECT_EQ(base::as_text(reader.bytes(8)), "OKIAPEER");
  EXPECT_EQ(reader.little<std::uint16_t>(), 1U) << "version";
  EXPECT_EQ(reader.little<std::uint16_t>(), 1U) << "from";
  EXPECT_EQ(reader.little<std::uint16_t>(), 2U) << "to";
  EXPECT_EQ(reader.little<std::uint16_t>(), 0U);
  EXPECT_EQ(reader.little<std::uint64_t>(), 0x0102U) << "cluster";
  EXPECT_EQ(reader.little<std::uint64_t>(), 0xABCDU) << "incarnation";
  EXPECT_EQ(reader.little<std::uint64_t>(), 9U) << "number";
  EXPECT_EQ(reader.little<std::uint32_t>(), 0U);
}

TEST(PeerGreeting, WithAnyByteChangedItIsNone) {
  for (const LineKind kind : {LineKind::link, LineKind::bulk}) {
    std::vector<std::byte> bytes = bytes_of(example(kind));
    for (std::size_t at = 0; at < bytes.size(); ++at) {
      bytes[at] ^= std::byte{0x10};
      EXPECT_FALSE(decode_greeting(bytes)) << at;
      bytes[at] ^= std::byte{0x10};
    }
    bytes.pop_back();
    EXPECT_FALSE(decode_greeting(bytes));
  }
}

TEST(PeerGreeting, OfAnotherVersionClusterOrNodeIsRefusedWithItsReason) {
  EXPECT_EQ(refusal_of(example(LineKind::bulk), 0x0102, 2), "");
  EXPECT_NE(refusal_of(example(LineKind::bulk), 0x0103, 2).find("is of cluster"),
            std::string::npos);
  EXPECT_NE(refusal_of(example(LineKind::bulk), 0x0102, 3).find("looks for node 2"),
            std::string::npos);
  PeerGreeting newer = example(LineKind::bulk);
  newer.version = 2;
  EXPECT_NE(refusal_of(newer, 0x0102, 2).find("speaks version 2"), std::string::npos);
  PeerGreeting nobody = example(LineKind::link);
  nobody.from = 0;
  EXPECT_NE(refusal_of(nobody, 0x0102, 2).find("no other node 0"), std::string::npos);
}

}  // namespace
}  // namespace okiagari::journal
