// The state of a node in a snapshot, version 1: this head, the venue's part, the history's part.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "base/bytes.h"

namespace okiagari::node {

struct [[gnu::packed]] StateHead {
  std::array<char, 8> magic = {'O', 'K', 'I', 'A', 'N', 'O', 'D', 'E'};
  std::uint32_t version = 1;
  std::uint32_t format_level = 0;  // in force; 0 in one from before there were levels
  std::uint64_t venue_bytes = 0;
  std::uint64_t history_bytes = 0;
};
static_assert(sizeof(StateHead) == 32);

struct StoredState {
  base::Bytes venue;
  base::Bytes history;
  std::uint32_t format_level = 0;
};

// The parts of a snapshot's bytes, which they borrow; nothing when it is of another version or cut
// off.
[[nodiscard]] inline std::optional<StoredState> split_stored_state(base::Bytes snapshot) {
  base::ByteReader reader(snapshot);
  StateHead head;
  const bool is_ours = reader.object(head) && head.magic == StateHead().magic;
  if (!is_ours || head.version != StateHead().version || head.venue_bytes > reader.remaining() ||
      head.history_bytes != reader.remaining() - head.venue_bytes) {
    return std::nullopt;
  }
  StoredState parts;
  parts.venue = reader.bytes(head.venue_bytes);
  parts.history = reader.bytes(head.history_bytes);
  parts.format_level = head.format_level;
  return parts;
}

}  // namespace okiagari::node
