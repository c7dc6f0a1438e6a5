#include "venue/approvals.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "venue/venue.h"

namespace okiagari::venue {

Reason Operators::add(std::uint16_t id, const base::PublicKey& public_key, bool stop_only) {
  if (id == 0) return Reason::malformed;
  const auto at =
      std::lower_bound(operators_.begin(), operators_.end(), id,
                       [](const Operator& a, std::uint16_t wanted) { return a.id < wanted; });
  if (at != operators_.end() && at->id == id) return Reason::already_exists;
  if (operators_.size() >= kOperatorsMax) return Reason::bound_reached;
  operators_.insert(at, Operator{id, public_key, stop_only});
  return Reason::none;
}

const Operators::Operator* Operators::find(std::uint16_t id) const {
  for (const Operator& known : operators_) {
    if (known.id == id) return &known;
  }
  return nullptr;
}

Operators::Count Operators::count_approvals(const base::Digest& act,
                                            std::span<const Approval> approvals,
                                            TimestampNs now_ns) const {
  constexpr TimestampNs kSecond_ns = 1'000'000'000;
  Count count;
  for (std::size_t i = 0; i < approvals.size(); ++i) {
    const Approval& approval = approvals[i];
    const std::uint16_t id = approval.operator_id;
    if (id == 0) continue;
    const Operator* approver = find(id);
    const base::Digest approved = approved_digest(act, approval.accept_until_s);
    if (approver == nullptr ||
        !base::verify_signature(approved, approval.signature, approver->public_key)) {
      return Count{.fault = Reason::approval_wrong};
    }
    if (approval.accept_until_s != 0 && now_ns / kSecond_ns > approval.accept_until_s) {
      return Count{.fault = Reason::approval_expired};
    }
    const bool counted_before =
        std::any_of(approvals.begin(), approvals.begin() + static_cast<std::ptrdiff_t>(i),
                    [id](const Approval& earlier) { return earlier.operator_id == id; });
    if (counted_before) continue;
    ++count.to_stop;
    if (!approver->stop_only) ++count.to_start;
  }
  return count;
}

namespace {

bool carries_approvals(CommandType type) {
  return type == CommandType::set_instrument_state || type == CommandType::set_price_limits ||
         type == CommandType::trade_bust || type == CommandType::set_trading_plan ||
         type == CommandType::end_day || type == CommandType::found_cluster;
}

}  // namespace

// The fields that say how a command travelled are left out, so that an approval given beforehand
// holds whichever way it takes.
base::Digest approval_digest(base::Bytes command_with_approvals) {
  constexpr std::string_view kDomain = "okiagari approval 1";
  constexpr std::size_t kApprovalsBytes = 2 * sizeof(Approval);

  std::array<std::byte, kMaxCommandBytes> act;
  const std::size_t size = std::min(command_with_approvals.size(), act.size());
  if (size > 0) std::memcpy(act.data(), command_with_approvals.data(), size);
  CommandHeader header{};
  if (size >= sizeof header) {
    std::memcpy(&header, act.data(), sizeof header);
    header.session = 0;
    header.gateway = 0;
    header.epoch = 0;
    header.stream_number = 0;
    std::memcpy(act.data(), &header, sizeof header);
  }
  if (carries_approvals(header.type) && size >= sizeof header + kApprovalsBytes) {
    std::memset(act.data() + size - kApprovalsBytes, 0, kApprovalsBytes);
  }
  return base::digest(base::as_bytes(kDomain), base::Bytes(act.data(), size));
}

base::Digest approved_digest(const base::Digest& act, std::uint32_t accept_until_s) {
  constexpr std::string_view kDomain = "okiagari approval until ";
  if (accept_until_s == 0) return act;
  std::array<std::byte, kDomain.size() + sizeof accept_until_s> until;
  std::memcpy(until.data(), kDomain.data(), kDomain.size());
  base::store_little(until.data() + kDomain.size(), accept_until_s);
  return base::digest(until, act);
}

}  // namespace okiagari::venue
