#include "journal/line_choice.h"

namespace okiagari::journal {
namespace {

void note_loss(std::deque<std::uint64_t>& losses, std::uint64_t now_ms) {
  losses.push_back(now_ms);
  if (losses.size() > LineChoice::kLossesMax) losses.pop_front();
}

}  // namespace

void LineChoice::lost(Network network, std::uint64_t now_ms) {
  if (!is_open(network)) return;
  left(network);
  note_loss(lost_at_ms_[place_of(network)], now_ms);
}

void LineChoice::left(Network network) {
  is_open_[place_of(network)] = false;
  if (used_ == network) used_.reset();
}

bool LineChoice::goes_along(Network network, std::uint64_t now_ms) {
  if (!used_ || used_ == network || !is_open(network)) return false;
  if (went_along_ms_ && now_ms < *went_along_ms_ + kAlongAgainMs) return false;
  went_along_ms_ = now_ms;
  // The peer has lost it.
  note_loss(lost_at_ms_[place_of(*used_)], now_ms);
  used_ = network;
  return true;
}

bool LineChoice::is_distrusted(Network network, std::uint64_t now_ms) const {
  const std::deque<std::uint64_t>& losses = lost_at_ms_[place_of(network)];
  return losses.size() == kLossesMax && losses.back() - losses.front() < kLossesWithinMs &&
         now_ms - losses.back() < kDistrustMs;
}

bool LineChoice::is_sound(Network network, std::uint64_t now_ms) const {
  const std::deque<std::uint64_t>& losses = lost_at_ms_[place_of(network)];
  return losses.empty() || now_ms - losses.back() >= kLossesWithinMs;
}

bool LineChoice::is_better(Network one, Network other, std::uint64_t now_ms) const {
  if (!is_open(one)) return false;
  return !is_open(other) ||
         (is_distrusted(other, now_ms) && !is_distrusted(one, now_ms) && is_sound(one, now_ms));
}

std::optional<Network> LineChoice::choose(std::uint64_t now_ms) {
  const Network present = used_.value_or(Network::a);
  const Network best =
      is_better(other_than(present), present, now_ms) ? other_than(present) : present;
  if (!is_open(best) || used_ == best) return {};
  used_ = best;
  return used_;
}

}  // namespace okiagari::journal
