#include "wire/transfer_approval.h"

#include <fmt/format.h>

#include "base/bytes.h"
#include "venue/venue.h"

namespace okiagari::wire {

base::Digest transfer_digest(NodeId target, const TransferApproval& approval) {
  return base::digest(
      base::as_bytes(fmt::format("okiagari transfer 1\ncluster {}\nterm {}\nto {}\n",
                                 +approval.cluster, +approval.term, target)));
}

void sign_transfer(TransferApproval& approval, NodeId target, std::uint16_t operator_id,
                   const base::SecretKey& key, std::uint32_t accept_until_s) {
  approval.approval.operator_id = operator_id;
  approval.approval.accept_until_s = accept_until_s;
  approval.approval.signature =
      base::sign(venue::approved_digest(transfer_digest(target, approval), accept_until_s), key);
}

}  // namespace okiagari::wire
