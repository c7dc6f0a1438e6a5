#include "feed/market_image.h"

#include <cstring>

#include "feed/itch_encoder.h"
#include "wire/soup.h"

namespace okiagari::feed {

namespace {

// The last message of an image: type G, and the number to go on with as twenty digits, as in
// Nasdaq's GLIMPSE 5.0 for this feed.
constexpr char kEndOfImage = 'G';

class ImageMaker {
 public:
  explicit ImageMaker(const venue::Venue& venue) : venue_(venue) {}

  std::vector<std::byte> make() {
    for (InstrumentId id = 1;; ++id) {
      venue::Venue::InstrumentView view;
      if (!venue_.instrument(id, view)) break;
      add_instrument(id, view);
    }
    std::array<std::byte, 1 + 20> end;
    end[0] = static_cast<std::byte>(kEndOfImage);
    const auto number = wire::soup_number(venue_.last_feed_number() + 1);
    static_assert(sizeof number == 20);
    std::memcpy(end.data() + 1, &number, sizeof number);
    frame(end);
    return std::move(frames_);
  }

 private:
  void add_instrument(InstrumentId id, const venue::Venue::InstrumentView& view) {
    venue::FeedInstrument listed{};
    listed.instrument = id;
    listed.symbol = view.symbol;
    listed.tick_e4 = view.tick_e4;
    add(listed);
    venue::FeedState state{};
    state.instrument = id;
    state.state = view.state;
    add(state);
    for (const Side side : {Side::buy, Side::sell}) {
      venue_.books().for_each_order(id, side, [&](const auto& order) {
        venue::FeedAdd added{};
        added.reference = order.reference;
        added.quantity = order.remaining;
        added.price_e4 = static_cast<std::uint32_t>(order.price) * view.tick_e4;
        added.instrument = id;
        added.side = side;
        add(added);
      });
    }
  }
  template <typename Event>
  void add(Event& event) {
    event.header.size_bytes = sizeof event;
    event.header.type = Event::kType;
    event.header.timestamp_ns = venue_.last_timestamp_ns();
    encoder_.learn(event.header);
    frame(encoder_.encode(event.header));
  }
  void frame(base::Bytes message) {
    const std::size_t at = frames_.size();
    frames_.resize(at + wire::kSoupHeaderBytes + message.size());
    wire::encode_soup_header(frames_.data() + at, wire::SoupType::sequenced_data, message.size());
    std::memcpy(frames_.data() + at + wire::kSoupHeaderBytes, message.data(), message.size());
  }

  const venue::Venue& venue_;
  ItchEncoder encoder_;
  std::vector<std::byte> frames_;
};

}  // namespace

MarketImage make_market_image(const venue::Venue& venue) {
  return {venue.last_feed_number() + 1, ImageMaker(venue).make()};
}

}  // namespace okiagari::feed
