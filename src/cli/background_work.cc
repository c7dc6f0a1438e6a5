#include "cli/background_work.h"

#include <boost/asio/post.hpp>

namespace okiagari::cli {

BackgroundWork::BackgroundWork(net::Loop& loop)
    : loop_(loop), alive_(std::make_shared<bool>(true)), thread_([this] { run(); }) {}

BackgroundWork::~BackgroundWork() {
  *alive_ = false;
  {
    const std::lock_guard lock(mutex_);
    is_ending_ = true;
    waiting_.clear();
  }
  changed_.notify_one();
  thread_.join();
}

bool BackgroundWork::add(Work work) {
  {
    const std::lock_guard lock(mutex_);
    if (waiting_.size() >= kWaitingMax) return false;
    waiting_.push_back(std::move(work));
  }
  changed_.notify_one();
  return true;
}

void BackgroundWork::run() {
  while (true) {
    Work work;
    {
      std::unique_lock lock(mutex_);
      changed_.wait(lock, [this] { return is_ending_ || !waiting_.empty(); });
      if (is_ending_) return;
      work = std::move(waiting_.front());
      waiting_.pop_front();
    }
    Afterwards afterwards = work();
    boost::asio::post(loop_.context(), [alive = alive_, afterwards = std::move(afterwards)] {
      if (*alive) afterwards();
    });
  }
}

}  // namespace okiagari::cli
