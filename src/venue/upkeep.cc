#include "venue/upkeep.h"

namespace okiagari::venue {

bool Upkeep::is_from_replica(const CommandHeader& header) {
  if (header.gateway == 0) return true;
  events_.answer(header, 0, Reason::approval_missing);
  return false;
}

void Upkeep::checkpoint(const Checkpoint& command, Venue::CheckpointFinding& finding) {
  if (!is_from_replica(command.header)) return;
  if (command.number == 0) return events_.answer(command.header, 0, Reason::malformed);
  find(command.number, 0, finding);
}

void Upkeep::checkpoint(const CheckpointInSteps& command, Venue::CheckpointFinding& finding) {
  if (!is_from_replica(command.header)) return;
  const bool is_possible = command.number != 0 && command.reserved == 0 &&
                           command.orders_max >= 1 && command.orders_max <= kStepOrdersMax;
  if (!is_possible) return events_.answer(command.header, command.number, Reason::malformed);
  find(command.number, command.orders_max, finding);
}

// A number may come again: a new leader need not know where the last one stopped.
void Upkeep::find(std::uint64_t number, std::uint32_t orders_max,
                  Venue::CheckpointFinding& finding) {
  const auto slice = static_cast<std::uint32_t>(state_.counters.checkpoints % Scrub::kSlices);
  finding.number = number;
  finding.sequence = state_.counters.sequence;
  finding.scrub_hash = scrub_.hash_slice(state_, slice, orders_max);
  finding.conserved = state_.ledger.conserved();
  ++state_.counters.checkpoints;
  state_.attestations.begin(number, state_.counters.sequence);
}

void Upkeep::attest(const Attest& command) {
  if (!is_from_replica(command.header)) return;
  const Reason reason = state_.attestations.attest(command);
  if (reason != Reason::none) events_.answer(command.header, command.checkpoint, reason);
}

void Upkeep::quarantine(const Quarantine& command) {
  if (!is_from_replica(command.header)) return;
  Reason reason = Reason::none;
  if (command.sequence == 0) {
    reason = Reason::malformed;
  } else if (command.sequence <= state_.counters.sequence) {
    reason = Reason::number_too_old;
  } else {
    switch (state_.quarantine.add(command.sequence)) {
      case QuarantineList::Added::yes:
        break;
      case QuarantineList::Added::already_there:
        reason = Reason::already_exists;
        break;
      case QuarantineList::Added::full:
        reason = Reason::bound_reached;
        break;
    }
  }
  events_.answer(command.header, command.sequence, reason);
}

}  // namespace okiagari::venue
