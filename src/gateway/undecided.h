// The commands of all sessions that the venue has not decided, in the order they are to be applied.
// What of them went to the leader may be lost with it; then everything goes again, in order.
#pragma once

#include <cstddef>
#include <memory>

#include "base/bytes.h"
#include "venue/command.h"

namespace okiagari::gateway {

class UndecidedCommands {
 public:
  explicit UndecidedCommands(std::size_t bytes_max);

  // Where one more command of that size is to be written; null when there is no room.
  [[nodiscard]] std::byte* place(std::size_t size_bytes);
  // The command at place() is whole.
  void add(std::size_t size_bytes);

  [[nodiscard]] bool empty() const { return head_ == tail_; }
  [[nodiscard]] std::size_t bytes() const { return tail_ - head_; }
  [[nodiscard]] std::size_t bytes_max() const { return bytes_max_; }
  [[nodiscard]] const venue::CommandHeader& oldest() const { return at(head_); }
  void remove_oldest();
  void clear() { head_ = sent_ = tail_ = 0; }

  // The next whole commands to send, at most `bytes_max`.
  [[nodiscard]] base::Bytes unsent(std::size_t bytes_max) const;
  void mark_sent(std::size_t bytes) { sent_ += bytes; }
  void send_all_again() { sent_ = head_; }
  // Sends again from the first command of the session whose stream number is at least that. False
  // when there is none.
  [[nodiscard]] bool send_again_from(SessionId session, std::uint32_t epoch,
                                     std::uint32_t stream_number);

 private:
  [[nodiscard]] const venue::CommandHeader& at(std::size_t offset) const {
    return *reinterpret_cast<const venue::CommandHeader*>(buffer_.get() + offset);
  }
  void compact();

  std::size_t bytes_max_;
  std::size_t capacity_;
  std::unique_ptr<std::byte[]> buffer_;
  std::size_t head_ = 0;
  std::size_t sent_ = 0;  // everything from head_ to here went to the present leader
  std::size_t tail_ = 0;
};

}  // namespace okiagari::gateway
