// New folders for the nodes of a cluster that is rebuilt from one survivor of another, whose
// majority is gone for good. The survivor's log is replayed to its very end, the market that comes
// of it is held for the act, and that is the first snapshot of the new cluster. The survivor's
// folder is only read.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/hash.h"
#include "base/result.h"
#include "journal/identity.h"
#include "journal/log.h"
#include "venue/venue.h"

namespace okiagari::node {

// Where the survivor's log ends, and what comes of it.
struct LogEnd {
  journal::Index index = 0;
  journal::Term term = 0;
  base::Digest chain{};
  Sequence sequence = 0;
  std::uint64_t state_hash = 0;

  friend bool operator==(const LogEnd&, const LogEnd&) = default;
};

struct RebuiltNode {
  journal::Identity identity;  // of the new cluster
  std::string folder;          // absent or empty
};

struct Rebuild {
  std::string survivor;  // folder of a node that is stopped
  LogEnd expected;       // what was approved: nothing is made from anything else
  base::Digest act{};    // that the market is held for
  std::vector<RebuiltNode> nodes;
  venue::Limits limits;
};

// An error leaves no folder behind that a node would start in. `progress` is called now and then
// with a line.
[[nodiscard]] base::Status make_rebuilt_folders(
    const Rebuild& rebuild, const std::function<void(const std::string&)>& progress);

}  // namespace okiagari::node
