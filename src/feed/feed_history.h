// Where the feed server gets messages that are no longer in its hands: the node's store of
// everything the feed was ever sent. An interface, because that store belongs to a room above this
// one.
#pragma once

#include <cstdint>

#include "base/bytes.h"

namespace okiagari::feed {

class FeedHistory {
 public:
  virtual ~FeedHistory() = default;

  // Appends whole feed events with contiguous numbers, the first of them `first`: at least one when
  // it is kept, and not many more than fit `into` comfortably (one chunk of the store). Appends
  // nothing when `first` is not there, neither any more nor yet.
  virtual void read_feed(std::uint64_t first, base::ByteWriter& into) = 0;
};

}  // namespace okiagari::feed
