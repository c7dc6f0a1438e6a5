// Messages of the feed as items of a sequence that is compared.
#pragma once

#include <vector>

#include "check/findings.h"
#include "check/itch.h"

namespace okiagari::check {

[[nodiscard]] Item item_of(const ItchMessage& message);
[[nodiscard]] std::vector<Item> items_of(const std::vector<ItchMessage>& messages);

}  // namespace okiagari::check
