// Rooms: wire venue
// A stream of frames between a node and a gateway. Every event that is found whole becomes a
// message that our own decoders find without fault.
#include <cstdint>

#include "base/assert.h"
#include "wire/itch_venue.h"
#include "wire/link.h"
#include "wire/ouch_venue.h"

namespace {

using namespace okiagari;

void walk_events(base::Bytes events) {
  wire::Symbols symbols;
  wire::EventReader reader(events);
  std::byte message[wire::ouch::kMessageBytesMax];
  while (const venue::EventHeader* event = reader.next()) {
    const std::size_t ouch_bytes = wire::ouch::ouch_from_event(*event, symbols, message);
    ASSERT(ouch_bytes <= sizeof message);
    if (ouch_bytes > 0) {
      ASSERT(wire::ouch::check_outbound({message, ouch_bytes}) == wire::ouch::Fault::none);
    }
    const std::size_t itch_bytes = wire::itch::itch_from_event(*event, symbols, message);
    if (itch_bytes > 0) {
      ASSERT(wire::itch::check({message, itch_bytes}) == wire::itch::Fault::none);
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const base::Bytes stream(reinterpret_cast<const std::byte*>(data), size);
  std::size_t consumed = 0;
  wire::LinkFrame frame;
  wire::LinkFault fault;
  while ((fault = wire::decode_link(stream.subspan(consumed), frame)) == wire::LinkFault::none) {
    consumed += frame.size_bytes;
    ASSERT(consumed <= size);
    if (frame.type == wire::LinkFrameType::events) {
      walk_events(wire::after_fixed_part<wire::EventsPrefix>(frame));
    }
    if (frame.type == wire::LinkFrameType::history) {
      walk_events(wire::after_fixed_part<wire::HistoryPrefix>(frame));
    }
    wire::CommandReader commands(frame.body);
    std::size_t bytes = 0;
    while (const venue::CommandHeader* command = commands.next()) bytes += command->size_bytes;
    ASSERT(bytes <= frame.body.size());
    ASSERT(!commands.ok() || bytes == frame.body.size());
  }
  ASSERT(wire::describe(fault) != nullptr);
  return 0;
}
