#include "wire/link.h"

#include <gtest/gtest.h>

#include <vector>

namespace okiagari::wire {
namespace {

template <typename T>
T event(std::uint64_t number) {
  T e{};
  e.header.size_bytes = sizeof(T);
  e.header.type = T::kType;
  e.header.version = venue::kEventVersion;
  e.header.event_number = number;
  return e;
}

TEST(Link, FrameIsIncompleteUntilItsLastByte) {
  base::ByteWriter writer;
  append_link_frame(writer, LinkFrameType::hello, Hello{.cluster = 3, .gateway = 2});
  LinkFrame frame;
  for (std::size_t size = 0; size < writer.size(); ++size) {
    EXPECT_EQ(decode_link(writer.view().first(size), frame), LinkFault::incomplete);
  }
  ASSERT_EQ(decode_link(writer.view(), frame), LinkFault::none);
  EXPECT_EQ(frame.type, LinkFrameType::hello);
  EXPECT_EQ(fixed_part<Hello>(frame).gateway, 2);
  EXPECT_EQ(frame.size_bytes, writer.size());
}

TEST(Link, HeadersThatCannotBeAreRefusedBeforeTheirBodyIsWaitedFor) {
  const auto fault = [](std::uint32_t size, LinkFrameType type, std::uint8_t version) {
    const LinkFrameHeader header{size, type, version, 0};
    LinkFrame frame;
    return decode_link(base::object_bytes(header), frame);
  };
  EXPECT_EQ(fault(7, LinkFrameType::submit, kLinkVersion), LinkFault::size_too_small);
  EXPECT_EQ(fault(kMaxLinkFrameBytes + 1, LinkFrameType::submit, kLinkVersion),
            LinkFault::size_too_large);
  EXPECT_EQ(fault(kMaxLinkFrameBytes, LinkFrameType::submit, kLinkVersion), LinkFault::incomplete);
  EXPECT_EQ(fault(8, LinkFrameType::submit, kLinkVersion + 1), LinkFault::unknown_version);
  EXPECT_EQ(fault(8, static_cast<LinkFrameType>(200), kLinkVersion), LinkFault::unknown_type);
  EXPECT_EQ(fault(8, LinkFrameType::events, kLinkVersion), LinkFault::wrong_body_size);
  EXPECT_EQ(fault(100, LinkFrameType::hello, kLinkVersion), LinkFault::wrong_body_size);
}

TEST(Link, EventsAreWalkedWholeAndInOrder) {
  base::ByteWriter writer;
  writer.object(event<venue::OrderAccepted>(1));
  writer.object(event<venue::StreamMark>(2));
  EventReader reader(writer.view());
  const auto* first = reader.next();
  ASSERT_NE(first, nullptr);
  EXPECT_EQ(+first->event_number, 1U);
  const auto* second = reader.next();
  ASSERT_NE(second, nullptr);
  EXPECT_EQ(+second->event_number, 2U);
  EXPECT_EQ(reader.next(), nullptr);
  EXPECT_TRUE(reader.ok());
}

TEST(Link, EventThatIsCutOffOrOfAnotherSizeStopsTheWalk) {
  base::ByteWriter writer;
  writer.object(event<venue::OrderAccepted>(1));
  for (std::size_t size = 1; size < writer.size(); ++size) {
    EventReader reader(writer.view().first(size));
    EXPECT_EQ(reader.next(), nullptr) << size;
    EXPECT_FALSE(reader.ok()) << size;
  }
  auto wrong = event<venue::OrderAccepted>(1);
  wrong.header.size_bytes = sizeof(venue::EventHeader);
  EventReader reader(base::object_bytes(wrong));
  EXPECT_EQ(reader.next(), nullptr);
  EXPECT_FALSE(reader.ok());
}

TEST(Link, CommandOfSizeZeroDoesNotHoldTheWalkForEver) {
  const std::vector<std::byte> zeros(64);
  CommandReader reader(zeros);
  EXPECT_EQ(reader.next(), nullptr);
  EXPECT_FALSE(reader.ok());
}

}  // namespace
}  // namespace okiagari::wire
