// Rooms: journal base
// A greeting between servers, once as it is and once with its checksum made right. What is read is
// what writing it again gives, but for bytes that are kept for later.
#include <cstdint>
#include <vector>

#include "base/assert.h"
#include "base/hash.h"
#include "journal/peer_greeting.h"

namespace {

using namespace okiagari;

void check(base::Bytes bytes) {
  const auto greeting = journal::decode_greeting(bytes);
  if (!greeting) return;
  ASSERT(bytes.size() == journal::kGreetingBytes, "a greeting of {} bytes", bytes.size());
  base::ByteWriter again;
  journal::encode(*greeting, again);
  ASSERT(journal::decode_greeting(again.view()) == greeting, "it is not written as it was read");
  static_cast<void>(journal::refusal_of(*greeting, greeting->cluster, greeting->to));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const base::Bytes input(reinterpret_cast<const std::byte*>(data), size);
  check(input);
  if (size != journal::kGreetingBytes) return 0;
  std::vector<std::byte> sealed(input.begin(), input.end());
  const std::size_t crc_at = journal::kGreetingBytes - sizeof(std::uint32_t);
  base::store_little(sealed.data() + crc_at, base::crc32c(input.first(crc_at)));
  check(sealed);
  return 0;
}
