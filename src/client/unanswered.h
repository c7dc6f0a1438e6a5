// What a session has sent and has no answer to, in the order sent, so that it can be sent again
// after a log-in elsewhere. The venue knows each order by its number and takes none twice.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <vector>

#include "base/bytes.h"

namespace okiagari::client {

class Unanswered {
 public:
  // Of one message: what kind and which number its answer will name.
  struct Key {
    char type = 0;  // 0: not to be sent again
    std::uint32_t user_reference = 0;
  };
  static constexpr std::size_t kMessageBytesMax = 96;

  void add(Key key, base::Bytes message);

  // An order or replace was accepted or rejected. A session's messages are decided in order, so
  // those before it are decided as well, also the ones that get no answer.
  void answer_order(std::uint32_t user_reference);
  // A cancel took effect or was refused; it may not have been asked for.
  void answer_cancel(std::uint32_t user_reference);
  // This one alone was not taken.
  void refuse(Key key);

  [[nodiscard]] std::size_t count() const { return end_ - begin_; }

  // The messages, in the order sent.
  template <typename Send>
  void for_each(Send&& send) const {
    for (std::size_t i = begin_; i != end_; ++i) {
      const Entry& entry = at(i);
      if (entry.key.type != 0) send(base::Bytes{entry.bytes, entry.size});
    }
  }

 private:
  struct Entry {
    Key key;
    std::uint16_t size = 0;
    std::byte bytes[kMessageBytesMax];
  };

  [[nodiscard]] Entry& at(std::size_t i) { return ring_[i & (ring_.size() - 1)]; }
  [[nodiscard]] const Entry& at(std::size_t i) const { return ring_[i & (ring_.size() - 1)]; }
  void grow();
  void drop_settled();

  std::vector<Entry> ring_;  // a power of two
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
};

}  // namespace okiagari::client
