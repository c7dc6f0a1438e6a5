// How the cluster that runs this market came to be, when it was rebuilt from a survivor of another.
// Such a market is held: nobody's order is taken and nothing is changed until the act that the
// rebuild was made for has come through the log with two approvals.
#pragma once

#include "base/hash.h"

namespace okiagari::venue {

struct Foundation {
  bool is_rebuilt = false;
  bool is_held = false;  // its act has not been approved in the log yet
  base::Digest act{};    // approval_digest() of the FoundCluster that belongs to it
};

}  // namespace okiagari::venue
