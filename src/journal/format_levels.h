// Which formats a server understands, as numbers that mean something to the owner of the log only:
// the log carries commands and snapshots unread. Servers tell each other, so that a leader can keep
// out of the log, or off a link, what another one cannot read.
#pragma once

#include <cstdint>

namespace okiagari::journal {

struct FormatLevels {
  std::uint16_t commands = 0;   // 0: nothing was told
  std::uint16_t snapshots = 0;  // the newest that it reads, and those that it writes
  std::uint16_t in_force = 0;   // commands of that level are in its log, or may be any moment
  // It keeps a snapshot back from the one that it speaks to, who cannot read it.
  bool keeps_snapshot_back = false;
};

}  // namespace okiagari::journal
