// MoldUDP64: the header of a datagram of sequenced messages and the walk over its message blocks.
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/bytes.h"
#include "wire/big_endian.h"

namespace okiagari::wire {

struct [[gnu::packed]] MoldHeader {
  Alpha<10> session{};
  Big<std::uint64_t> sequence_number;  // of the first message
  Big<std::uint16_t> message_count;    // 0: heartbeat; 0xFFFF: end of session
};
static_assert(sizeof(MoldHeader) == 20);

inline constexpr std::uint16_t kMoldEndOfSession = 0xFFFF;

// Walks over the message blocks of one datagram: a two-byte length and the message.
class MoldReader {
 public:
  // `ok` is false, and there are no messages, when the datagram is shorter than its header.
  explicit MoldReader(base::Bytes datagram);

  [[nodiscard]] const MoldHeader& header() const { return header_; }
  // The next message. False at the end, or when the rest is no whole block; see ok().
  [[nodiscard]] bool next(base::Bytes& message);
  // False when blocks are missing or something follows the last one.
  [[nodiscard]] bool ok() const { return ok_; }

 private:
  MoldHeader header_;
  base::Bytes rest_;
  std::uint16_t left_ = 0;
  bool ok_ = false;
};

// Collects messages into one datagram of bounded size.
class MoldWriter {
 public:
  explicit MoldWriter(std::size_t datagram_bytes_max) : bytes_max_(datagram_bytes_max) {}

  void begin(const Alpha<10>& session, std::uint64_t sequence_number);
  // False, and nothing added, when the message does not fit.
  [[nodiscard]] bool add(base::Bytes message);
  // The datagram so far, with its count of messages.
  [[nodiscard]] base::Bytes finish();

 private:
  std::size_t bytes_max_;
  std::uint16_t count_ = 0;
  base::ByteWriter writer_;
};

}  // namespace okiagari::wire
