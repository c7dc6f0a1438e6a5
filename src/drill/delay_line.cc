#include "drill/delay_line.h"

#include <utility>

namespace okiagari::drill {

bool DelayLine::take(std::uint64_t now_ns, base::Bytes packet) {
  if (packet.size() > bytes_max_ - bytes_) return false;
  bytes_ += packet.size();
  held_.push_back({now_ns + delay_ns_, {packet.begin(), packet.end()}});
  return true;
}

std::optional<std::uint64_t> DelayLine::next_due_ns() const {
  return held_.empty() ? std::nullopt : std::optional(held_.front().due_ns);
}

std::vector<std::byte> DelayLine::give(std::uint64_t now_ns) {
  if (held_.empty() || held_.front().due_ns > now_ns) return {};
  std::vector<std::byte> packet = std::move(held_.front().packet);
  held_.pop_front();
  bytes_ -= packet.size();
  return packet;
}

}  // namespace okiagari::drill
