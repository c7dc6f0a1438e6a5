#include "journal/peer_message.h"

#include <algorithm>
#include <cstddef>

namespace okiagari::journal {
namespace {

constexpr std::uint8_t kFlagBarred = 1;
constexpr std::uint8_t kFlagDiskLow = 2;
constexpr std::uint8_t kFlagJoins = 4;
constexpr std::uint8_t kFlags = kFlagBarred | kFlagDiskLow | kFlagJoins;
constexpr std::size_t kChecksummedFrom = offsetof(FrameHeader, version);
constexpr std::size_t kEntryHeaderBytes = 16;
constexpr std::size_t kConfigurationBytesMax = 4096;

void put(base::ByteWriter& into, bool value) { into.little(static_cast<std::uint8_t>(value)); }

// Anything but 0 and 1 is no flag.
bool take_flag(base::ByteReader& from, bool& into) {
  const auto value = from.little<std::uint8_t>();
  into = value == 1;
  return value <= 1;
}

void put(base::ByteWriter& into, const RequestVote& message) {
  into.little(message.term);
  into.little(message.last_index);
  into.little(message.last_term);
  put(into, message.disrupts_leader);
  put(into, message.is_pre_vote);
}

bool take(base::ByteReader& from, RequestVote& message) {
  message.term = from.little<Term>();
  message.last_index = from.little<Index>();
  message.last_term = from.little<Term>();
  const bool flags =
      take_flag(from, message.disrupts_leader) && take_flag(from, message.is_pre_vote);
  return flags && message.term > 0 && message.last_term <= message.term;
}

void put(base::ByteWriter& into, const RequestVoteResult& message) {
  into.little(message.term);
  put(into, message.is_granted);
  put(into, message.is_pre_vote);
  into.little(message.features);
  into.little(message.capacity);
}

bool take(base::ByteReader& from, RequestVoteResult& message) {
  message.term = from.little<Term>();
  const bool flags = take_flag(from, message.is_granted) && take_flag(from, message.is_pre_vote);
  message.features = from.little<std::uint16_t>();
  message.capacity = from.little<std::uint16_t>();
  return flags && message.term > 0;
}

void put(base::ByteWriter& into, const AppendEntries& message) {
  std::size_t payload_bytes = 0;
  for (const SentEntry& entry : message.entries) payload_bytes += entry.payload.size();
  into.reserve(into.size() + 128 + message.entries.size() * kEntryHeaderBytes + payload_bytes);
  into.little(message.term);
  into.little(message.prev_index);
  into.little(message.prev_term);
  into.little(message.leader_commit);
  into.object(message.prev_chain);
  into.little(static_cast<std::uint32_t>(message.entries.size()));
  put(into, message.is_notice);
  for (const SentEntry& entry : message.entries) {
    into.little(entry.term);
    into.little(static_cast<std::uint32_t>(entry.payload.size()));
    into.little(static_cast<std::uint32_t>(entry.type));
  }
  for (const SentEntry& entry : message.entries) into.bytes(entry.payload);
}

bool take_entries(base::ByteReader& from, std::uint32_t count, AppendEntries& message) {
  Term last_term = message.prev_term;
  std::vector<std::uint32_t> sizes(count);
  message.entries.resize(count);
  for (std::uint32_t i = 0; i < count; ++i) {
    SentEntry& entry = message.entries[i];
    entry.term = from.little<Term>();
    sizes[i] = from.little<std::uint32_t>();
    const auto type = from.little<std::uint32_t>();
    if (type < 1 || type > static_cast<std::uint32_t>(EntryType::change)) return false;
    entry.type = static_cast<EntryType>(type);
    // Terms never fall along a log, and its entries are of the leader's term at most.
    if (entry.term == 0 || entry.term < last_term || entry.term > message.term) return false;
    last_term = entry.term;
  }
  for (std::uint32_t i = 0; i < count; ++i) {
    SentEntry& entry = message.entries[i];
    if (sizes[i] > kBatchBytesMax) return false;
    entry.payload = from.bytes(sizes[i]);
    if (!from.ok()) return false;
    if (entry.type == EntryType::change && !decode_configuration(entry.payload)) return false;
  }
  return true;
}

bool take(base::ByteReader& from, AppendEntries& message) {
  message.term = from.little<Term>();
  message.prev_index = from.little<Index>();
  message.prev_term = from.little<Term>();
  message.leader_commit = from.little<Index>();
  const bool chain = from.object(message.prev_chain);
  const auto count = from.little<std::uint32_t>();
  if (!take_flag(from, message.is_notice) || !chain || !from.ok()) return false;
  if (message.term == 0 || message.prev_term > message.term) return false;
  if ((message.prev_index == 0) != (message.prev_term == 0)) return false;
  if (message.prev_index > UINT64_MAX / 2) return false;
  if (count > kEntriesInFrameMax || count > from.remaining() / kEntryHeaderBytes) return false;
  if (message.is_notice && count > 0) return false;
  return take_entries(from, count, message);
}

void put(base::ByteWriter& into, const AppendEntriesResult& message) {
  into.little(message.term);
  into.little(message.rejected);
  into.little(message.last_index);
  into.little(message.features);
  into.little(message.capacity);
}

bool take(base::ByteReader& from, AppendEntriesResult& message) {
  message.term = from.little<Term>();
  message.rejected = from.little<Index>();
  message.last_index = from.little<Index>();
  message.features = from.little<std::uint16_t>();
  message.capacity = from.little<std::uint16_t>();
  return message.term > 0;
}

void put(base::ByteWriter& into, const TimeoutNow& message) {
  into.little(message.term);
  into.little(message.last_index);
  into.little(message.last_term);
}

bool take(base::ByteReader& from, TimeoutNow& message) {
  message.term = from.little<Term>();
  message.last_index = from.little<Index>();
  message.last_term = from.little<Term>();
  return message.term > 0 && message.last_term <= message.term;
}

void put(base::ByteWriter& into, const SnapshotChunk& message) {
  into.little(message.term);
  into.little(message.index);
  into.little(message.index_term);
  into.object(message.chain);
  into.little(message.configuration_index);
  into.little(message.state_bytes);
  into.object(message.content);
  into.little(message.offset);
  into.little(static_cast<std::uint32_t>(message.configuration.size()));
  into.little(static_cast<std::uint32_t>(message.bytes.size()));
  into.bytes(message.configuration);
  into.bytes(message.bytes);
}

bool take(base::ByteReader& from, SnapshotChunk& message) {
  message.term = from.little<Term>();
  message.index = from.little<Index>();
  message.index_term = from.little<Term>();
  const bool chain = from.object(message.chain);
  message.configuration_index = from.little<Index>();
  message.state_bytes = from.little<std::uint64_t>();
  const bool content = from.object(message.content);
  message.offset = from.little<std::uint64_t>();
  const auto configuration_bytes = from.little<std::uint32_t>();
  const auto chunk_bytes = from.little<std::uint32_t>();
  if (!chain || !content || !from.ok()) return false;
  if (configuration_bytes > kConfigurationBytesMax || chunk_bytes > kSnapshotChunkBytes) {
    return false;
  }
  message.configuration = from.bytes(configuration_bytes);
  message.bytes = from.bytes(chunk_bytes);
  if (!from.ok() || !decode_configuration(message.configuration)) return false;
  if (message.index == 0 || message.index > UINT64_MAX / 2) return false;
  if (message.index_term == 0 || message.index_term > message.term) return false;
  if (message.configuration_index == 0 || message.configuration_index > message.index) return false;
  return message.offset <= message.state_bytes &&
         chunk_bytes <= message.state_bytes - message.offset;
}

void put(base::ByteWriter& into, const SnapshotReceived& message) {
  into.little(message.term);
  into.little(message.index);
  into.little(message.offset);
  put(into, message.is_damaged);
}

bool take(base::ByteReader& from, SnapshotReceived& message) {
  message.term = from.little<Term>();
  message.index = from.little<Index>();
  message.offset = from.little<std::uint64_t>();
  return take_flag(from, message.is_damaged) && message.term > 0;
}

bool take_suspicion(base::ByteReader& from, Suspicion& into) {
  const auto value = from.little<std::uint8_t>();
  into = static_cast<Suspicion>(value);
  return into == Suspicion::silence || into == Suspicion::no_progress;
}

void put(base::ByteWriter& into, const SuspectQuery& message) {
  into.little(message.term);
  into.little(message.leader);
  into.little(static_cast<std::uint8_t>(message.suspicion));
}

bool take(base::ByteReader& from, SuspectQuery& message) {
  message.term = from.little<Term>();
  message.leader = from.little<NodeId>();
  return take_suspicion(from, message.suspicion);
}

void put(base::ByteWriter& into, const SuspectAnswer& message) {
  into.little(message.term);
  into.little(message.leader);
  into.little(static_cast<std::uint8_t>(message.suspicion));
  put(into, message.agrees);
}

bool take(base::ByteReader& from, SuspectAnswer& message) {
  message.term = from.little<Term>();
  message.leader = from.little<NodeId>();
  return take_suspicion(from, message.suspicion) && take_flag(from, message.agrees);
}

void put(base::ByteWriter& into, const LossFound& message) {
  into.little(message.term);
  into.little(message.acknowledged);
}

bool take(base::ByteReader& from, LossFound& message) {
  message.term = from.little<Term>();
  message.acknowledged = from.little<Index>();
  return true;
}

void put(base::ByteWriter& into, const Introduction& message) { put(into, message.is_answer); }

bool take(base::ByteReader& from, Introduction& message) {
  return take_flag(from, message.is_answer);
}

void put(base::ByteWriter& into, const Removed& message) {
  into.little(message.configuration_index);
  into.little(message.storage);
}

bool take(base::ByteReader& from, Removed& message) {
  message.configuration_index = from.little<Index>();
  message.storage = from.little<StorageId>();
  return message.configuration_index > 0 && message.storage != 0;
}

void put(base::ByteWriter& into, const ServerAddress& message) {
  into.little(static_cast<std::uint32_t>(message.address.size()));
  into.bytes(base::as_bytes(message.address));
}

bool take(base::ByteReader& from, ServerAddress& message) {
  const auto size = from.little<std::uint32_t>();
  if (size == 0 || size > kServerAddressBytesMax) return false;
  message.address = base::as_text(from.bytes(size));
  return std::all_of(message.address.begin(), message.address.end(),
                     [](char c) { return c >= ' ' && c <= '~'; });
}

void put(base::ByteWriter& into, const FormatLevels& message) {
  into.little(message.commands);
  into.little(message.snapshots);
  into.little(message.in_force);
  put(into, message.keeps_snapshot_back);
}

bool take(base::ByteReader& from, FormatLevels& message) {
  message.commands = from.little<std::uint16_t>();
  message.snapshots = from.little<std::uint16_t>();
  message.in_force = from.little<std::uint16_t>();
  return take_flag(from, message.keeps_snapshot_back) && message.commands > 0;
}

// Decodes the alternative of that place, if there is one.
template <std::size_t Place = 0>
FrameFault take_alternative(std::size_t place, base::ByteReader& from, PeerMessage& into) {
  if constexpr (Place < std::variant_size_v<PeerMessage>) {
    if (place != Place) return take_alternative<Place + 1>(place, from, into);
    const bool sound = take(from, into.emplace<Place>());
    return sound && from.at_end() ? FrameFault::none : FrameFault::malformed;
  } else {
    return FrameFault::unknown_kind;
  }
}

}  // namespace

void encode(const Sender& sender, const PeerMessage& message, base::ByteWriter& into) {
  into.clear();
  FrameHeader header;
  header.kind = static_cast<std::uint8_t>(message.index() + 1);
  header.flags = static_cast<std::uint8_t>((sender.is_barred_from_voting ? kFlagBarred : 0) |
                                           (sender.is_disk_low ? kFlagDiskLow : 0) |
                                           (sender.joined_later ? kFlagJoins : 0));
  header.node = sender.node;
  header.cluster = sender.cluster;
  header.storage = sender.storage;
  into.object(header);
  std::visit([&into](const auto& alternative) { put(into, alternative); }, message);
  ASSERT(into.size() <= kFrameBytesMax, "a frame of {} bytes, kind {}", into.size(), header.kind);
  base::store_little(into.data() + offsetof(FrameHeader, frame_bytes),
                     static_cast<std::uint32_t>(into.size()));
  base::store_little(into.data() + offsetof(FrameHeader, crc),
                     base::crc32c(into.view().subspan(kChecksummedFrom)));
}

std::string_view name_of(FrameFault fault) {
  switch (fault) {
    case FrameFault::none:
      return "none";
    case FrameFault::too_short:
      return "too short";
    case FrameFault::wrong_length:
      return "wrong length";
    case FrameFault::wrong_checksum:
      return "wrong checksum";
    case FrameFault::wrong_version:
      return "wrong version";
    case FrameFault::unknown_kind:
      return "unknown kind";
    case FrameFault::malformed:
      return "malformed";
  }
  return "?";
}

FrameFault decode(base::Bytes frame, PeerFrame& into) {
  base::ByteReader reader(frame);
  FrameHeader header;
  if (!reader.object(header)) return FrameFault::too_short;
  if (header.frame_bytes != frame.size() || frame.size() > kFrameBytesMax) {
    return FrameFault::wrong_length;
  }
  if (header.crc != base::crc32c(frame.subspan(kChecksummedFrom))) {
    return FrameFault::wrong_checksum;
  }
  if (header.version != kPeerVersion) return FrameFault::wrong_version;
  if (header.node == 0 || header.reserved != 0 || (header.flags & ~kFlags) != 0) {
    return FrameFault::malformed;
  }
  into.sender = {header.cluster,
                 header.node,
                 header.storage,
                 (header.flags & kFlagBarred) != 0,
                 (header.flags & kFlagDiskLow) != 0,
                 (header.flags & kFlagJoins) != 0};
  if (header.kind == 0) return FrameFault::unknown_kind;
  return take_alternative(header.kind - 1U, reader, into.message);
}

std::optional<std::size_t> frame_length(base::Bytes bytes) {
  if (bytes.size() < sizeof(std::uint32_t)) return 0;
  const auto length = base::load_little<std::uint32_t>(bytes.data());
  if (length < sizeof(FrameHeader) || length > kFrameBytesMax) return {};
  return length;
}

bool is_snapshot_chunk(base::Bytes bytes) {
  static const std::size_t kind = PeerMessage(SnapshotChunk{}).index() + 1;
  return std::to_integer<std::size_t>(bytes[offsetof(FrameHeader, kind)]) == kind;
}

}  // namespace okiagari::journal
