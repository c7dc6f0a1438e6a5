// Rooms: venue market
// A snapshot, as it is and with its size, limits and hash made right. What is loaded holds
// together, and is written in the newest version as bytes that are themselves written again when
// they are loaded. The venue is a small one: a large one takes more time to make than to load.
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>

#include "base/assert.h"
#include "base/hash.h"
#include "venue/snapshot_format.h"
#include "venue/venue.h"

namespace {

using namespace okiagari;

venue::Limits small_limits() {
  venue::Limits limits;
  limits.books = {.max_live_orders = 1'000, .max_instruments = 100};
  limits.max_members = 100;
  limits.max_sessions = 100;
  limits.max_accounts = 1'000;
  limits.max_positions = 10'000;
  return limits;
}

void load(base::Bytes bytes) {
  const venue::Limits limits = small_limits();
  venue::Venue venue{limits};
  if (!venue.load_snapshot(bytes)) return;
  const base::Status status = venue.check_invariants();
  ASSERT(status.ok(), "{}", status.ok() ? "" : status.error().message);
  base::ByteWriter again;
  venue.write_snapshot(again);
  venue::Venue second{limits};
  const base::Status status_again = second.load_snapshot(again.view());
  ASSERT(status_again.ok(), "{}", status_again.ok() ? "" : status_again.error().message);
  base::ByteWriter third;
  second.write_snapshot(third);
  ASSERT(base::as_text(third.view()) == base::as_text(again.view()));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string bytes(reinterpret_cast<const char*>(data), size);
  load(base::as_bytes(bytes));
  constexpr std::size_t kHashBytes = sizeof(std::uint64_t);
  if (size < sizeof(venue::snapshot::Header) + kHashBytes) return 0;
  base::store_little(bytes.data() + offsetof(venue::snapshot::Header, size_bytes),
                     std::uint64_t{size});
  const venue::snapshot::LimitsRecord limits = venue::snapshot::record_of(small_limits());
  std::memcpy(bytes.data() + offsetof(venue::snapshot::Header, limits), &limits, sizeof limits);
  const std::uint64_t hash = base::hash64(base::as_bytes(bytes).first(size - kHashBytes));
  base::store_little(bytes.data() + size - kHashBytes, hash);
  load(base::as_bytes(bytes));
  return 0;
}
