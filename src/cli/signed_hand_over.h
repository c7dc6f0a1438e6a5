// Asks the server that leads to hand over to another, with an operator's signature, and waits until
// the other leads. It looks first: nobody who leads no more is relieved, and nobody takes over who
// does not answer or is not fine.
#pragma once

#include <boost/json/object.hpp>
#include <cstdint>
#include <string>

#include "base/signature.h"
#include "deployment/deployment_file.h"

namespace okiagari::cli {

struct HandOverOrder {
  NodeId from = 0;
  NodeId to = 0;
  std::uint16_t operator_id = 0;
  base::SecretKey key{};
};

struct HandOverOutcome {
  bool is_done = false;
  bool is_final = false;  // asking again would not help
  std::string words = {};
  boost::json::object answer = {};
};

[[nodiscard]] HandOverOutcome hand_over(const deployment::DeploymentFile& market,
                                        const HandOverOrder& order);

}  // namespace okiagari::cli
