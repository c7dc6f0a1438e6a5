#include "client/unanswered.h"

#include <algorithm>

#include "base/assert.h"
#include "wire/ouch.h"

namespace okiagari::client {

namespace {

// How far a cancel's answer is looked for; farther back it waits for the next order's answer.
constexpr std::size_t kLookAhead = 16;
constexpr std::size_t kFirstEntries = 64;

bool is_order(char type) {
  return type == wire::ouch::EnterOrder::kType || type == wire::ouch::ReplaceOrder::kType;
}
bool is_cancel(char type) {
  return type == wire::ouch::CancelOrder::kType || type == wire::ouch::MassCancel::kType;
}

}  // namespace

void Unanswered::add(Key key, base::Bytes message) {
  ASSERT(message.size() <= kMessageBytesMax, "message of {} bytes", message.size());
  if (count() == ring_.size()) grow();
  Entry& entry = at(end_++);
  entry.key = key;
  entry.size = static_cast<std::uint16_t>(message.size());
  std::memcpy(entry.bytes, message.data(), message.size());
}

void Unanswered::grow() {
  std::vector<Entry> larger(std::max(kFirstEntries, 2 * ring_.size()));
  for (std::size_t i = begin_; i != end_; ++i) larger[i - begin_] = at(i);
  end_ -= begin_;
  begin_ = 0;
  ring_ = std::move(larger);
}

void Unanswered::answer_order(std::uint32_t user_reference) {
  // Numbers of orders ascend, so the search stops at the first higher one.
  for (std::size_t i = begin_; i != end_; ++i) {
    const Key& key = at(i).key;
    if (!is_order(key.type) || key.user_reference < user_reference) continue;
    if (key.user_reference > user_reference) return;
    begin_ = i + 1;
    return drop_settled();
  }
}

void Unanswered::answer_cancel(std::uint32_t user_reference) {
  const std::size_t end = std::min(end_, begin_ + kLookAhead);
  for (std::size_t i = begin_; i != end; ++i) {
    Key& key = at(i).key;
    // What comes behind an order without an answer has none either.
    if (is_order(key.type)) return;
    if (!is_cancel(key.type) || key.user_reference != user_reference) continue;
    key.type = 0;
    return drop_settled();
  }
}

void Unanswered::refuse(Key refused) {
  for (std::size_t i = begin_; i != end_; ++i) {
    Key& key = at(i).key;
    if (key.type != refused.type || key.user_reference != refused.user_reference) continue;
    key.type = 0;
    return drop_settled();
  }
}

void Unanswered::drop_settled() {
  while (begin_ != end_ && at(begin_).key.type == 0) ++begin_;
}

}  // namespace okiagari::client
