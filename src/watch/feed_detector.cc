#include "watch/feed_detector.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <utility>

#include "base/hash.h"
#include "watch/signal.h"

namespace okiagari::watch {

FeedDetector::FeedDetector(std::vector<NodeId> nodes, FeedLimits limits, Reporter& reporter)
    : nodes_(std::move(nodes)), limits_(limits), reporter_(reporter), slots_(kSlots) {
  if (nodes_.size() > kNodesMax) nodes_.resize(kNodesMax);
  accused_ms_.resize(nodes_.size());
}

void FeedDetector::said(NodeId node, Way way, std::uint64_t number, base::Bytes message,
                        const Moment& moment) {
  const auto found = std::find(nodes_.begin(), nodes_.end(), node);
  if (found == nodes_.end()) return;
  const auto place = static_cast<std::size_t>(found - nodes_.begin());
  const std::uint32_t voice = 1u << (2 * place + static_cast<std::size_t>(way));
  const std::uint64_t hash = base::hash64(message);
  Slot& slot = slots_[number % kSlots];
  if (number < slot.number) return;  // long past
  if (number > slot.number) slot = {.number = number, .hash = hash, .said_so = 0, .said_else = 0};
  if (slot.hash == hash) {
    slot.said_so |= voice;
    return;
  }
  const bool is_new = std::exchange(slot.said_else, slot.said_else | voice) == 0;
  if (is_new && disputes_.size() < kDisputesMax) disputes_.push_back({number, moment.steady_ms});
}

void FeedDetector::missing_on_lines(std::uint64_t number, const Moment& moment) {
  if (!gap_.holds(number != 0, limits_.gap_ms, moment)) return;
  reporter_.report(
      moment, {.kind = EvidenceKind::absence,
               .entity = "market",
               .signal = signal::feed_gap,
               .statement = watch::said(
                   "message {} of the feed came on none of the lines heard here and in no answer "
                   "for {} ms, though later ones came",
                   "配信のメッセージ{}"
                   "が、後続は届いたのに、ここで聞くどの回線にも再送要求の応答にも{}ミリ秒現れない",
                   number, moment.steady_ms - gap_.since_ms),
               .value = static_cast<double>(moment.steady_ms - gap_.since_ms),
               .from_ns = gap_.since_ns,
               .reference = fmt::format("feed message {}", number)});
}

void FeedDetector::tick(const Moment& moment) {
  std::erase_if(disputes_, [&](const Dispute& dispute) {
    if (moment.steady_ms < dispute.since_ms + limits_.judge_ms) return false;
    const Slot& slot = slots_[dispute.number % kSlots];
    if (slot.number == dispute.number) judge(slot, moment);
    return true;
  });
}

// "node-1, the line of node-2"
Sentence FeedDetector::names_of(std::uint32_t voices) const {
  Sentence names;
  for (std::size_t place = 0; place < nodes_.size(); ++place) {
    for (const Way way : {Way::stream, Way::line}) {
      if ((voices >> (2 * place + static_cast<std::size_t>(way)) & 1u) == 0) continue;
      if (!names.en.empty()) names += {", ", "、"};
      const std::string node = node_name(nodes_[place]);
      names += way == Way::line ? watch::said("the line of {}", "{}の回線", node) : both(node);
    }
  }
  return names;
}

// More voices count; when they are even nobody knows which is right, and all are named.
void FeedDetector::judge(const Slot& slot, const Moment& moment) {
  const int so = std::popcount(slot.said_so);
  const int different = std::popcount(slot.said_else);
  std::uint32_t accused = slot.said_else;
  if (different > so) accused = slot.said_so;
  if (different == so) accused = slot.said_so | slot.said_else;
  const Sentence statement =
      watch::said("message {} of the feed says one thing from {} and another from {}{}",
                  "配信のメッセージ{}の内容が{}と{}で食い違う{}", slot.number,
                  names_of(slot.said_so), names_of(slot.said_else),
                  different == so ? Sentence("; which of them is right cannot be told from here",
                                             "。どちらが正しいかはここからは分からない")
                                  : Sentence());
  for (std::size_t place = 0; place < nodes_.size(); ++place) {
    std::uint64_t& last_ms = accused_ms_[place];
    const bool is_accused = (accused & voices_of(place)) != 0;
    if (!is_accused || (last_ms != 0 && moment.steady_ms < last_ms + limits_.again_ms)) continue;
    last_ms = moment.steady_ms;
    reporter_.report(moment, {.kind = EvidenceKind::probe,
                              .entity = "feed " + node_name(nodes_[place]),
                              .signal = signal::feed_differs,
                              .statement = statement,
                              .reference = fmt::format("feed message {}", slot.number)});
  }
}

}  // namespace okiagari::watch
