// Secrets that a person gives to a command: from a terminal without an echo, from a file, or from a
// descriptor that whoever starts the command has opened. Never from the command line, which others
// on the host can read.
#pragma once

#include <string>

#include "base/result.h"

namespace okiagari::cli {

// The first line of a file, nothing when no file is named.
[[nodiscard]] base::Result<std::string> read_passphrase(const std::string& path);
// The first line that comes out of it.
[[nodiscard]] base::Result<std::string> read_secret_line(int descriptor);
// Asks at the controlling terminal; the error says how else to give it when there is none. What is
// typed is shown only with `echo`.
[[nodiscard]] base::Result<std::string> ask_at_terminal(const std::string& question, bool echo);

}  // namespace okiagari::cli
