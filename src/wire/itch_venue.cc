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
