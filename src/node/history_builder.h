// Turns the events of the venue into the chunks of the history. A pure function of the events: what
// it makes is the same on every replica. Holds the open chunk of each stream and where the closed
// ones are; files are the business of history_files.h.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "base/bytes.h"
#include "base/hash.h"
#include "base/result.h"
#include "node/event_coding.h"
#include "node/history_chunk.h"
#include "venue/event.h"

namespace okiagari::node {

// Takes the closed chunks, in the order of their positions.
class ChunkSink {
 public:
  virtual ~ChunkSink() = default;
  virtual void take_chunk(std::uint64_t position, base::Bytes header, base::Bytes payload) = 0;
};

struct [[gnu::packed]] ChunkPlace {
  std::uint64_t first_number = 0;
  std::uint64_t position = 0;
  std::uint32_t size_bytes = 0;  // header and events
  std::uint32_t reserved = 0;
};
static_assert(sizeof(ChunkPlace) == 24);

class HistoryBuilder {
 public:
  explicit HistoryBuilder(ChunkSink& sink) : sink_(sink) {}

  // The next event of a session (session_number) or of the feed (feed_number).
  void append(StreamId stream, std::uint64_t number, const venue::EventHeader& event);

  // The number that the stream's next event will have.
  [[nodiscard]] std::uint64_t next_number(StreamId stream) const;
  // The closed chunk that holds that event; null when it is in the open one, or not there.
  [[nodiscard]] const ChunkPlace* find(StreamId stream, std::uint64_t number) const;
  // The coded events of the open chunk, and the number of the first.
  struct OpenChunk {
    std::uint64_t first_number = 1;
    std::uint32_t count = 0;
    base::Bytes payload;
  };
  [[nodiscard]] OpenChunk open_chunk(StreamId stream) const;

  [[nodiscard]] std::uint64_t end_position() const { return end_position_; }
  [[nodiscard]] const base::Digest& chain() const { return chain_; }
  // The chunk that ends at end_position(); null when there is none yet.
  [[nodiscard]] const ChunkPlace* last_chunk() const;
  // All closed chunks in the order of their positions.
  [[nodiscard]] std::vector<ChunkPlace> all_chunks() const;

  // Everything above, for a snapshot: equal histories give equal bytes.
  void write_state(base::ByteWriter& into) const;
  // On an error the builder is as before.
  [[nodiscard]] base::Status load_state(base::ByteReader& from);
  void clear();

 private:
  struct Stream {
    std::uint64_t next_number = 1;
    std::uint32_t open_count = 0;
    std::uint32_t open_bytes = 0;
    std::vector<std::byte> open;  // grows to the chunk's size and stays there
    std::unique_ptr<EventCoding> coding;
    std::vector<ChunkPlace> closed;
  };

  Stream& stream(StreamId id);
  void grow(Stream& stream);
  void close_chunk(StreamId id, Stream& stream);
  static bool load_stream(base::ByteReader& from, std::uint64_t end_position, StreamId& id,
                          Stream& into);

  ChunkSink& sink_;
  std::vector<std::unique_ptr<Stream>> streams_;
  std::uint64_t end_position_ = 0;
  base::Digest chain_{};
  ChunkPlace last_chunk_{};
};

}  // namespace okiagari::node
