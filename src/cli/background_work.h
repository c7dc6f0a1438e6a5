// Work that waits for others (a server's answer, a file's), done beside the loop, one piece at a
// time; what is to happen afterwards runs in the loop's thread.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>

#include "net/loop.h"

namespace okiagari::cli {

class BackgroundWork {
 public:
  using Afterwards = std::function<void()>;
  // Gives back what runs in the loop's thread.
  using Work = std::function<Afterwards()>;

  // More is not taken: who asks for it hears so.
  static constexpr std::size_t kWaitingMax = 64;

  explicit BackgroundWork(net::Loop& loop);
  // Waits for the piece under way; the rest is dropped.
  ~BackgroundWork();

  [[nodiscard]] bool add(Work work);

 private:
  void run();

  net::Loop& loop_;
  std::shared_ptr<bool> alive_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Work> waiting_;
  bool is_ending_ = false;
  std::thread thread_;
};

}  // namespace okiagari::cli
