// What each session and the feed were sent, from the first message on: a store derived from the
// log, so that the state machine needs to hold counters only. It can be thrown away and made again
// by replaying the log; a snapshot says where it stood, and on restart it is cut back to that.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "feed/feed_history.h"
#include "node/history_builder.h"
#include "node/history_files.h"

namespace okiagari::node {

// Where it lies in the data folder of a node.
[[nodiscard]] inline std::string history_folder(const std::string& data_folder) {
  return data_folder + "/history";
}

class History final : public feed::FeedHistory {
 public:
  // Starts empty: what lies in the folder counts only after load_state().
  static base::Result<std::unique_ptr<History>> open(const std::string& folder);

  // The next event that a session or the feed is sent.
  void append(const venue::EventHeader& event) {
    if (event.session_number != 0) builder_.append(event.session, event.session_number, event);
    if (event.feed_number != 0) builder_.append(kFeedStream, event.feed_number, event);
  }

  // Appends whole events of a stream with contiguous numbers from `first` on, of one chunk. Nothing
  // when `first` is not there.
  void read(StreamId stream, std::uint64_t first, base::ByteWriter& into);
  void read_feed(std::uint64_t first, base::ByteWriter& into) override {
    read(kFeedStream, first, into);
  }
  [[nodiscard]] std::uint64_t next_number(StreamId stream) const {
    return builder_.next_number(stream);
  }
  [[nodiscard]] std::uint64_t end_position() const { return builder_.end_position(); }
  [[nodiscard]] const base::Digest& chain() const { return builder_.chain(); }

  // For a snapshot: makes durable what the state will count on, then writes the state. May run in a
  // forked child.
  base::Status write_state(base::ByteWriter& into) const;
  // Goes back to the state. What the folder lacks of it, after the snapshot of another server was
  // installed here, is not there to be read; everything from now on is.
  base::Status load_state(base::ByteReader& from);
  // Back to nothing, to be made again from the first entry of the log.
  base::Status clear();

  // Whether the folder holds everything since the first event.
  [[nodiscard]] bool is_complete() const { return missing_.empty(); }
  // The chunks that it lacks next, one behind the other: where they begin and how long they are.
  struct Range {
    std::uint64_t position = 0;
    std::uint32_t size_bytes = 0;
  };
  [[nodiscard]] Range next_missing(std::uint32_t bytes_max) const;
  // Takes the bytes of that range from another server. False, and nothing taken from there on, when
  // they are not what the chain demands.
  [[nodiscard]] base::Result<bool> fill(base::Bytes bytes);
  // For another server that lacks them. False when they are not here either.
  [[nodiscard]] bool read_bytes(const Range& range, std::vector<std::byte>& into) const;
  [[nodiscard]] base::Status status() const { return files_->status(); }

 private:
  explicit History(std::unique_ptr<HistoryFiles> files)
      : files_(std::move(files)), builder_(*files_) {}
  [[nodiscard]] bool holds_last_chunk() const;
  base::Status find_missing();
  base::Result<bool> fill_chunk(base::Bytes bytes);

  std::unique_ptr<HistoryFiles> files_;
  HistoryBuilder builder_;
  // Chunks that are not in the folder, in the order of their positions, each with the chain it must
  // carry on from; the next one to be filled in comes last.
  struct Missing {
    ChunkPlace place;
    std::optional<base::Digest> previous_chain;  // nothing: that of the missing one before it
  };
  std::vector<Missing> missing_;
  base::Digest filled_chain_{};  // of the last one that was filled in
  mutable std::vector<std::byte> chunk_;
};

}  // namespace okiagari::node
