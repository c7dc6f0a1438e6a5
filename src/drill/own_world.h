// A network and mounts of the drill's own: what is filtered or mounted in there touches nobody
// else, and is gone with the last process in it, whatever becomes of the drill.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "drill/fault.h"

namespace okiagari::drill {

// What this machine and this user lack for those needs, each with what would help; empty: nothing.
[[nodiscard]] std::vector<std::string> lacks(const Needs& needs);
// Everything that any fault needs is there.
[[nodiscard]] bool can_have_own_world();

// For this process and its children from now on. To be called while it has one thread.
[[nodiscard]] base::Status enter_own_world();

}  // namespace okiagari::drill
