// Messages that members send in a given order, e.g. a recording, instead of drawn ones.
#pragma once

#include <cstdint>
#include <optional>

#include "base/bytes.h"

namespace okiagari::check {

class MessageSource {
 public:
  virtual ~MessageSource() = default;
  // Whose the next message is, as a place in the list of members; nothing when there is none left.
  [[nodiscard]] virtual std::optional<std::size_t> next_member() const = 0;
  // When that is due, since the beginning; only asked when there is one and no rate is given.
  [[nodiscard]] virtual std::uint64_t due_ns() const { return 0; }
  // Writes the next message (OUCH 5.0); a new order has `user_reference`. May be called again for
  // the same one.
  virtual void write(std::uint32_t user_reference, base::ByteWriter& into) const = 0;
  // It left with that number: go on to the one after it.
  virtual void sent(std::uint32_t user_reference) = 0;
};

}  // namespace okiagari::check
