// A process that this one started. It dies when its parent does, whatever becomes of the parent.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "base/result.h"

namespace okiagari::base {

class ChildProcess {
 public:
  ChildProcess() = default;
  // A child that still runs is killed.
  ~ChildProcess();
  ChildProcess(ChildProcess&& other) noexcept;
  ChildProcess& operator=(ChildProcess&& other) noexcept;

  // Output and errors are appended to the file. To be called from the main thread: the child dies
  // with the thread that started it.
  static Result<ChildProcess> start(const std::vector<std::string>& command,
                                    const std::string& output_path);
  // To an open file, which stays the caller's.
  static Result<ChildProcess> start(const std::vector<std::string>& command, int output);

  [[nodiscard]] bool is_running() const { return pid_ > 0; }
  [[nodiscard]] pid_t pid() const { return pid_; }
  void send_signal(int signal) const;
  // True once it has ended; then exit_status() and ended_by_signal() say how.
  [[nodiscard]] bool has_ended();
  // Waits for it, however long that takes.
  void await_end();
  // From now on it is the caller's to end and to wait for.
  [[nodiscard]] pid_t release();
  [[nodiscard]] int exit_status() const { return exit_status_; }
  [[nodiscard]] int ended_by_signal() const { return ended_by_signal_; }  // 0: by itself

 private:
  void note_end(int status);

  pid_t pid_ = 0;
  int exit_status_ = 0;
  int ended_by_signal_ = 0;
};

// The program that is running now.
[[nodiscard]] std::string own_program();

}  // namespace okiagari::base
