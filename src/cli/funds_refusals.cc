#include "cli/funds_refusals.h"

#include <cstring>

#include "venue/batch_reader.h"
#include "venue/event.h"
#include "venue/venue.h"

namespace okiagari::cli {

namespace {

void take_refusals(base::Bytes events, check::FundsRefusals& refusals) {
  while (events.size() >= sizeof(venue::EventHeader)) {
    venue::EventHeader header;
    std::memcpy(&header, events.data(), sizeof header);
    if (header.type == venue::EventType::order_rejected) {
      venue::OrderRejected rejected;
      std::memcpy(&rejected, events.data(), sizeof rejected);
      const auto reason = static_cast<std::uint16_t>(rejected.reason);
      if (check::is_about_funds(reason)) {
        const SessionId session = header.session;
        refusals.emplace(std::pair{session, std::uint32_t{rejected.user_reference}}, reason);
      }
    }
    events = events.subspan(header.size_bytes);
  }
}

}  // namespace

check::FundsRefusals funds_refusals(const check::Journal& journal) {
  check::FundsRefusals refusals;
  if (journal.base_index != 0) return refusals;
  venue::Venue market{venue::Limits{}};
  base::ByteWriter events;
  for (const check::JournalEntry& entry : journal.entries) {
    if (entry.type != check::kEntryCommand || entry.payload.empty()) continue;
    if (!venue::BatchReader(entry.payload).is_whole()) break;
    events.clear();
    market.apply_batch(entry.payload, events);
    take_refusals(events.view(), refusals);
  }
  return refusals;
}

}  // namespace okiagari::cli
