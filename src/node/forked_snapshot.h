// Writes snapshots in a forked child: the state is frozen by the kernel's copy-on-write, and the
// market goes on.
#pragma once

#include <sys/types.h>

#include <memory>

#include "journal/replica.h"

namespace okiagari::node {

class ForkedSnapshot final : public journal::SnapshotWorker {
 public:
  ~ForkedSnapshot() override;
  void start(std::unique_ptr<journal::SnapshotJob> job) override;
  State poll() override;

 private:
  pid_t child_ = 0;
  bool fork_failed_ = false;
};

}  // namespace okiagari::node
