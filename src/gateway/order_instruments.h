// Which instrument the orders are of that went through this gateway lately, because a replacement
// does not name it. A table of fixed size in which a newer order may take the place of an older
// one: what is not found is not known, and whoever asks must be content with that.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/types.h"

namespace okiagari::gateway {

class OrderInstruments {
 public:
  OrderInstruments() : entries_(kEntries) {}

  void note(SessionId session, std::uint32_t user_reference, InstrumentId instrument) {
    entries_[place(session, user_reference)] = {user_reference, session, instrument};
  }
  // 0: not known.
  [[nodiscard]] InstrumentId find(SessionId session, std::uint32_t user_reference) const {
    const Entry& entry = entries_[place(session, user_reference)];
    const bool is_it = entry.session == session && entry.user_reference == user_reference;
    return is_it ? entry.instrument : InstrumentId{0};
  }

 private:
  static constexpr unsigned kBits = 20;
  static constexpr std::size_t kEntries = std::size_t{1} << kBits;
  struct Entry {
    std::uint32_t user_reference = 0;
    SessionId session = 0;
    InstrumentId instrument = 0;
  };
  static std::size_t place(SessionId session, std::uint32_t user_reference) {
    const std::uint64_t key = std::uint64_t{session} << 32 | user_reference;
    return (key * 0x9E37'79B9'7F4A'7C15) >> (64 - kBits);
  }

  std::vector<Entry> entries_;
};

}  // namespace okiagari::gateway
