// What replicas say to each other, and its bytes on a link. A frame is one message: a header with
// length, CRC-32C, version, and who speaks (cluster, node, storage), then the message. All integers
// are little endian. decode() takes nothing that the consensus core could stumble over: terms and
// indexes are in order, lengths add up, enumerators exist.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <variant>
#include <vector>

#include "base/bytes.h"
#include "base/hash.h"
#include "base/types.h"
#include "journal/configuration.h"
#include "journal/format_levels.h"
#include "journal/identity.h"
#include "journal/log.h"

namespace okiagari::journal {

// Who sent a frame, in each frame: so a storage that is not the one its peers know is refused
// whatever carries the frames.
struct Sender {
  ClusterId cluster = 0;
  NodeId node = 0;
  StorageId storage = 0;
  bool is_barred_from_voting = false;
  bool is_disk_low = false;
  bool joined_later = false;  // formatted for a cluster that ran already
};

struct RequestVote {
  Term term = 0;
  Index last_index = 0;
  Term last_term = 0;
  bool disrupts_leader = false;
  bool is_pre_vote = false;
};

struct RequestVoteResult {
  Term term = 0;
  bool is_granted = false;
  bool is_pre_vote = false;
  std::uint16_t features = 0;
  std::uint16_t capacity = 0;
};

struct SentEntry {
  Term term = 0;
  EntryType type = EntryType::command;
  base::Bytes payload;  // borrowed: from the log when sent, from the frame when received
};

struct AppendEntries {
  Term term = 0;
  Index prev_index = 0;
  Term prev_term = 0;
  Index leader_commit = 0;
  base::Digest prev_chain{};  // of the leader's log, through prev_index
  // Only tells a commit index: no answer is wanted.
  bool is_notice = false;
  std::vector<SentEntry> entries;
};

struct AppendEntriesResult {
  Term term = 0;
  Index rejected = 0;  // 0: accepted
  Index last_index = 0;
  std::uint16_t features = 0;
  std::uint16_t capacity = 0;
};

struct TimeoutNow {
  Term term = 0;
  Index last_index = 0;
  Term last_term = 0;
};

// A piece of a snapshot; what it is a snapshot of is in each, so that any may be the first that is
// seen.
struct SnapshotChunk {
  Term term = 0;  // of the leader
  Index index = 0;
  Term index_term = 0;
  base::Digest chain{};
  Index configuration_index = 0;
  std::uint64_t state_bytes = 0;
  base::Digest content{};  // of configuration and state
  std::uint64_t offset = 0;
  base::Bytes configuration;
  base::Bytes bytes;
};

// How far the receiver of chunks has come; the sender goes on from there.
struct SnapshotReceived {
  Term term = 0;
  Index index = 0;
  std::uint64_t offset = 0;
  bool is_damaged = false;  // all of it came, and it is not what its digest says
};

enum class Suspicion : std::uint8_t { silence = 1, no_progress = 2 };

// "I suspect the leader of this term: do you?"
struct SuspectQuery {
  Term term = 0;
  NodeId leader = 0;
  Suspicion suspicion = Suspicion::silence;
};

struct SuspectAnswer {
  Term term = 0;
  NodeId leader = 0;
  Suspicion suspicion = Suspicion::silence;
  bool agrees = false;
};

// The leader to a follower whose log is shorter than what it acknowledged in this very term.
struct LossFound {
  Term term = 0;
  Index acknowledged = 0;
};

// Says nothing but who speaks. Sent to peers whose storage is not known yet, so that all know each
// other's before one of them may lose it.
struct Introduction {
  bool is_answer = false;
};

// "This storage is no server of the cluster any more": by the configuration of that index.
struct Removed {
  Index configuration_index = 0;
  StorageId storage = 0;
};

// Where the server that speaks listens, in its owner's words. A server that was away while others
// came can so find them.
struct ServerAddress {
  std::string_view address;  // borrowed, as payloads are
};

using PeerMessage =
    std::variant<RequestVote, RequestVoteResult, AppendEntries, AppendEntriesResult, TimeoutNow,
                 SnapshotChunk, SnapshotReceived, SuspectQuery, SuspectAnswer, LossFound,
                 Introduction, Removed, ServerAddress, FormatLevels>;

inline constexpr std::uint16_t kPeerVersion = 1;
// The largest batch that submit() takes, and so the largest payload of an entry.
inline constexpr std::size_t kBatchBytesMax = 1U << 20;
// What the sender splits messages to; one entry may be more.
inline constexpr std::size_t kAppendBytesTarget = 512U << 10;
inline constexpr std::size_t kEntriesInFrameMax = 1024;
inline constexpr std::size_t kSnapshotChunkBytes = 256U << 10;
inline constexpr std::size_t kFrameBytesMax = 2U << 20;

// In front of every frame.
struct FrameHeader {
  std::uint32_t frame_bytes = 0;  // with this header
  std::uint32_t crc = 0;          // CRC-32C of all behind it
  std::uint16_t version = kPeerVersion;
  std::uint8_t kind = 0;   // place in PeerMessage, from 1
  std::uint8_t flags = 0;  // 1: barred from voting; 2: disk low; 4: joined later
  NodeId node = 0;
  std::uint16_t reserved = 0;
  ClusterId cluster = 0;
  StorageId storage = 0;
};
static_assert(sizeof(FrameHeader) == 32);

// Replaces what is in `into` by one frame.
void encode(const Sender& sender, const PeerMessage& message, base::ByteWriter& into);

enum class FrameFault : std::uint8_t {
  none,
  too_short,
  wrong_length,
  wrong_checksum,
  wrong_version,
  unknown_kind,
  malformed,
};
[[nodiscard]] std::string_view name_of(FrameFault fault);

struct PeerFrame {
  Sender sender;
  PeerMessage message;  // borrows payloads from the bytes decoded
};
// `frame` is one whole frame and nothing else.
[[nodiscard]] FrameFault decode(base::Bytes frame, PeerFrame& into);

// Of the frame that `bytes` begin with: its length, or 0 while that cannot be told yet; nothing
// when it is none.
[[nodiscard]] std::optional<std::size_t> frame_length(base::Bytes bytes);
// Whether a frame that begins with these bytes, a whole FrameHeader at least, says that it is a
// piece of a snapshot.
[[nodiscard]] bool is_snapshot_chunk(base::Bytes bytes);

}  // namespace okiagari::journal
