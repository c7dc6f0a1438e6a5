#include "base/crash_report.h"

#include <execinfo.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include <array>
#include <cstdint>
#include <string_view>

#include "base/sanitized.h"

namespace okiagari::base {

#ifdef OKIAGARI_HAS_ADDRESS_SANITIZER

void report_crashes() {}

#else

namespace {

constexpr int kFramesMax = 64;
constexpr std::size_t kStackBytes = 64u << 10;
constexpr std::array<int, 5> kSignals = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT};

// Only what may be called in a signal handler from here on.
void say(std::string_view text) {
  [[maybe_unused]] const auto written = ::write(STDERR_FILENO, text.data(), text.size());
}

void say_number(std::uint64_t number, std::uint64_t base) {
  std::array<char, 20> digits{};
  std::size_t at = digits.size();
  do {
    digits[--at] = "0123456789abcdef"[number % base];
    number /= base;
  } while (number != 0 && at > 0);
  say({digits.data() + at, digits.size() - at});
}

std::string_view name_of(int signal) {
  switch (signal) {
    case SIGSEGV:
      return "segmentation fault";
    case SIGBUS:
      return "bus error";
    case SIGFPE:
      return "arithmetic fault";
    case SIGILL:
      return "illegal instruction";
    default:
      return "abort";
  }
}

// The handler is gone by now (SA_RESETHAND): a fault in here ends the process at once.
void report(int signal, siginfo_t* info, void*) {
  say("died of signal ");
  say_number(static_cast<std::uint64_t>(signal), 10);
  say(" (");
  say(name_of(signal));
  say(")");
  if (signal != SIGABRT) {
    say(" at address 0x");
    say_number(reinterpret_cast<std::uintptr_t>(info->si_addr), 16);
  }
  std::array<void*, kFramesMax> frames{};
  const int count = ::backtrace(frames.data(), kFramesMax);
  say("\nbacktrace, ");
  say_number(static_cast<std::uint64_t>(count), 10);
  say(" frames:\n");
  ::backtrace_symbols_fd(frames.data(), count, STDERR_FILENO);
  ::raise(signal);
}

}  // namespace

void report_crashes() {
  // The first call loads a library, which a handler may not.
  void* frame = nullptr;
  ::backtrace(&frame, 1);
  // A stack that has run over cannot hold the handler.
  static std::array<std::byte, kStackBytes> stack;
  stack_t other{};
  other.ss_sp = stack.data();
  other.ss_size = stack.size();
  ::sigaltstack(&other, nullptr);
  struct sigaction action {};
  action.sa_sigaction = report;
  action.sa_flags = static_cast<int>(SA_SIGINFO | SA_ONSTACK | SA_RESETHAND);
  ::sigemptyset(&action.sa_mask);
  for (const int signal : kSignals) ::sigaction(signal, &action, nullptr);
}

#endif

}  // namespace okiagari::base
