#include "bench/neutral_stream.h"

#include <algorithm>
#include <array>

#include "base/assert.h"
#include "bench/plain_book.h"

namespace okiagari::bench {

namespace {

using Mode = Stream::Mode;

constexpr std::array kStreams = {
    Stream{"A1", Mode::mixed, 1, 10'000, 0x6589b9af5a3958cd, 0xbbd1c32ad2df615c, 0x6d4d24820fe2a72e,
           Tally{1426726, 634753600, 63529928732900, 0x66f9c77b6502520f, 1750994, 9998, 5521700},
           0.40},
    Stream{"A100", Mode::mixed, 100, 1'000, 0x616a38e4491007dc, 0x1b64e12e7014b0dd,
           0xab3689340849a17a,
           Tally{1353336, 626832800, 62681670178800, 0x8624f7da45ef1883, 1749305, 99889, 54874900},
           0.27},
    Stream{"B", Mode::thin, 1, 0, 0xfd6305a4193f8d14, 0xa4e47f6f459f81fa, 0x8c4ec7ea1d2811f9,
           Tally{3626407, 1108265900, 110921121622100, 0xad1237c366de7b1e, 499548, 22, 12300},
           0.80},
    Stream{"D", Mode::deep, 1, 2'000, 0x11d513954fecf548, 0x3bb12cc94b09faeb, 0xf8acaea055112211,
           Tally{3623655, 1097679000, 109861748768300, 0xa27581142078a910, 500565, 1997, 1090100},
           0.60},
};

// splitmix64
class Random {
 public:
  std::uint64_t next() {
    state_ += 0x9E3779B97F4A7C15;
    std::uint64_t z = state_;
    z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9;
    z = (z ^ z >> 27) * 0x94D049BB133111EB;
    return z ^ z >> 31;
  }

 private:
  std::uint64_t state_ = 20260101;
};

class Generator {
 public:
  explicit Generator(const Stream& stream) : stream_(stream), symbols_(stream.symbols) {}

  StreamRecord next() {
    const std::uint64_t w = random_.next();
    const auto symbol_number = static_cast<std::uint16_t>((w >> 32) % stream_.symbols);
    const std::uint64_t k = (w & 0xFFFFFFFF) % 100;
    Symbol& symbol = symbols_[symbol_number];
    if (symbol.commands++ % 64 == 63) {
      symbol.mid = std::clamp<std::uint64_t>(symbol.mid + random_.next() % 3 - 1, 99'000, 101'000);
    }
    const std::uint64_t v = random_.next();
    StreamRecord record{};
    switch (class_of(k, symbol)) {
      case Class::cancel:
        record = cancel(symbol, v);
        break;
      case Class::add:
        record = add(symbol, v);
        break;
      case Class::aggressive:
        record = aggressive(symbol, v);
        break;
    }
    record.symbol = symbol_number;
    if (record.type == RecordType::cancel) {
      forget(symbol, record.id);
      symbol.book.cancel(record.id);
    } else {
      submit(symbol, record);
    }
    return record;
  }

 private:
  enum class Class : std::uint8_t { add, cancel, aggressive };

  struct Symbol {
    std::uint64_t mid = 100'000;
    std::uint64_t commands = 0;
    std::vector<std::uint64_t> live;
    PlainBook book;
  };

  // What the generator remembers of an order, by its id.
  struct Known {
    std::uint32_t place;  // in Symbol::live, while it is there
    std::uint8_t side;
  };

  Class class_of(std::uint64_t k, const Symbol& symbol) const {
    const bool is_mixed = stream_.mode == Mode::mixed;
    const std::uint64_t add_below = is_mixed ? 60 : stream_.mode == Mode::thin ? 45 : 50;
    const std::uint64_t cancel_below = is_mixed ? 95 : stream_.mode == Mode::thin ? 55 : 60;
    if (k < add_below) return Class::add;
    if (k >= cancel_below) return Class::aggressive;
    return symbol.live.empty() ? Class::add : Class::cancel;
  }

  StreamRecord cancel(const Symbol& symbol, std::uint64_t v) const {
    const std::uint64_t size = symbol.live.size();
    const std::uint64_t window = std::min<std::uint64_t>(size, 1024);
    const std::uint64_t at = (v & 7) != 0 ? size - 1 - (v >> 3) % window : (v >> 3) % size;
    const std::uint64_t id = symbol.live[at];
    return {.id = id,
            .price = 0,
            .quantity = 0,
            .symbol = 0,
            .type = RecordType::cancel,
            .side = known_[id].side,
            .zero = 0};
  }

  StreamRecord order(std::uint64_t v, RecordType type, std::uint64_t price_buy,
                     std::uint64_t price_sell, std::uint64_t quantity) {
    const auto side = static_cast<std::uint8_t>(v & 1);
    known_.push_back({0, side});
    return {.id = known_.size() - 1,
            .price = static_cast<std::uint32_t>(side == 0 ? price_buy : price_sell),
            .quantity = static_cast<std::uint32_t>(quantity),
            .symbol = 0,
            .type = type,
            .side = side,
            .zero = 0};
  }

  StreamRecord add(const Symbol& symbol, std::uint64_t v) {
    const std::uint64_t u = (v >> 1) % 100;
    const std::uint64_t x = v >> 8;
    std::uint64_t distance = 1 + x % (stream_.mode == Mode::thin ? 5 : 20);
    if (stream_.mode == Mode::mixed) {
      distance = u < 70 ? 1 + x % 10 : u < 95 ? 11 + x % 90 : 101 + x % 900;
    }
    return order(v, RecordType::limit, symbol.mid - distance, symbol.mid + distance,
                 100 * (1 + (v >> 32) % 10));
  }

  StreamRecord aggressive(const Symbol& symbol, std::uint64_t v) {
    const std::uint64_t mid = symbol.mid;
    const std::uint64_t x = v >> 32;
    const bool is_crowded = symbol.live.size() > stream_.target;
    switch (stream_.mode) {
      case Mode::mixed:
        return order(v, RecordType::immediate_or_cancel, mid + 1000, mid - 1000,
                     100 * (1 + x % (is_crowded ? 100 : 20)));
      case Mode::deep:
        return order(v, RecordType::immediate_or_cancel, mid + 20, mid - 20,
                     100 * (1 + x % (is_crowded ? 20 : 8)));
      case Mode::thin:
        break;
    }
    return order(v, RecordType::limit, mid + 5, mid - 5, 100 * (1 + x % 10));
  }

  void submit(Symbol& symbol, const StreamRecord& record) {
    struct Fills {
      Generator& generator;
      Symbol& symbol;
      void on_fill(const PlainBook::Order& maker, std::uint32_t quantity) const {
        if (quantity == maker.quantity) generator.forget(symbol, maker.id);
      }
    };
    Fills fills{*this, symbol};
    const bool rests = record.type == RecordType::limit;
    const std::uint32_t left = symbol.book.submit({record.id, record.price, record.quantity},
                                                  static_cast<Side>(record.side), rests, fills);
    if (rests && left > 0) {
      known_[record.id].place = static_cast<std::uint32_t>(symbol.live.size());
      symbol.live.push_back(record.id);
    }
  }

  void forget(Symbol& symbol, std::uint64_t id) {
    const std::uint32_t place = known_[id].place;
    ASSERT(place < symbol.live.size() && symbol.live[place] == id, "order {} is not live", id);
    symbol.live[place] = symbol.live.back();
    known_[symbol.live[place]].place = place;
    symbol.live.pop_back();
  }

  const Stream& stream_;
  Random random_;
  std::vector<Symbol> symbols_;
  std::vector<Known> known_{Known{}};  // ids count from 1
};

}  // namespace

std::span<const Stream> streams() { return kStreams; }

const Stream* find_stream(std::string_view name) {
  const auto found = std::find_if(kStreams.begin(), kStreams.end(),
                                  [&](const Stream& stream) { return stream.name == name; });
  return found == kStreams.end() ? nullptr : &*found;
}

std::vector<StreamRecord> generate(const Stream& stream, std::uint64_t commands) {
  std::vector<StreamRecord> records;
  records.reserve(commands);
  Generator generator(stream);
  while (records.size() < commands) records.push_back(generator.next());
  return records;
}

std::uint64_t checksum(std::span<const StreamRecord> records, std::uint64_t count) {
  std::uint64_t hash = 14695981039346656037U;
  for (const std::byte byte : std::as_bytes(records.first(count))) {
    hash = (hash ^ static_cast<std::uint64_t>(byte)) * 1099511628211U;
  }
  return hash;
}

}  // namespace okiagari::bench
