#include "gateway/undecided.h"

#include <cstring>

#include "base/assert.h"

namespace okiagari::gateway {

namespace {
// Below this the space before the oldest command is not worth moving the others for.
constexpr std::size_t kCompactBytes = 256u << 10;
}  // namespace

UndecidedCommands::UndecidedCommands(std::size_t bytes_max)
    : bytes_max_(bytes_max),
      capacity_(2 * bytes_max + kCompactBytes),
      buffer_(std::make_unique_for_overwrite<std::byte[]>(capacity_)) {}

std::byte* UndecidedCommands::place(std::size_t size_bytes) {
  if (bytes() + size_bytes > bytes_max_) return nullptr;
  if (head_ >= kCompactBytes && head_ >= bytes()) compact();
  ASSERT(tail_ + size_bytes <= capacity_, "{} bytes from {} to {}", size_bytes, head_, tail_);
  return buffer_.get() + tail_;
}

void UndecidedCommands::add(std::size_t size_bytes) {
  ASSERT(at(tail_).size_bytes == size_bytes, "command of {} bytes added as {}",
         std::size_t{at(tail_).size_bytes}, size_bytes);
  tail_ += size_bytes;
}

// Moves at most as many bytes as were removed since the last time, so a command is moved once on
// average however many there are.
void UndecidedCommands::compact() {
  std::memmove(buffer_.get(), buffer_.get() + head_, bytes());
  sent_ -= head_;
  tail_ -= head_;
  head_ = 0;
}

void UndecidedCommands::remove_oldest() {
  head_ += oldest().size_bytes;
  if (sent_ < head_) sent_ = head_;
  if (head_ == tail_) head_ = sent_ = tail_ = 0;
}

base::Bytes UndecidedCommands::unsent(std::size_t bytes_max) const {
  std::size_t end = tail_;
  if (tail_ - sent_ > bytes_max) {
    end = sent_;
    while (end + at(end).size_bytes - sent_ <= bytes_max) end += at(end).size_bytes;
  }
  return {buffer_.get() + sent_, end - sent_};
}

bool UndecidedCommands::send_again_from(SessionId session, std::uint32_t epoch,
                                        std::uint32_t stream_number) {
  for (std::size_t offset = head_; offset < tail_; offset += at(offset).size_bytes) {
    const venue::CommandHeader& header = at(offset);
    if (header.session == session && header.epoch == epoch && header.stream_number != 0 &&
        header.stream_number >= stream_number) {
      if (offset < sent_) sent_ = offset;
      return true;
    }
  }
  return false;
}

}  // namespace okiagari::gateway
