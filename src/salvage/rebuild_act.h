// The act by which a cluster is rebuilt from a survivor of another, as a file that people carry to
// each other: JSON, docs/formats/rebuild_act.md. It holds the command that the new cluster's venue
// will check, the nodes to be, and the list of what is lost; what the approvers sign is the digest
// of the command, which holds the digests of the rest.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/signature.h"
#include "journal/identity.h"
#include "venue/command.h"

namespace okiagari::salvage {

struct RebuildAct {
  struct Voter {
    NodeId node = 0;
    journal::StorageId storage = 0;
  };

  venue::FoundCluster command{};    // digests of voters and losses are set by seal()
  std::vector<Voter> voters;        // of the new cluster, ascending
  std::vector<std::string> losses;  // a line each

  // Fills in what follows from voters and losses, and takes away approvals given for anything else.
  void seal();
  // What is signed.
  [[nodiscard]] base::Digest digest() const;
  // Adds an approval. The error says that there are two already, or that this operator has signed.
  [[nodiscard]] base::Status sign(std::uint16_t operator_id, const base::SecretKey& key);
  [[nodiscard]] int approvals() const;

  [[nodiscard]] std::string to_json() const;
  // Refuses what is not whole: every digest in it is computed anew. `origin` for messages.
  [[nodiscard]] static base::Result<RebuildAct> parse(std::string_view text,
                                                      const std::string& origin);
  [[nodiscard]] static base::Result<RebuildAct> load(const std::string& path);
  // Replaced whole.
  [[nodiscard]] base::Status store(const std::string& path) const;
};

}  // namespace okiagari::salvage
