// Whether everybody is told the same: each server gives out the feed as a stream and on a line of
// datagrams, and under one number all of them must say the same bytes. What most say counts, by the
// rule of the feed: it is a function of the log, the same at every server.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/types.h"
#include "watch/lasting.h"
#include "watch/moment.h"
#include "watch/reporter.h"

namespace okiagari::watch {

struct FeedLimits {
  // How long the others have to say a message, too, before one that differs is judged.
  std::uint64_t judge_ms = 500;
  // What no line brings and nobody gives when asked counts as a gap after so long.
  std::uint64_t gap_ms = 2'000;
  // One server's feed is not accused again before.
  std::uint64_t again_ms = 60'000;
};

class FeedDetector {
 public:
  enum class Way : std::uint8_t { stream, line };

  FeedDetector(std::vector<NodeId> nodes, FeedLimits limits, Reporter& reporter);

  // A message as that server said it.
  void said(NodeId node, Way way, std::uint64_t number, base::Bytes message, const Moment& moment);
  // The first message that no line brought, though later ones came; 0: none is missing.
  void missing_on_lines(std::uint64_t number, const Moment& moment);
  void tick(const Moment& moment);

 private:
  // Who has said what of one message: a bit for each server and way.
  struct Slot {
    std::uint64_t number = 0;
    std::uint64_t hash = 0;
    std::uint32_t said_so = 0;
    std::uint32_t said_else = 0;
  };
  struct Dispute {
    std::uint64_t number = 0;
    std::uint64_t since_ms = 0;
  };
  // Lines lie milliseconds apart, a stream that catches up further: it is then not compared.
  static constexpr std::size_t kSlots = 1u << 16;
  static constexpr std::size_t kDisputesMax = 16;
  static constexpr std::size_t kNodesMax = 16;

  void judge(const Slot& slot, const Moment& moment);
  [[nodiscard]] Sentence names_of(std::uint32_t voices) const;
  [[nodiscard]] static std::uint32_t voices_of(std::size_t node) { return 3u << 2 * node; }

  std::vector<NodeId> nodes_;
  FeedLimits limits_;
  Reporter& reporter_;
  std::vector<Slot> slots_;
  std::vector<Dispute> disputes_;
  std::vector<std::uint64_t> accused_ms_;  // of each node, when last; 0: never
  Lasting gap_;
};

}  // namespace okiagari::watch
