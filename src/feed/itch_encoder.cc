#include "feed/itch_encoder.h"

#include "base/assert.h"
#include "wire/itch_venue.h"

namespace okiagari::feed {

void ItchEncoder::learn(const venue::EventHeader& event) {
  if (event.type != venue::EventType::feed_instrument) return;
  const auto& instrument = reinterpret_cast<const venue::FeedInstrument&>(event);
  symbols_.add(instrument.instrument, instrument.symbol);
}

base::Bytes ItchEncoder::encode(const venue::EventHeader& event) {
  const std::size_t size = wire::itch::itch_from_event(event, symbols_, message_.data());
  ASSERT(size > 0, "feed event {} of type {} has no message", event.feed_number,
         static_cast<int>(event.type));
  return {message_.data(), size};
}

}  // namespace okiagari::feed
