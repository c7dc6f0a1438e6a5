// The neutral streams: order flow that any engine can be given, made by arithmetic alone, with
// checksums of the streams and of what a correct engine does with them. docs/benchmarks.md says how
// they are made.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace okiagari::bench {

enum class RecordType : std::uint8_t { limit = 0, cancel = 1, immediate_or_cancel = 2 };

struct StreamRecord {
  std::uint64_t id;
  std::uint32_t price;     // 0 in a cancel
  std::uint32_t quantity;  // 0 in a cancel
  std::uint16_t symbol;    // from 0
  RecordType type;
  std::uint8_t side;  // 0 buy, 1 sell; of a cancel, the cancelled order's
  std::uint32_t zero;
};
static_assert(sizeof(StreamRecord) == 24);

// What an engine did with a stream.
struct Tally {
  std::uint64_t trades = 0;
  std::uint64_t volume = 0;
  std::uint64_t notional = 0;
  std::uint64_t trade_hash = 14695981039346656037U;
  std::uint64_t cancels = 0;
  std::uint64_t open_orders = 0;
  std::uint64_t open_quantity = 0;

  void add_trade(std::uint64_t maker, std::uint64_t taker, std::uint64_t price,
                 std::uint64_t quantity) {
    ++trades;
    volume += quantity;
    notional += price * quantity;
    for (const std::uint64_t x : {maker, taker, price, quantity}) {
      trade_hash = (trade_hash ^ x) * 1099511628211U;
    }
  }
  bool operator==(const Tally&) const = default;
};

struct Stream {
  enum class Mode : std::uint8_t { mixed, thin, deep };

  std::string_view name;
  Mode mode;
  std::uint16_t symbols;
  std::uint32_t target;  // live orders of a symbol above which aggressive orders grow
  std::uint64_t checksum_1000;
  std::uint64_t checksum_50000;
  std::uint64_t checksum_5000000;
  Tally tally_5000000;
  double time_ratio_max;  // of the venue's books to the plain ones
};

inline constexpr std::uint64_t kWholeStream = 5'000'000;

// A1, A100, B, D.
[[nodiscard]] std::span<const Stream> streams();
// Null when there is none of that name.
[[nodiscard]] const Stream* find_stream(std::string_view name);

[[nodiscard]] std::vector<StreamRecord> generate(const Stream& stream, std::uint64_t commands);

// FNV-1a, 64 bits, over the bytes of the first `count` records.
[[nodiscard]] std::uint64_t checksum(std::span<const StreamRecord> records, std::uint64_t count);

}  // namespace okiagari::bench
