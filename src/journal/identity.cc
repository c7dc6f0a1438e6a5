#include "journal/identity.h"

#include <fmt/format.h>

#include <algorithm>
#include <span>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "journal/segment.h"

namespace okiagari::journal {
namespace {

// The values of the slots, as on disk; docs/formats/log.md.
struct StoredIdentity {
  std::uint64_t cluster = 0;
  std::uint64_t storage = 0;
  std::uint16_t node = 0;
  std::uint8_t barred_from_voting = 0;
  std::uint8_t joins = 0;
  std::array<std::uint8_t, 4> reserved{};
};
static_assert(sizeof(StoredIdentity) == 24 && offsetof(StoredIdentity, node) == 16);

struct StoredBallot {
  std::uint64_t term = 0;
  std::uint16_t voted_for = 0;
  std::array<std::uint8_t, 6> reserved{};
};
static_assert(sizeof(StoredBallot) == 16 && offsetof(StoredBallot, voted_for) == 8);

template <typename T>
base::MutableBytes writable(T& object) {
  return std::as_writable_bytes(std::span<T, 1>(&object, 1));
}

StoredIdentity stored(const Identity& identity) {
  StoredIdentity value;
  value.cluster = identity.cluster;
  value.storage = identity.storage;
  value.node = identity.node;
  value.barred_from_voting = identity.barred_from_voting ? 1 : 0;
  value.joins = identity.joins ? 1 : 0;
  return value;
}

StoredBallot stored(const Ballot& ballot) {
  StoredBallot value;
  value.term = ballot.term;
  value.voted_for = ballot.voted_for;
  return value;
}

base::Result<bool> has_file(Disk& disk, const std::string& name) {
  const base::Result<std::vector<std::string>> names = disk.list();
  if (!names) return names.error();
  return std::find(names.value().begin(), names.value().end(), name) != names.value().end();
}

base::Error not_formatted(const Disk& disk, const char* name) {
  return {fmt::format(
      "{}/{}: missing. A new server's folder must be formatted first; if this server ran before, "
      "check the folder in the configuration and that its device is mounted, and do not format "
      "it anew: it would come back without the votes and entries it has acknowledged",
      disk.where(), name)};
}

}  // namespace

base::Status format(Disk& disk, const Identity& identity, const Ballot& first) {
  const base::Result<std::vector<std::string>> names = disk.list();
  if (!names) return names.error();
  for (const std::string& name : names.value()) {
    if (name != kIdentityName && !segment_number(name)) continue;
    return base::Error{
        fmt::format("{}: already belongs to a server (there is {}). Give the new one an empty "
                    "folder, or move this one away",
                    disk.where(), name)};
  }
  // The identity comes last: with it the folder is a server's, and everything else is there.
  const base::Status ballot =
      TwoSlotFile::create(disk, kBallotName, SlotKind::ballot, base::object_bytes(stored(first)));
  if (!ballot) return ballot;
  return TwoSlotFile::create(disk, kIdentityName, SlotKind::identity,
                             base::object_bytes(stored(identity)));
}

base::Result<Identity> load_identity(Disk& disk) {
  const base::Result<bool> present = has_file(disk, kIdentityName);
  if (!present) return present.error();
  if (!present.value()) return not_formatted(disk, kIdentityName);
  StoredIdentity value;
  const base::Status read =
      TwoSlotFile::read(disk, kIdentityName, SlotKind::identity, writable(value));
  if (!read) return read.error();
  Identity identity;
  identity.cluster = value.cluster;
  identity.node = value.node;
  identity.storage = value.storage;
  identity.barred_from_voting = value.barred_from_voting != 0;
  identity.joins = value.joins != 0;
  return identity;
}

base::Status store_identity(Disk& disk, const Identity& identity) {
  StoredIdentity present;
  base::Result<TwoSlotFile> file =
      TwoSlotFile::open(disk, kIdentityName, SlotKind::identity, writable(present));
  if (!file) return file.error();
  return file.value().store(base::object_bytes(stored(identity)));
}

base::Result<BallotFile> BallotFile::open(Disk& disk) {
  const base::Result<bool> present = has_file(disk, kBallotName);
  if (!present) return present.error();
  if (!present.value()) return not_formatted(disk, kBallotName);
  StoredBallot value;
  base::Result<TwoSlotFile> file =
      TwoSlotFile::open(disk, kBallotName, SlotKind::ballot, writable(value));
  if (!file) return file.error();
  return BallotFile(std::move(file.value()), Ballot{value.term, value.voted_for});
}

base::Status BallotFile::store(Ballot ballot) {
  const base::Status status = file_.store(base::object_bytes(stored(ballot)));
  if (status) current_ = ballot;
  return status;
}

}  // namespace okiagari::journal
