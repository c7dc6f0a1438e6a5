// The files of the history. Writing is lazy and done by a thread of its own, because the kernel may
// make a writer wait when much is dirty, and the market may not wait; only before a snapshot is
// anything made durable. What a crash leaves behind the last snapshot is worth nothing: it is cut
// off at start and made again by the replay of the log.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "node/history_builder.h"

namespace okiagari::node {

class HistoryFiles final : public ChunkSink {
 public:
  // Makes the folder when it is not there.
  static base::Result<std::unique_ptr<HistoryFiles>> open(const std::string& folder);
  ~HistoryFiles() override;
  HistoryFiles(const HistoryFiles&) = delete;
  HistoryFiles& operator=(const HistoryFiles&) = delete;

  void take_chunk(std::uint64_t position, base::Bytes header, base::Bytes payload) override;

  // Appends the chunk's bytes. False when they cannot be read or are damaged.
  [[nodiscard]] bool read_chunk(const ChunkPlace& place, std::vector<std::byte>& into) const;

  // Appends bytes that lie in one file, as they are. False when they are not there.
  [[nodiscard]] bool read_bytes(std::uint64_t position, std::size_t size_bytes,
                                std::vector<std::byte>& into) const;
  // Puts a chunk into its place below what was taken. Not durable before make_durable().
  base::Status fill(std::uint64_t position, base::Bytes chunk);

  // A note in the folder that it lacks something, which outlives restarts.
  [[nodiscard]] bool is_marked_incomplete() const;
  base::Status mark_incomplete(bool is_incomplete);

  // Forgets everything from `end_position` on; chunks are taken from there again.
  base::Status cut_back(std::uint64_t end_position);

  // Everything taken so far is on disk when it returns well. Works in a forked child too, where the
  // writing thread does not exist: it takes no lock and touches nothing that thread changes.
  base::Status make_durable() const;

  // The first error of the writing thread. After it the history has a hole: the node must end.
  [[nodiscard]] base::Status status() const;

 private:
  // Taken and not yet known to be written. Only the owner's thread changes the row of them; the
  // writing thread reads a buffer only between hand-over and `written`.
  struct Buffer {
    std::uint64_t position = 0;
    std::vector<std::byte> bytes;
    std::atomic<bool> written{false};
  };

  explicit HistoryFiles(std::string folder);
  void hand_over();
  void wait_idle();
  void run_writer();
  base::Status write(std::uint64_t position, base::Bytes bytes) const;
  [[nodiscard]] std::string path_of(std::uint64_t number) const;

  std::string folder_;
  std::deque<std::unique_ptr<Buffer>> unwritten_;
  std::unique_ptr<Buffer> filling_;
  std::uint64_t oldest_not_durable_ = 0;  // position

  mutable std::mutex mutex_;  // guards all below
  std::condition_variable changed_;
  std::deque<Buffer*> queue_;
  bool stop_ = false;
  std::string failure_;
  std::thread writer_;
};

}  // namespace okiagari::node
