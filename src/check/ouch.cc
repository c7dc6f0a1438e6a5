#include "check/ouch.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

namespace okiagari::check {
namespace {

template <std::size_t Size>
bool read_text(base::ByteReader& reader, std::array<char, Size>& into) {
  return reader.object(into);
}

bool read_appendage(base::ByteReader& reader, std::string& into) {
  const auto size = reader.big<std::uint16_t>();
  into = base::as_text(reader.bytes(size));
  return reader.ok();
}

// What accepted and replaced have in common, from the side on.
void read_order(base::ByteReader& reader, OuchAnswer& answer) {
  answer.side = reader.little<char>();
  answer.quantity = reader.big<std::uint32_t>();
  (void)read_text(reader, answer.symbol);
  answer.price_e4 = reader.big<std::uint64_t>();
  answer.time_in_force = reader.little<char>();
  answer.display = reader.little<char>();
  answer.order_reference = reader.big<std::uint64_t>();
  answer.capacity = reader.little<char>();
  answer.sweep = reader.little<char>();
  answer.cross = reader.little<char>();
  answer.order_state = reader.little<char>();
  (void)read_text(reader, answer.client_order_id);
  (void)read_appendage(reader, answer.appendage);
}

void read_canceled(base::ByteReader& reader, OuchAnswer& answer) {
  answer.quantity = reader.big<std::uint32_t>();
  answer.reason = reader.little<std::uint8_t>();
}

void read_executed(base::ByteReader& reader, OuchAnswer& answer) {
  answer.quantity = reader.big<std::uint32_t>();
  answer.price_e4 = reader.big<std::uint64_t>();
  answer.liquidity = reader.little<char>();
  answer.match = reader.big<std::uint64_t>();
  (void)read_appendage(reader, answer.appendage);
}

void read_broken(base::ByteReader& reader, OuchAnswer& answer) {
  answer.match = reader.big<std::uint64_t>();
  answer.reason = reader.little<std::uint8_t>();
  (void)read_text(reader, answer.client_order_id);
}

void read_rejected(base::ByteReader& reader, OuchAnswer& answer) {
  answer.reason = reader.big<std::uint16_t>();
  (void)read_text(reader, answer.client_order_id);
}

void read_trading_state(base::ByteReader& reader, OuchAnswer& answer) {
  answer.scope = reader.little<char>();
  (void)read_text(reader, answer.symbol);
  answer.state = reader.little<char>();
  answer.state_reason = reader.big<std::uint32_t>();
}

// False for a type that has no body known here.
bool read_body(base::ByteReader& reader, OuchAnswer& answer) {
  switch (answer.type) {
    case kOuchAccepted:
    case kOuchReplaced:
      read_order(reader, answer);
      return true;
    case kOuchCanceled:
      read_canceled(reader, answer);
      return true;
    case kOuchSelfTradeCanceled:
      read_canceled(reader, answer);
      (void)reader.big<std::uint32_t>();  // prevented from trading
      answer.price_e4 = reader.big<std::uint64_t>();
      answer.liquidity = reader.little<char>();
      (void)reader.little<char>();  // strategy
      return true;
    case kOuchExecuted:
      read_executed(reader, answer);
      return true;
    case kOuchBroken:
      read_broken(reader, answer);
      return true;
    case kOuchRejected:
      read_rejected(reader, answer);
      return true;
    case kOuchModified:
      answer.side = reader.little<char>();
      answer.quantity = reader.big<std::uint32_t>();
      return true;
    case kOuchRestated:
      answer.reason = reader.little<std::uint8_t>();
      (void)read_appendage(reader, answer.appendage);
      return true;
    case kOuchTriggered:
      answer.quantity = reader.big<std::uint32_t>();
      answer.price_e4 = reader.big<std::uint64_t>();
      answer.order_reference = reader.big<std::uint64_t>();
      answer.order_state = reader.little<char>();
      return true;
    case kOuchCancelPending:
    case kOuchCancelRejected:
    case kOuchAccountQuery:
      return true;
    default:
      return false;
  }
}

void write_appendage(base::ByteWriter& into, const std::string& appendage) {
  into.big(static_cast<std::uint16_t>(appendage.size()));
  into.bytes(base::as_bytes(appendage));
}

template <std::size_t Size>
std::array<char, Size> padded(std::string_view text) {
  std::array<char, Size> into;
  into.fill(' ');
  std::copy_n(text.begin(), std::min(text.size(), Size), into.begin());
  return into;
}

}  // namespace

bool decode_ouch(base::Bytes message, OuchAnswer& answer) {
  answer = OuchAnswer{};
  base::ByteReader reader(message);
  answer.type = reader.little<char>();
  answer.time_ns = reader.big<std::uint64_t>();
  if (answer.type == kOuchSystemEvent) {
    answer.reason = reader.little<std::uint8_t>();
    return reader.at_end();
  }
  if (answer.type == kOuchTradingState) {
    read_trading_state(reader, answer);
    return reader.at_end();
  }
  if (answer.type == kOuchReplaced) {
    answer.original_user_reference = reader.big<std::uint32_t>();
  }
  answer.user_reference = reader.big<std::uint32_t>();
  if (!reader.ok() || !read_body(reader, answer)) return false;
  // Later editions of the specification add an appendage to messages that had none.
  if (reader.ok() && reader.remaining() >= 2) (void)read_appendage(reader, answer.appendage);
  return reader.at_end();
}

base::Bytes appendage_field(base::Bytes appendage, std::uint8_t tag) {
  base::ByteReader reader(appendage);
  while (reader.ok() && reader.remaining() > 0) {
    const auto size = reader.little<std::uint8_t>();
    const base::Bytes field = reader.bytes(size);
    if (!field.empty() && field[0] == std::byte{tag}) return field.subspan(1);
  }
  return {};
}

void append_field(std::string& appendage, std::uint8_t tag, base::Bytes value) {
  appendage.push_back(static_cast<char>(value.size() + 1));
  appendage.push_back(static_cast<char>(tag));
  appendage.append(base::as_text(value));
}

std::string describe(const OuchAnswer& answer) {
  const std::string_view symbol(answer.symbol.data(),
                                answer.symbol[0] == '\0' ? 0 : answer.symbol.size());
  return fmt::format(
      "{} reference {} (was {}) {} {} at {} symbol '{}' order {} match {} reason {} time {}",
      answer.type, answer.user_reference, answer.original_user_reference,
      answer.side == '\0' ? '-' : answer.side, answer.quantity, answer.price_e4, symbol,
      answer.order_reference, answer.match, answer.reason, answer.time_ns);
}

void encode_ouch(base::ByteWriter& into, const OuchEnter& message) {
  into.little('O');
  into.big(message.user_reference);
  into.little(message.side);
  into.big(message.quantity);
  into.object(message.symbol);
  into.big(message.price_e4);
  into.little(message.time_in_force);
  into.little(message.display);
  into.little(message.capacity);
  into.little(message.sweep);
  into.little(message.cross);
  into.object(message.client_order_id);
  write_appendage(into, message.appendage);
}

void encode_ouch(base::ByteWriter& into, const OuchReplace& message) {
  into.little('U');
  into.big(message.original_user_reference);
  into.big(message.user_reference);
  into.big(message.quantity);
  into.big(message.price_e4);
  into.little(message.time_in_force);
  into.little(message.display);
  into.little(message.sweep);
  into.object(message.client_order_id);
  write_appendage(into, message.appendage);
}

void encode_ouch(base::ByteWriter& into, const OuchCancel& message) {
  into.little('X');
  into.big(message.user_reference);
  into.big(message.quantity);
}

void encode_ouch(base::ByteWriter& into, const OuchMassCancel& message) {
  into.little('C');
  into.big(message.user_reference);
  into.bytes(base::as_bytes("    "));  // firm: one's own
  into.object(message.symbol);
  write_appendage(into, message.appendage);
}

void encode_ouch_account_query(base::ByteWriter& into) { into.little('Q'); }

bool decode_ouch_refusal(base::Bytes message, OuchRefusal& refusal) {
  base::ByteReader reader(message);
  if (reader.little<char>() != kOuchRefusal) return false;
  (void)reader.big<std::uint64_t>();
  refusal.refused_type = reader.little<char>();
  refusal.user_reference = reader.big<std::uint32_t>();
  refusal.reason = reader.big<std::uint16_t>();
  refusal.retry_after_ms = reader.big<std::uint32_t>();
  return reader.at_end();
}

Symbol padded_symbol(std::string_view text) { return padded<8>(text); }
ClientOrderId padded_client_order_id(std::string_view text) { return padded<14>(text); }

}  // namespace okiagari::check
