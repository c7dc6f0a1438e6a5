#include "journal/replica.h"

#include <utility>

#include "journal/replica_driver.h"
#include "journal/replica_start.h"

namespace okiagari::journal {

base::Result<std::unique_ptr<Replica>> Replica::start(const ReplicaOptions& options, Disk& disk,
                                                      Links& links, SnapshotWorker& snapshots,
                                                      StateMachine& machine, std::uint64_t now_ms) {
  base::Result<Recovered> recovered = recover(options, disk, now_ms);
  if (!recovered) return recovered.error();
  std::vector<std::vector<std::byte>> payloads;
  const base::Result<RaftCore::Stored> stored = stored_state(recovered.value(), payloads);
  if (!stored) return stored.error();
  std::vector<std::byte> state = std::move(recovered.value().state);
  auto driver = std::make_unique<ReplicaDriver>(options, disk, links, snapshots, machine,
                                                std::move(recovered.value()), now_ms);
  const base::Status begun = driver->begin(stored.value(), std::move(state));
  if (!begun) return begun.error();
  return std::unique_ptr<Replica>(std::move(driver));
}

}  // namespace okiagari::journal
