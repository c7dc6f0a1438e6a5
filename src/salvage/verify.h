// `okiagari verify`: the folders of a cluster's nodes, cold, against each other.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/report.h"
#include "base/result.h"
#include "salvage/cold_node.h"

namespace okiagari::salvage {

struct Verification {
  base::Report report;
  std::vector<ColdNode> nodes;
  std::vector<ColdNode> former;  // of clusters that this one was rebuilt from
  // The longest log that a majority of the folders holds, and the state after it.
  journal::Index agreed_index = 0;
  base::Digest agreed_chain{};
  std::uint64_t agreed_state_hash = 0;
  Sequence agreed_sequence = 0;
};

// `folders` are nodes' folders; a folder that holds node folders (node-1, node-2, ...) stands for
// them. An error is damage or a folder that is none: with file and remedy.
base::Result<Verification> verify_folders(const std::vector<std::string>& folders,
                                          const std::function<void(const std::string&)>& progress);

// The proof as a file: the report and, of each node, what it was found to hold. Written whole or
// not at all.
base::Status write_proof(const Verification& verification, const std::string& path);

}  // namespace okiagari::salvage
