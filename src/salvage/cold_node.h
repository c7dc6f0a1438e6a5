// Everything that one node's folder can be held to without any other: its log is whole and its
// chain right, the market made again from it equals its snapshots, its history and what the
// replicas attested in it, and its ledger adds up. Reads only; the node need not run, and should
// not.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/hash.h"
#include "base/result.h"
#include "journal/identity.h"
#include "journal/log.h"
#include "venue/venue.h"

namespace okiagari::salvage {

struct ColdNode {
  std::string folder;
  journal::Identity identity;
  journal::Index start_index = 0;  // the log continues from here; 0: it begins at 1
  base::Digest start_chain{};      // up to and with that entry
  journal::Index last_index = 0;
  journal::Term last_term = 0;  // of the last entry
  base::Digest last_chain{};    // up to and with it
  std::vector<NodeId> voters;   // by the last configuration in snapshot or log
  // At or below it every entry was committed when the folder was left: a snapshot or an attestation
  // of this node counts on it.
  journal::Index surely_committed = 0;
  // Of the entries start_index + 1 .. last_index.
  std::vector<base::Digest> chains;
  std::vector<std::uint64_t>
      state_hashes;  // after each; 0 before the snapshot the replay began with
  std::vector<Sequence> sequences;

  std::uint64_t commands = 0;
  std::uint64_t quarantined = 0;
  std::uint64_t snapshots_equal = 0;  // to the state made again
  std::uint64_t snapshots_different = 0;
  std::uint64_t attestations_equal = 0;  // to what this replay found
  std::uint64_t attestations_different = 0;
  std::uint64_t checkpoints = 0;
  std::uint64_t checkpoints_not_conserved = 0;
  std::uint64_t history_chunks_equal = 0;
  std::uint64_t history_chunks_different = 0;
  std::string first_difference;                // in words, with the place
  double replay_s = 0;                         // of the log: reading, checking, applying
  std::shared_ptr<const venue::Venue> market;  // after the last entry
  // The newest events to sessions: number and hash of the bytes, ascending.
  std::deque<std::pair<std::uint64_t, std::uint64_t>> newest_events;
  base::Digest first_state{};  // of the market in the snapshot that the log begins behind
};

// For who wants to see the replay go on, or begin it later than the folder does.
struct ColdReadHooks {
  // Begins with the newest snapshot whose market is not of later than this; 0, or none: with the
  // oldest, or with an empty market.
  TimestampNs from_ns = 0;
  // Says which command is being applied; null: nobody asks.
  venue::AboutToApplyWord* word = nullptr;
  std::function<void(const journal::Entry&, const venue::Venue&)> before;
  std::function<void(const journal::Entry&, const venue::Venue&)> after;
};

// `progress` is called now and then with a line. An error is damage that ends the reading: file,
// offset, remedy.
base::Result<ColdNode> read_cold_node(const std::string& folder,
                                      const std::function<void(const std::string&)>& progress,
                                      const ColdReadHooks& hooks = {});

}  // namespace okiagari::salvage
