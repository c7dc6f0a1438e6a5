// Rooms: wire venue
// One message, as a gateway gets it and as a member gets it. What is found without fault becomes a
// whole command or a refusal.
#include <cstdint>

#include "base/assert.h"
#include "wire/link.h"
#include "wire/ouch.h"
#include "wire/ouch_venue.h"

namespace {

using namespace okiagari;
namespace ouch = wire::ouch;

void check_options(base::Bytes appendage) {
  ouch::OptionReader reader(appendage);
  ouch::OptionReader::Option option;
  std::size_t bytes = 0;
  while (reader.next(option)) bytes += 2 + option.value.size();
  ASSERT(bytes == appendage.size(), "{} of {} bytes are elements", bytes, appendage.size());
}

void take_inbound(base::Bytes message) {
  check_options(ouch::inbound_appendage(message));
  if (static_cast<char>(message[0]) == ouch::AccountQuery::kType) return;
  wire::Symbols symbols;
  symbols.add(1, wire::alpha<8>("ALPHA"));
  ouch::Origin origin;
  origin.session = 1;
  origin.firm = wire::alpha<4>("FIRM");
  std::byte command[ouch::kCommandBytesMax];
  const ouch::Translated made = ouch::command_from_ouch(message, origin, symbols, command);
  if (made.size_bytes == 0) {
    ASSERT(made.refusal != ouch::RejectCode::venue_reason);
    ASSERT(!ouch::describe(made.refusal).empty());
    return;
  }
  wire::CommandReader reader({command, made.size_bytes});
  const venue::CommandHeader* header = reader.next();
  ASSERT(header != nullptr && header->session == 1);
  ASSERT(reader.next() == nullptr && reader.ok());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const base::Bytes message(reinterpret_cast<const std::byte*>(data), size);
  const ouch::Fault inbound = ouch::check_inbound(message);
  if (inbound == ouch::Fault::none) take_inbound(message);
  const ouch::Fault outbound = ouch::check_outbound(message);
  if (outbound == ouch::Fault::none) check_options(ouch::outbound_appendage(message));
  ASSERT(ouch::describe(inbound) != nullptr && ouch::describe(outbound) != nullptr);
  return 0;
}
