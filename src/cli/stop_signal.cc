#include "cli/stop_signal.h"

#include <signal.h>

namespace okiagari::cli {

namespace {

std::atomic<bool> stop_asked{false};

void ask_to_stop(int) { stop_asked.store(true, std::memory_order_relaxed); }

}  // namespace

const std::atomic<bool>& catch_stop_signals() {
  struct sigaction action {};
  action.sa_handler = ask_to_stop;
  ::sigaction(SIGTERM, &action, nullptr);
  ::sigaction(SIGINT, &action, nullptr);
  return stop_asked;
}

bool is_stop_asked() { return stop_asked.load(std::memory_order_relaxed); }

}  // namespace okiagari::cli
