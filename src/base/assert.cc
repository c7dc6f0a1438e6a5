#include "base/assert.h"

#include <atomic>
#include <cstdio>
#include <cstdlib>

namespace okiagari::base {

namespace {
std::atomic<StatePrinter> state_printer{nullptr};
}

void set_state_printer(StatePrinter printer) { state_printer.store(printer); }

void fail_invariant(const char* file, int line, const char* condition, std::string_view message) {
  std::fprintf(stderr, "invariant broken: %s (%s:%d) %.*s\n", condition, file, line,
               static_cast<int>(message.size()), message.data());
  // Exchanged, so that an invariant broken inside the printer does not recurse.
  if (StatePrinter printer = state_printer.exchange(nullptr)) printer();
  std::fflush(stderr);
  std::abort();
}

}  // namespace okiagari::base
