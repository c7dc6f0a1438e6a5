// An operator's signed word that leadership be handed over. It is for the leader of one term, and
// so of no use to anybody once it has been followed. In a frame it stands behind the request.
#pragma once

#include <cstdint>

#include "base/hash.h"
#include "base/signature.h"
#include "base/types.h"
#include "venue/command.h"

namespace okiagari::wire {

struct [[gnu::packed]] TransferApproval {
  std::uint64_t cluster = 0;
  std::uint64_t term = 0;  // of the leader that is asked
  venue::Approval approval{};
};
static_assert(sizeof(TransferApproval) == 88);

// What is approved.
[[nodiscard]] base::Digest transfer_digest(NodeId target, const TransferApproval& approval);
void sign_transfer(TransferApproval& approval, NodeId target, std::uint16_t operator_id,
                   const base::SecretKey& key, std::uint32_t accept_until_s);

}  // namespace okiagari::wire
