#include "node/forked_snapshot.h"

#include <dirent.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>

#include "base/assert.h"

namespace okiagari::node {

namespace {

// Peers notice the death of the node by its connections' end; a child that still holds them would
// hide it.
void close_sockets() {
  DIR* const folder = ::opendir("/proc/self/fd");
  if (folder == nullptr) return;
  while (const dirent* entry = ::readdir(folder)) {
    const int handle = std::atoi(entry->d_name);
    struct stat what {};
    if (handle > 2 && ::fstat(handle, &what) == 0 && S_ISSOCK(what.st_mode)) ::close(handle);
  }
  ::closedir(folder);
}

[[noreturn]] void run_child(journal::SnapshotJob& job, pid_t parent) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != parent) ::_exit(1);
  close_sockets();
  // The market comes first.
  ::setpriority(PRIO_PROCESS, 0, 10);
  ::_exit(job.run().ok() ? 0 : 1);
}

}  // namespace

ForkedSnapshot::~ForkedSnapshot() {
  if (child_ <= 0) return;
  ::kill(child_, SIGKILL);
  ::waitpid(child_, nullptr, 0);
}

void ForkedSnapshot::start(std::unique_ptr<journal::SnapshotJob> job) {
  ASSERT(child_ == 0, "a snapshot is being written already");
  const pid_t parent = ::getpid();
  child_ = ::fork();
  if (child_ == 0) run_child(*job, parent);
  fork_failed_ = child_ < 0;
  if (fork_failed_) child_ = 0;
}

journal::SnapshotWorker::State ForkedSnapshot::poll() {
  if (fork_failed_) {
    fork_failed_ = false;
    return State::failed;
  }
  if (child_ == 0) return State::idle;
  int status = 0;
  const pid_t ended = ::waitpid(child_, &status, WNOHANG);
  if (ended == 0) return State::running;
  child_ = 0;
  return ended > 0 && WIFEXITED(status) && WEXITSTATUS(status) == 0 ? State::done : State::failed;
}

}  // namespace okiagari::node
