#include "journal/peer_message.h"

#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

namespace okiagari::journal {
namespace {

const Sender kSender{7, 3, 99, true, false, true};

std::vector<std::byte> frame_of(const PeerMessage& message) {
  base::ByteWriter writer;
  encode(kSender, message, writer);
  const base::Bytes bytes = writer.view();
  return {bytes.begin(), bytes.end()};
}

// As somebody would send it who means harm: the checksum is right.
void seal(std::vector<std::byte>& frame) {
  base::store_little(frame.data(), static_cast<std::uint32_t>(frame.size()));
  base::store_little(frame.data() + 4, base::crc32c(base::Bytes(frame).subspan(8)));
}

FrameFault fault_of(const PeerMessage& message) {
  PeerFrame decoded;
  return decode(frame_of(message), decoded);
}

AppendEntries entries() {
  static const std::string payload = "some commands";
  static const std::vector<std::byte> change = encode_configuration(voters_only({1, 2, 3}));
  AppendEntries message;
  message.term = 9;
  message.prev_index = 41;
  message.prev_term = 8;
  message.leader_commit = 40;
  message.prev_chain = base::digest(base::as_bytes("chain"));
  message.entries.push_back({8, EntryType::command, base::as_bytes(payload)});
  message.entries.push_back({9, EntryType::change, change});
  message.entries.push_back({9, EntryType::barrier, {}});
  return message;
}

SnapshotChunk chunk() {
  static const std::vector<std::byte> configuration = encode_configuration(voters_only({1, 2}));
  static const std::string bytes = "a piece";
  SnapshotChunk message;
  message.term = 9;
  message.index = 30;
  message.index_term = 8;
  message.configuration_index = 1;
  message.state_bytes = 1000;
  message.offset = 500;
  message.configuration = configuration;
  message.bytes = base::as_bytes(bytes);
  return message;
}

std::vector<PeerMessage> one_of_each() {
  return {RequestVote{9, 5, 4, true, false},
          RequestVoteResult{9, true, false, 1, 2},
          entries(),
          AppendEntriesResult{9, 4, 3, 1, 2},
          TimeoutNow{9, 5, 4},
          chunk(),
          SnapshotReceived{9, 30, 500},
          SuspectQuery{9, 2, Suspicion::no_progress},
          SuspectAnswer{9, 2, Suspicion::silence, true},
          LossFound{9, 77},
          Introduction{true},
          Removed{41, 0xA4},
          ServerAddress{"peers=127.0.0.1:7001"},
          FormatLevels{4, 4, 3, true}};
}

TEST(PeerMessage, EveryKindComesBackAsItWasSent) {
  ASSERT_EQ(one_of_each().size(), std::variant_size_v<PeerMessage>);
  for (const PeerMessage& message : one_of_each()) {
    const std::vector<std::byte> frame = frame_of(message);
    EXPECT_EQ(frame_length(frame), frame.size());
    PeerFrame decoded;
    ASSERT_EQ(decode(frame, decoded), FrameFault::none) << message.index();
    EXPECT_EQ(decoded.message.index(), message.index());
    EXPECT_EQ(decoded.sender.cluster, 7U);
    EXPECT_EQ(decoded.sender.node, 3U);
    EXPECT_EQ(decoded.sender.storage, 99U);
    EXPECT_TRUE(decoded.sender.is_barred_from_voting);
    EXPECT_FALSE(decoded.sender.is_disk_low);
    EXPECT_EQ(frame_of(decoded.message), frame) << message.index();
  }
}

TEST(PeerMessage, EntriesKeepTermTypeAndPayload) {
  const std::vector<std::byte> frame = frame_of(entries());
  PeerFrame decoded;
  ASSERT_EQ(decode(frame, decoded), FrameFault::none);
  const auto& message = std::get<AppendEntries>(decoded.message);
  ASSERT_EQ(message.entries.size(), 3U);
  EXPECT_EQ(base::as_text(message.entries[0].payload), "some commands");
  EXPECT_EQ(message.entries[1].type, EntryType::change);
  EXPECT_EQ(message.entries[2].term, 9U);
  EXPECT_EQ(message.prev_chain, entries().prev_chain);
}

TEST(PeerMessage, AnythingCutShortIsRefused) {
  for (const PeerMessage& message : one_of_each()) {
    const std::vector<std::byte> whole = frame_of(message);
    for (std::size_t size = 0; size < whole.size(); ++size) {
      std::vector<std::byte> cut(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size));
      PeerFrame decoded;
      EXPECT_NE(decode(cut, decoded), FrameFault::none);
      if (size < sizeof(FrameHeader)) continue;
      seal(cut);
      EXPECT_NE(decode(cut, decoded), FrameFault::none) << message.index() << " at " << size;
    }
  }
}

TEST(PeerMessage, AFlippedBitIsSeen) {
  const std::vector<std::byte> whole = frame_of(entries());
  for (std::size_t bit = 0; bit < whole.size() * 8; ++bit) {
    std::vector<std::byte> flipped = whole;
    flipped[bit / 8] ^= std::byte{1} << (bit % 8);
    PeerFrame decoded;
    EXPECT_NE(decode(flipped, decoded), FrameFault::none) << bit;
  }
}

TEST(PeerMessage, TrailingBytesAreRefused) {
  for (const PeerMessage& message : one_of_each()) {
    std::vector<std::byte> longer = frame_of(message);
    longer.push_back(std::byte{0});
    seal(longer);
    PeerFrame decoded;
    EXPECT_EQ(decode(longer, decoded), FrameFault::malformed) << message.index();
  }
}

// Each of these would make the consensus core stop with a failed assertion.
TEST(PeerMessage, WhatTheCoreWouldStumbleOverIsMalformed) {
  using Spoil = std::function<void(AppendEntries&)>;
  const std::vector<Spoil> spoils = {
      [](AppendEntries& m) { m.term = 0; },
      [](AppendEntries& m) { m.prev_term = 0; },
      [](AppendEntries& m) { m.prev_index = 0; },
      [](AppendEntries& m) { m.prev_index = UINT64_MAX - 1; },
      [](AppendEntries& m) { m.prev_term = 10; },
      [](AppendEntries& m) { m.entries[0].term = 0; },
      [](AppendEntries& m) { m.entries[0].term = 7; },
      [](AppendEntries& m) { m.entries[2].term = 10; },
      [](AppendEntries& m) { m.entries[2].term = 8; },
      [](AppendEntries& m) { m.entries[1].payload = m.entries[1].payload.first(9); },
      [](AppendEntries& m) { m.is_notice = true; },
  };
  for (std::size_t i = 0; i < spoils.size(); ++i) {
    AppendEntries message = entries();
    spoils[i](message);
    EXPECT_EQ(fault_of(message), FrameFault::malformed) << i;
  }
  SnapshotChunk of_nothing = chunk();
  of_nothing.index = 0;
  EXPECT_EQ(fault_of(of_nothing), FrameFault::malformed);
  SnapshotChunk beyond_its_end = chunk();
  beyond_its_end.offset = 999;
  EXPECT_EQ(fault_of(beyond_its_end), FrameFault::malformed);
  EXPECT_EQ(fault_of(RequestVote{3, 9, 4, false, false}), FrameFault::malformed);
  EXPECT_EQ(fault_of(RequestVoteResult{0, true, false, 0, 0}), FrameFault::malformed);
}

TEST(PeerMessage, VersionKindAndLengthHaveTheirOwnFaults) {
  PeerFrame decoded;
  std::vector<std::byte> frame = frame_of(TimeoutNow{9, 5, 4});
  frame[8] = std::byte{2};
  seal(frame);
  EXPECT_EQ(decode(frame, decoded), FrameFault::wrong_version);
  frame = frame_of(TimeoutNow{9, 5, 4});
  frame[10] = std::byte{200};
  seal(frame);
  EXPECT_EQ(decode(frame, decoded), FrameFault::unknown_kind);
  frame = frame_of(TimeoutNow{9, 5, 4});
  base::store_little(frame.data(), std::uint32_t{kFrameBytesMax + 1});
  EXPECT_EQ(frame_length(frame), std::nullopt);
  EXPECT_EQ(decode(frame, decoded), FrameFault::wrong_length);
  EXPECT_EQ(frame_length(base::Bytes(frame).first(3)), 0U);
}

TEST(Configuration, OnlyExactlyWhatIsWrittenIsRead) {
  const Configuration configuration = {{1, ServerRole::voter}, {12, ServerRole::standby}};
  const std::vector<std::byte> bytes = encode_configuration(configuration);
  EXPECT_EQ(decode_configuration(bytes), configuration);
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    std::vector<std::byte> changed = bytes;
    changed[i] ^= std::byte{0x40};
    const auto decoded = decode_configuration(changed);
    EXPECT_NE(decoded, configuration) << i;
    EXPECT_FALSE(decode_configuration(base::Bytes(bytes).first(i)));
  }
  EXPECT_FALSE(decode_configuration(encode_configuration({})));
  EXPECT_FALSE(decode_configuration(encode_configuration(voters_only({1, 1}))));
  EXPECT_FALSE(decode_configuration(encode_configuration(voters_only({0}))));
}

}  // namespace
}  // namespace okiagari::journal
