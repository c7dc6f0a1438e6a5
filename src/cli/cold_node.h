// Everything that one node's folder can be held to without any other: its log is whole and its
// chain right, the market made again from it equals its snapshots, its history and what the
// replicas attested in it, and its ledger adds up. Reads only; the node need not run, and should
// not.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "base/hash.h"
#include "base/result.h"
#include "journal/identity.h"
#include "journal/log.h"
#include "venue/venue.h"

namespace okiagari::cli {

struct ColdNode {
  std::string folder;
  journal::Identity identity;
  journal::Index start_index = 0;  // the log continues from here; 0: it begins at 1
  journal::Index last_index = 0;
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
  std::string first_difference;  // in words, with the place
  double replay_s = 0;           // of the log: reading, checking, applying
};

// `progress` is called now and then with a line. An error is damage that ends the reading: file,
// offset, remedy.
base::Result<ColdNode> read_cold_node(const std::string& folder,
                                      const std::function<void(const std::string&)>& progress);

}  // namespace okiagari::cli
