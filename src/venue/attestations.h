// What the replicas found at the latest checkpoints, and whether they agree.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/hash.h"
#include "base/types.h"
#include "venue/command.h"
#include "venue/venue.h"

namespace okiagari::venue {

class Attestations {
 public:
  static constexpr std::size_t kCheckpointsKept = 8;

  struct Finding {
    NodeId node = 0;
    std::uint64_t state_hash = 0;
    std::uint64_t scrub_hash = 0;
    base::Digest chain{};

    [[nodiscard]] bool equals(const Finding& other) const {
      return state_hash == other.state_hash && scrub_hash == other.scrub_hash &&
             chain == other.chain;
    }
  };
  struct Record {
    std::uint64_t checkpoint = 0;
    Sequence sequence = 0;          // 0: no such record
    std::vector<Finding> findings;  // in order of arrival, one for each node
  };

  explicit Attestations(std::uint16_t nodes_max);

  // A checkpoint was applied; the oldest record makes room.
  void begin(std::uint64_t checkpoint, Sequence sequence);
  // Reason::none when recorded. A node's first word on a checkpoint stands.
  [[nodiscard]] Reason attest(const Attest& attest);

  // By the newest checkpoint on which this node has spoken and which is decided among `voters`.
  [[nodiscard]] Venue::Agreement agreement(NodeId node, std::uint16_t voters) const;

  // Newest first.
  [[nodiscard]] const std::array<Record, kCheckpointsKept>& records() const { return records_; }
  void restore(std::size_t at, Record record);

 private:
  std::uint16_t nodes_max_;
  std::array<Record, kCheckpointsKept> records_;
};

}  // namespace okiagari::venue
