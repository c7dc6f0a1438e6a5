// Rooms: journal base
// A frame from a peer, once as it is and once with length and checksum made right. What is found
// whole is exactly what encoding it again gives.
#include <algorithm>
#include <cstdint>
#include <vector>

#include "base/assert.h"
#include "base/hash.h"
#include "journal/peer_message.h"

namespace {

using namespace okiagari;

void check(base::Bytes frame) {
  const auto length = journal::frame_length(frame);
  journal::PeerFrame decoded;
  if (journal::decode(frame, decoded) != journal::FrameFault::none) return;
  ASSERT(length == frame.size(), "a frame of {} bytes", frame.size());
  base::ByteWriter again;
  journal::encode(decoded.sender, decoded.message, again);
  const base::Bytes bytes = again.view();
  ASSERT(std::equal(bytes.begin(), bytes.end(), frame.begin(), frame.end()),
         "kind {} is not written as it was read", decoded.message.index());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const base::Bytes input(reinterpret_cast<const std::byte*>(data), size);
  check(input);
  if (size < sizeof(journal::FrameHeader)) return 0;
  std::vector<std::byte> sealed(input.begin(), input.end());
  base::store_little(sealed.data(), static_cast<std::uint32_t>(size));
  base::store_little(sealed.data() + 4, base::crc32c(input.subspan(8)));
  check(sealed);
  return 0;
}
