#include "wire/itch_venue.h"

#include <cstring>

namespace okiagari::wire::itch {

namespace {

template <typename Message>
Message blank_message(const venue::EventHeader& event, InstrumentId instrument) {
  Message message;
  Head head;
  head.type = Message::kType;
  head.locate = instrument;
  head.timestamp_ns = since_midnight_ns(event.timestamp_ns);
  static_assert(sizeof(Message) >= sizeof head);
  message.head = head;
  return message;
}

template <typename Message>
std::size_t finish(const Message& message, std::byte* into) {
  static_assert(sizeof message <= kMessageBytesMax);
  std::memcpy(into, &message, sizeof message);
  return sizeof message;
}

std::size_t add(const venue::FeedAdd& event, const Symbols& symbols, std::byte* into) {
  auto message = blank_message<AddOrder>(event.header, event.instrument);
  message.reference = event.reference;
  message.side = event.side == Side::buy ? 'B' : 'S';
  message.shares = event.quantity;
  message.symbol = symbols.of(event.instrument);
  message.price_e4 = event.price_e4;
  return finish(message, into);
}

std::size_t execute(const venue::FeedExecute& event, std::byte* into) {
  auto message = blank_message<OrderExecuted>(event.header, event.instrument);
  message.reference = event.reference;
  message.shares = event.quantity;
  message.match = event.match;
  return finish(message, into);
}

std::size_t reduce(const venue::FeedReduce& event, std::byte* into) {
  auto message = blank_message<OrderCancel>(event.header, event.instrument);
  message.reference = event.reference;
  message.shares = event.quantity;
  return finish(message, into);
}

std::size_t remove(const venue::FeedDelete& event, std::byte* into) {
  auto message = blank_message<OrderDelete>(event.header, event.instrument);
  message.reference = event.reference;
  return finish(message, into);
}

std::size_t replace(const venue::FeedReplace& event, std::byte* into) {
  auto message = blank_message<OrderReplace>(event.header, event.instrument);
  message.original_reference = event.original_reference;
  message.reference = event.reference;
  message.shares = event.quantity;
  message.price_e4 = event.price_e4;
  return finish(message, into);
}

// Four printable characters, packed big endian by who gave the reason; else blank.
Alpha<4> reason_text(std::uint32_t reason) {
  Alpha<4> text{};
  for (std::size_t i = 0; i < text.size(); ++i) {
    text[i] = static_cast<char>(reason >> (24 - 8 * i));
    if (text[i] < ' ' || text[i] > '~') return alpha<4>("");
  }
  return text;
}

std::size_t state(const venue::FeedState& event, const Symbols& symbols, std::byte* into) {
  auto message = blank_message<TradingAction>(event.header, event.instrument);
  message.symbol = symbols.of(event.instrument);
  message.state = state_letter(event.state);
  message.reserved = static_cast<char>('0' + static_cast<int>(event.state));
  message.reason = reason_text(event.reason);
  return finish(message, into);
}

std::size_t directory(const venue::FeedInstrument& event, std::byte* into) {
  auto message = blank_message<Directory>(event.header, event.instrument);
  message.symbol = event.symbol;
  return finish(message, into);
}

std::size_t system(const venue::FeedSystem& event, std::byte* into) {
  auto message = blank_message<SystemEvent>(event.header, 0);
  message.code = event.code;
  return finish(message, into);
}

// The cross tells the volume as a whole, so this one is not counted again: it is not printable.
std::size_t execute_at(const venue::FeedExecuteAt& event, std::byte* into) {
  auto message = blank_message<OrderExecutedWithPrice>(event.header, event.instrument);
  message.reference = event.reference;
  message.shares = event.quantity;
  message.match = event.match;
  message.printable = 'N';
  message.price_e4 = event.price_e4;
  return finish(message, into);
}

std::size_t cross(const venue::FeedCross& event, const Symbols& symbols, std::byte* into) {
  auto message = blank_message<CrossTrade>(event.header, event.instrument);
  message.shares = event.volume;
  message.symbol = symbols.of(event.instrument);
  message.price_e4 = event.price_e4;
  message.match = event.match;
  message.cross_type = event.cross_type;
  return finish(message, into);
}

// How far the price is from the reference, as ITCH grades it.
char price_variation(std::uint32_t price_e4, std::uint32_t reference_e4) {
  if (price_e4 == 0 || reference_e4 == 0) return ' ';
  const std::uint64_t apart =
      price_e4 > reference_e4 ? price_e4 - reference_e4 : reference_e4 - price_e4;
  const std::uint64_t percent = apart * 100 / reference_e4;
  if (percent == 0) return 'L';
  if (percent < 10) return static_cast<char>('0' + percent);
  return percent < 20 ? 'A' : percent < 30 ? 'B' : 'C';
}

std::size_t indicative(const venue::FeedIndicative& event, const Symbols& symbols,
                       std::byte* into) {
  auto message = blank_message<Imbalance>(event.header, event.instrument);
  message.paired_shares = event.volume;
  // The lowest number, which a damaged event may hold, has no negative of its own kind.
  const auto surplus = static_cast<std::uint64_t>(event.surplus);
  message.imbalance_shares = event.surplus < 0 ? 0 - surplus : surplus;
  message.direction = event.price_e4 == 0 ? 'O'
                      : event.surplus > 0 ? 'B'
                      : event.surplus < 0 ? 'S'
                                          : 'N';
  message.symbol = symbols.of(event.instrument);
  message.far_price_e4 = event.price_e4;
  message.near_price_e4 = event.price_e4;
  message.reference_price_e4 = event.reference_e4;
  message.cross_type = event.cross_type;
  message.price_variation = price_variation(event.price_e4, event.reference_e4);
  return finish(message, into);
}

std::size_t collar(const venue::FeedCollar& event, const Symbols& symbols, std::byte* into) {
  auto message = blank_message<AuctionCollar>(event.header, event.instrument);
  message.symbol = symbols.of(event.instrument);
  message.reference_price_e4 = event.reference_e4;
  message.upper_price_e4 = event.high_e4;
  message.lower_price_e4 = event.low_e4;
  message.extensions = event.extensions;
  return finish(message, into);
}

template <typename Event>
const Event& as(const venue::EventHeader& header) {
  return reinterpret_cast<const Event&>(header);
}

}  // namespace

std::size_t itch_from_event(const venue::EventHeader& event, const Symbols& symbols,
                            std::byte* into) {
  switch (event.type) {
    case venue::EventType::feed_add:
      return add(as<venue::FeedAdd>(event), symbols, into);
    case venue::EventType::feed_execute:
      return execute(as<venue::FeedExecute>(event), into);
    case venue::EventType::feed_reduce:
      return reduce(as<venue::FeedReduce>(event), into);
    case venue::EventType::feed_delete:
      return remove(as<venue::FeedDelete>(event), into);
    case venue::EventType::feed_replace:
      return replace(as<venue::FeedReplace>(event), into);
    case venue::EventType::feed_state:
      return state(as<venue::FeedState>(event), symbols, into);
    case venue::EventType::feed_instrument:
      return directory(as<venue::FeedInstrument>(event), into);
    case venue::EventType::feed_system:
      return system(as<venue::FeedSystem>(event), into);
    case venue::EventType::feed_execute_at:
      return execute_at(as<venue::FeedExecuteAt>(event), into);
    case venue::EventType::feed_cross:
      return cross(as<venue::FeedCross>(event), symbols, into);
    case venue::EventType::feed_indicative:
      return indicative(as<venue::FeedIndicative>(event), symbols, into);
    case venue::EventType::feed_collar:
      return collar(as<venue::FeedCollar>(event), symbols, into);
    default:
      return 0;
  }
}

char state_letter(venue::InstrumentState state) {
  switch (state) {
    case venue::InstrumentState::cancel_only:
      return 'P';
    case venue::InstrumentState::post_only:
    case venue::InstrumentState::auction_call:
    case venue::InstrumentState::uncross:
      return 'Q';
    case venue::InstrumentState::limit_only:
    case venue::InstrumentState::full:
      return 'T';
    case venue::InstrumentState::halted:
    case venue::InstrumentState::closed:
      return 'H';
  }
  return 'H';
}

}  // namespace okiagari::wire::itch
