// Rooms: check
// What the checker reads off its connections: a stream of SoupBinTCP packets or a datagram of
// MoldUDP64, and each payload as any message it may be. What is read can also be told.
#include <cstdint>

#include "base/assert.h"
#include "check/itch.h"
#include "check/mold.h"
#include "check/ouch.h"
#include "check/soup_bin.h"

namespace {

using namespace okiagari;

void read_message(base::Bytes message) {
  check::OuchAnswer answer;
  if (check::decode_ouch(message, answer)) {
    ASSERT(!check::describe(answer).empty());
    const base::Bytes appendage = base::as_bytes(answer.appendage);
    for (const std::uint8_t tag : {check::kTagSide, check::kTagAccount, check::kTagReason}) {
      ASSERT(check::appendage_field(appendage, tag).size() < appendage.size() || appendage.empty());
    }
  }
  check::OuchRefusal refusal;
  (void)check::decode_ouch_refusal(message, refusal);
  check::ItchMessage itch;
  if (check::decode_itch(message, itch)) ASSERT(!check::describe(itch).empty());
  check::SoupLoginAccepted accepted;
  (void)check::read_soup_login_accepted(message, accepted);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const base::Bytes stream(reinterpret_cast<const std::byte*>(data), size);
  read_message(stream);
  check::MoldDatagram datagram;
  if (check::read_mold(stream, datagram)) {
    for (const base::Bytes message : datagram.messages) read_message(message);
  }
  check::SoupReader reader(stream);
  check::SoupPacket packet;
  base::ByteWriter again;
  while (reader.next(packet)) {
    read_message(packet.payload);
    if (packet.payload.size() < 0xFFFF - 1) {
      check::write_soup_packet(again, packet.type, packet.payload);
    }
  }
  ASSERT(reader.consumed() <= size);
  ASSERT(base::as_text(again.view()) == base::as_text(stream.first(reader.consumed())));
  return 0;
}
