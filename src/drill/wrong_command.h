// An operator who may do so stops what was not meant, by a signed command; and two people start it
// again.
#pragma once

#include <functional>
#include <string>

#include "base/result.h"
#include "check/random.h"
#include "drill/target_market.h"

namespace okiagari::drill {

struct WrongCommand {
  std::string target;
  std::string words;
  std::function<base::Status()> amend;  // two signatures lift it
};

[[nodiscard]] base::Result<WrongCommand> give_wrong_command(const TargetMarket& market,
                                                            check::Random& random);

}  // namespace okiagari::drill
