// How a command asks the supervisor of a market on this machine for another node, or to put one
// aside: a small file in the market's folder, which is taken away when it was seen. One wish at a
// time.
#pragma once

#include <optional>
#include <string>

#include "base/result.h"
#include "base/types.h"

namespace okiagari::deployment {

struct NodeWish {
  NodeId remove = 0;  // 0: another node is wanted
};

base::Status put_node_wish(const std::string& folder, const NodeWish& wish);
// The wish that is there, once. What is not one is taken away, too.
[[nodiscard]] std::optional<NodeWish> take_node_wish(const std::string& folder);

}  // namespace okiagari::deployment
