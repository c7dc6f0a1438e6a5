// Every time limit of the journal, with its reason. Printed at start and shown by `status`.
#pragma once

#include <cstdint>

namespace okiagari::journal {

struct Timeouts {
  // Raft's own election timer: the last resort, well above any scheduling delay of a loaded host.
  std::uint32_t election_ms = 400;
  // Often enough that silence of seven heartbeats is not chance.
  std::uint32_t heartbeat_ms = 20;
  // A leader not heard for this long is suspected; deposed only when another follower agrees.
  std::uint32_t silence_ms = 150;
  // A leader that is heard but commits nothing of what it has for this long is suspected likewise.
  std::uint32_t no_progress_ms = 600;
  // Each next surviving id waits so much longer than the one before it, so that they do not split
  // the vote.
  std::uint32_t take_over_stagger_ms = 25;
  // Election timer while the reset or silence path is electing, and for how long at most.
  std::uint32_t quick_election_ms = 20;
  std::uint32_t quick_election_for_ms = 400;
  // A turn later than this means that this process was starved: its own clock of silence starts
  // anew.
  std::uint32_t own_lateness_ms = 60;
  // At most so many depositions in a minute on this server's own word that its connection with the
  // leader ended: a flapping link cannot unseat leaders for ever. Beyond that another follower must
  // have lost it, too.
  std::uint32_t max_depositions_per_minute = 6;
  // And so many altogether, with another follower's word or without.
  std::uint32_t max_confirmed_depositions_per_minute = 60;
  // A hand-over waits so long for its target to have the whole log, and again for it to take over.
  std::uint32_t transfer_ms = 400;
  std::uint32_t install_snapshot_ms = 30'000;
};

}  // namespace okiagari::journal
