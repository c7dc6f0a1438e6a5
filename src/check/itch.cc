#include "check/itch.h"

#include <fmt/format.h>

#include <string_view>

namespace okiagari::check {
namespace {

std::uint64_t read_time(base::ByteReader& reader) {
  const std::uint64_t high = reader.big<std::uint16_t>();
  return high << 32 | reader.big<std::uint32_t>();
}

void read_add(base::ByteReader& reader, ItchMessage& into) {
  into.side = reader.little<char>();
  into.quantity = reader.big<std::uint32_t>();
  (void)reader.object(into.symbol);
  into.price_e4 = reader.big<std::uint32_t>();
  if (into.type == kItchAddAttributed) (void)reader.bytes(4);
}

void read_executed(base::ByteReader& reader, ItchMessage& into) {
  into.quantity = reader.big<std::uint32_t>();
  into.match = reader.big<std::uint64_t>();
  if (into.type != kItchExecutedAtPrice) return;
  into.detail = reader.little<char>();
  into.price_e4 = reader.big<std::uint32_t>();
}

void read_replace(base::ByteReader& reader, ItchMessage& into) {
  into.new_reference = reader.big<std::uint64_t>();
  into.quantity = reader.big<std::uint32_t>();
  into.price_e4 = reader.big<std::uint32_t>();
}

// Messages about one order; false for other types.
bool read_order_message(base::ByteReader& reader, ItchMessage& into) {
  switch (into.type) {
    case kItchAdd:
    case kItchAddAttributed:
      into.reference = reader.big<std::uint64_t>();
      read_add(reader, into);
      return true;
    case kItchExecuted:
    case kItchExecutedAtPrice:
      into.reference = reader.big<std::uint64_t>();
      read_executed(reader, into);
      return true;
    case kItchCancel:
      into.reference = reader.big<std::uint64_t>();
      into.quantity = reader.big<std::uint32_t>();
      return true;
    case kItchDelete:
      into.reference = reader.big<std::uint64_t>();
      return true;
    case kItchReplace:
      into.reference = reader.big<std::uint64_t>();
      read_replace(reader, into);
      return true;
    default:
      return false;
  }
}

// Messages about a call; false for other types.
bool read_call_message(base::ByteReader& reader, ItchMessage& into) {
  switch (into.type) {
    case kItchCross:
      into.volume = reader.big<std::uint64_t>();
      (void)reader.object(into.symbol);
      into.price_e4 = reader.big<std::uint32_t>();
      into.match = reader.big<std::uint64_t>();
      into.detail = reader.little<char>();
      return true;
    case kItchImbalance:
      into.volume = reader.big<std::uint64_t>();
      into.imbalance = reader.big<std::uint64_t>();
      into.side = reader.little<char>();
      (void)reader.object(into.symbol);
      into.far_price_e4 = reader.big<std::uint32_t>();
      into.price_e4 = reader.big<std::uint32_t>();
      into.reference_price_e4 = reader.big<std::uint32_t>();
      into.detail = reader.little<char>();
      into.code = reader.little<char>();
      return true;
    case kItchCollar:
      (void)reader.object(into.symbol);
      into.reference_price_e4 = reader.big<std::uint32_t>();
      into.high_e4 = reader.big<std::uint32_t>();
      into.low_e4 = reader.big<std::uint32_t>();
      into.extensions = reader.big<std::uint32_t>();
      return true;
    default:
      return false;
  }
}

bool read_other_message(base::ByteReader& reader, ItchMessage& into) {
  switch (into.type) {
    case kItchSystemEvent:
      into.code = reader.little<char>();
      return true;
    case kItchDirectory:
      (void)reader.object(into.symbol);
      (void)reader.bytes(2);  // category, financial status
      into.quantity = reader.big<std::uint32_t>();
      (void)reader.bytes(14);
      return true;
    case kItchTradingAction:
      (void)reader.object(into.symbol);
      into.code = reader.little<char>();
      into.detail = reader.little<char>();
      (void)reader.bytes(4);
      return true;
    case kItchBroken:
      into.match = reader.big<std::uint64_t>();
      return true;
    default:
      return false;
  }
}

}  // namespace

bool decode_itch(base::Bytes message, ItchMessage& into) {
  into = ItchMessage{};
  base::ByteReader reader(message);
  into.type = reader.little<char>();
  into.locate = reader.big<std::uint16_t>();
  into.tracking = reader.big<std::uint16_t>();
  into.time_ns = read_time(reader);
  if (!reader.ok()) return false;
  if (!read_order_message(reader, into) && !read_call_message(reader, into) &&
      !read_other_message(reader, into)) {
    return false;
  }
  return reader.at_end();
}

std::string describe(const ItchMessage& message) {
  return fmt::format("{} locate {} order {} (new {}) {} {} at {} match {} time {}", message.type,
                     message.locate, message.reference, message.new_reference,
                     message.side == '\0' ? '-' : message.side, message.quantity, message.price_e4,
                     message.match, message.time_ns);
}

}  // namespace okiagari::check
