// Rooms: wire
// A stream of SoupBinTCP packets. Whatever is taken out of it, put together again, is the stream.
#include <cstdint>
#include <string>

#include "base/assert.h"
#include "wire/soup.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace okiagari;
  const base::Bytes stream(reinterpret_cast<const std::byte*>(data), size);
  std::size_t consumed = 0;
  wire::SoupPacket packet;
  wire::SoupFault fault;
  while ((fault = wire::decode_soup(stream.subspan(consumed), packet)) == wire::SoupFault::none) {
    ASSERT(packet.size_bytes == wire::kSoupHeaderBytes + packet.payload.size());
    std::byte header[wire::kSoupHeaderBytes];
    wire::encode_soup_header(header, packet.type, packet.payload.size());
    ASSERT(base::as_text(header) ==
           base::as_text(stream.subspan(consumed, wire::kSoupHeaderBytes)));
    consumed += packet.size_bytes;
    ASSERT(consumed <= size);
    const auto* request = wire::view_as<wire::SoupLoginRequest>(packet.payload);
    if (packet.type != wire::SoupType::login_request || request == nullptr) continue;
    const auto number = wire::parse_soup_number(request->sequence_number);
    if (!number) continue;
    ASSERT(wire::parse_soup_number(wire::soup_number(*number)) == number);
  }
  ASSERT(wire::describe(fault) != nullptr);
  return 0;
}
