#include "venue/attestations.h"

#include <algorithm>
#include <utility>

namespace okiagari::venue {

Attestations::Attestations(std::uint16_t nodes_max) : nodes_max_(nodes_max) {
  for (Record& record : records_) record.findings.reserve(nodes_max);
}

void Attestations::begin(std::uint64_t checkpoint, Sequence sequence) {
  std::rotate(records_.begin(), records_.end() - 1, records_.end());
  records_[0].checkpoint = checkpoint;
  records_[0].sequence = sequence;
  records_[0].findings.clear();
}

Reason Attestations::attest(const Attest& attest) {
  if (attest.node == 0 || attest.sequence == 0) return Reason::malformed;
  for (Record& record : records_) {
    if (record.sequence != attest.sequence || record.checkpoint != attest.checkpoint) continue;
    for (const Finding& finding : record.findings) {
      if (finding.node == attest.node) return Reason::already_exists;
    }
    if (record.findings.size() == nodes_max_) return Reason::bound_reached;
    record.findings.push_back(
        Finding{attest.node, attest.state_hash, attest.scrub_hash, attest.chain});
    return Reason::none;
  }
  return Reason::number_too_old;
}

namespace {

// What one checkpoint says about a node that has spoken there.
Venue::Agreement verdict(const std::vector<Attestations::Finding>& findings,
                         const Attestations::Finding& own, std::uint16_t voters) {
  const std::size_t majority = voters / 2u + 1;
  std::size_t most = 0;
  const Attestations::Finding* common = nullptr;
  for (const Attestations::Finding& candidate : findings) {
    const auto equal = static_cast<std::size_t>(
        std::count_if(findings.begin(), findings.end(),
                      [&](const Attestations::Finding& other) { return other.equals(candidate); }));
    if (equal > most) {
      most = equal;
      common = &candidate;
    }
  }
  if (most >= majority) {
    return common->equals(own) ? Venue::Agreement::agrees : Venue::Agreement::in_minority;
  }
  const std::size_t yet_to_come = voters > findings.size() ? voters - findings.size() : 0;
  return most + yet_to_come >= majority ? Venue::Agreement::undecided
                                        : Venue::Agreement::no_majority;
}

}  // namespace

Venue::Agreement Attestations::agreement(NodeId node, std::uint16_t voters) const {
  for (const Record& record : records_) {
    if (record.sequence == 0) break;
    for (const Finding& own : record.findings) {
      if (own.node != node) continue;
      const Venue::Agreement said = verdict(record.findings, own, voters);
      if (said != Venue::Agreement::undecided) return said;
    }
  }
  return Venue::Agreement::undecided;
}

void Attestations::restore(std::size_t at, Record record) { records_[at] = std::move(record); }

}  // namespace okiagari::venue
