// Runs a few commands ahead of the one that is being applied and has the memory that they will need
// fetched meanwhile. A market of many live orders does not fit the nearest caches; without this,
// each cancel would wait for its place in the index, then for the order, then for the orders beside
// it, and each new order for its level.
//
// It only hints: what it makes of a command, right or wrong, changes nothing.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "market/order_books.h"
#include "venue/batch_reader.h"
#include "venue/command.h"
#include "venue/state.h"

namespace okiagari::venue {

class Lookahead {
 public:
  // `reader` stands at the first command of a whole batch.
  Lookahead(const BatchReader& reader, const VenueState& state) : reader_(reader), state_(state) {
    for (std::size_t i = 0; i < kFirstAhead; ++i) step();
  }

  // Once for each command that is applied.
  void step() {
    Sought& first = at(kFirstAhead);
    first = read_next();
    if (first.key != 0) state_.books.prefetch_place(first.key);
    fetch_order_or_level(at(kSecondAhead));
    fetch_what_stands_around(at(kThirdAhead));
    ++applied_;
  }

 private:
  static constexpr std::size_t kFirstAhead = 12;
  static constexpr std::size_t kSecondAhead = 8;
  static constexpr std::size_t kThirdAhead = 4;
  static constexpr std::size_t kRing = 16;

  // What a command will look for.
  struct Sought {
    market::OrderKey key = 0;     // 0: nothing
    InstrumentId instrument = 0;  // of a new order; 0: the key names a live one
    Side side = Side::buy;
    PriceTicks price = 0;
  };

  [[nodiscard]] Sought& at(std::size_t ahead) { return sought_[(applied_ + ahead) % kRing]; }

  void fetch_order_or_level(const Sought& sought) {
    if (sought.instrument != 0) {
      state_.books.prefetch_level(sought.instrument, sought.side, sought.price);
    } else if (sought.key != 0) {
      state_.books.prefetch_order(sought.key);
    }
  }
  void fetch_what_stands_around(const Sought& sought) {
    if (sought.instrument != 0) {
      state_.books.prefetch_tail(sought.instrument, sought.side, sought.price);
    } else if (sought.key != 0) {
      state_.books.prefetch_neighbours(sought.key);
    }
  }

  [[nodiscard]] Sought read_next() {
    CommandHeader header;
    base::Bytes raw;
    if (!reader_.next(header, raw) || header.type > CommandType::cancel_order) return {};
    if (header.type == CommandType::new_order) return read_new_order(raw);
    if (raw.size() < sizeof header + sizeof(std::uint32_t)) return {};
    // The first field of a replacement and of a cancel.
    const auto reference = base::load_little<std::uint32_t>(raw.data() + sizeof header);
    return {order_key(header.session, reference), 0, Side::buy, 0};
  }

  [[nodiscard]] Sought read_new_order(base::Bytes raw) const {
    NewOrder command;
    if (!decode(raw, command) || !state_.instruments.exists(command.instrument)) return {};
    const std::uint64_t ticks = static_cast<std::uint32_t>(command.price_e4) /
                                state_.instruments[command.instrument].tick_e4;
    const Side side = command.side == Side::buy ? Side::buy : Side::sell;
    if (ticks < 1 || ticks > kMaxPriceTicks) return {};
    return {order_key(command.header.session, command.user_reference), command.instrument, side,
            static_cast<PriceTicks>(ticks)};
  }

  BatchReader reader_;
  const VenueState& state_;
  std::array<Sought, kRing> sought_{};
  std::size_t applied_ = 0;
};

}  // namespace okiagari::venue
