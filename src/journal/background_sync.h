// One fdatasync at a time, in a thread of its own, so that the replica's loop can go on meanwhile:
// a leader that waited for its disk would let the followers' answers wait, too. The thread does
// nothing else, and starts with the first sync.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <optional>
#include <thread>

namespace okiagari::journal {

class BackgroundSync {
 public:
  BackgroundSync();
  // Waits for the sync that runs.
  ~BackgroundSync();
  BackgroundSync(const BackgroundSync&) = delete;
  BackgroundSync& operator=(const BackgroundSync&) = delete;

  // None may be under way. The descriptor stays open until it is finished.
  void start(int file);
  // 0, or the errno it failed with, once; nothing while it runs, unless `wait`, which waits for it.
  std::optional<int> finished(bool wait);
  // How long the last one that is finished took. After finished() has told so.
  [[nodiscard]] std::uint64_t last_duration_ns() const { return last_duration_ns_; }
  // A descriptor that can be read when a sync has finished; finished() makes it unreadable again.
  [[nodiscard]] int event_descriptor() const { return event_; }

 private:
  void run();

  std::mutex mutex_;
  std::condition_variable changed_;
  int file_ = -1;  // to be synced
  bool is_running_ = false;
  std::optional<int> result_;
  std::uint64_t duration_ns_ = 0;       // of the one with that result
  std::uint64_t last_duration_ns_ = 0;  // told
  bool is_ending_ = false;
  int event_;
  std::thread thread_;
};

}  // namespace okiagari::journal
