// What a process says that dies of a fault of its own: which signal, at which address, and the
// frames of the thread that it came from. It goes to standard error, which is a server's
// output.log, and the process ends of the signal as it would have.
#pragma once

namespace okiagari::base {

// Once, at the beginning of the program. Does nothing in builds with the address sanitizer, which
// says more.
void report_crashes();

}  // namespace okiagari::base
