// One person's signature in one of the two places that an act has for them.
#pragma once

#include <array>
#include <cstdint>

#include "base/hash.h"
#include "base/signature.h"
#include "venue/command.h"
#include "venue/venue.h"

namespace okiagari::client {

// `act`: approval_digest() of the command, which the places are no part of. False when both are
// taken, or one is by this operator.
[[nodiscard]] inline bool approve_in(std::array<venue::Approval, 2>& places,
                                     const base::Digest& act, std::uint16_t operator_id,
                                     const base::SecretKey& key, std::uint32_t accept_until_s) {
  for (venue::Approval& approval : places) {
    if (approval.operator_id == operator_id) return false;
    if (approval.operator_id != 0) continue;
    approval.operator_id = operator_id;
    approval.accept_until_s = accept_until_s;
    approval.signature = base::sign(venue::approved_digest(act, accept_until_s), key);
    return true;
  }
  return false;
}

}  // namespace okiagari::client
