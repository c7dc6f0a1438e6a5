#include "wire/itch.h"

#include <array>

namespace okiagari::wire::itch {

namespace {

constexpr std::array<std::uint8_t, 128> kSizes = [] {
  std::array<std::uint8_t, 128> sizes{};
  sizes['S'] = sizeof(SystemEvent);
  sizes['R'] = sizeof(Directory);
  sizes['H'] = sizeof(TradingAction);
  sizes['A'] = sizeof(AddOrder);
  sizes['F'] = sizeof(AddOrderAttributed);
  sizes['E'] = sizeof(OrderExecuted);
  sizes['C'] = sizeof(OrderExecutedWithPrice);
  sizes['X'] = sizeof(OrderCancel);
  sizes['D'] = sizeof(OrderDelete);
  sizes['U'] = sizeof(OrderReplace);
  sizes['P'] = sizeof(Trade);
  sizes['Y'] = 20;  // short sale restriction
  sizes['L'] = 26;  // market participant position
  sizes['V'] = 35;  // market-wide circuit breaker levels
  sizes['W'] = 12;  // market-wide circuit breaker status
  sizes['K'] = 28;  // quoting period of a new issue
  sizes['J'] = 35;  // auction collar
  sizes['h'] = 21;  // operational halt
  sizes['Q'] = 40;  // cross trade
  sizes['B'] = 19;  // broken trade
  sizes['I'] = 50;  // net order imbalance
  sizes['N'] = 20;  // retail price improvement
  sizes['O'] = 48;  // direct listing price discovery
  return sizes;
}();

}  // namespace

std::size_t size_of(char type) {
  const auto index = static_cast<unsigned char>(type);
  return index < kSizes.size() ? kSizes[index] : 0;
}

Fault check(base::Bytes message) {
  if (message.empty()) return Fault::empty;
  const std::size_t size = size_of(static_cast<char>(message[0]));
  if (size == 0) return Fault::unknown_type;
  return size == message.size() ? Fault::none : Fault::wrong_size;
}

const char* describe(Fault fault) {
  switch (fault) {
    case Fault::none:
      return "no fault";
    case Fault::empty:
      return "a packet without a message";
    case Fault::unknown_type:
      return "unknown message type";
    case Fault::wrong_size:
      return "message of another size than its type";
  }
  return "unknown fault";
}

}  // namespace okiagari::wire::itch
