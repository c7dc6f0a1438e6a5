// Rooms: wire
// A MoldUDP64 datagram of ITCH messages. One that is whole, put together again, is the datagram.
#include <cstdint>

#include "base/assert.h"
#include "wire/itch.h"
#include "wire/mold.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace okiagari;
  const base::Bytes datagram(reinterpret_cast<const std::byte*>(data), size);
  wire::MoldReader reader(datagram);
  wire::MoldWriter writer(size);
  if (reader.ok()) writer.begin(reader.header().session, reader.header().sequence_number);
  base::Bytes message;
  std::uint32_t messages = 0;
  while (reader.next(message)) {
    ++messages;
    ASSERT(writer.add(message));
    const wire::itch::Fault fault = wire::itch::check(message);
    ASSERT(wire::itch::describe(fault) != nullptr);
    if (fault == wire::itch::Fault::none) {
      ASSERT(message.size() == wire::itch::size_of(static_cast<char>(message[0])));
      ASSERT(message.size() <= wire::itch::kMessageBytesMax);
    }
  }
  const bool is_end = reader.header().message_count == wire::kMoldEndOfSession;
  if (reader.ok() && !is_end) {
    ASSERT(messages == reader.header().message_count);
    ASSERT(base::as_text(writer.finish()) == base::as_text(datagram));
  }
  return 0;
}
