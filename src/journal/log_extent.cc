#include "journal/log_extent.h"

#include <algorithm>

namespace okiagari::journal {
namespace {

// On the line from (0, 0) to (whole, height), at `part`.
std::uint64_t along(std::uint64_t height, std::uint64_t part, std::uint64_t whole) {
  return static_cast<std::uint64_t>(static_cast<unsigned __int128>(height) * part / whole);
}

}  // namespace

LogExtent::LogExtent(Index first, Index last, std::uint64_t bytes, std::uint64_t interval_bytes)
    : interval_bytes_(std::max<std::uint64_t>(1, interval_bytes)),
      marks_{{first - 1, 0}},
      end_{std::max(first - 1, last), last < first ? 0 : bytes} {
  // What comes next need not be like what was there.
  if (end_.index > marks_.front().index) marks_.push_back(end_);
}

void LogExtent::appended(Index index, std::uint64_t bytes) {
  if (index <= end_.index) truncated(index - 1);
  end_ = {index, end_.bytes + bytes};
  if (end_.bytes - marks_.back().bytes >= interval_bytes_) marks_.push_back(end_);
}

void LogExtent::truncated(Index last) {
  end_ = {last, bytes_at(last)};
  while (marks_.size() > 1 && marks_.back().index > last) marks_.pop_back();
}

void LogExtent::dropped_up_to(Index index) {
  while (marks_.size() > 1 && marks_[1].index <= index) marks_.pop_front();
}

std::uint64_t LogExtent::bytes_at(Index index) const {
  if (index >= end_.index) return end_.bytes;
  const auto above = std::upper_bound(marks_.begin(), marks_.end(), index,
                                      [](Index at, const Mark& mark) { return at < mark.index; });
  if (above == marks_.begin()) return marks_.front().bytes;
  const Mark& from = *(above - 1);
  const Mark& to = above == marks_.end() ? end_ : *above;
  if (to.index == from.index) return to.bytes;
  return from.bytes + along(to.bytes - from.bytes, index - from.index, to.index - from.index);
}

Index LogExtent::index_before_last(std::uint64_t bytes) const {
  if (end_.bytes - marks_.front().bytes <= bytes) return marks_.front().index;
  const std::uint64_t at = end_.bytes - bytes;
  const auto above =
      std::upper_bound(marks_.begin(), marks_.end(), at,
                       [](std::uint64_t wanted, const Mark& mark) { return wanted < mark.bytes; });
  const Mark& from = *(above - 1);
  const Mark& to = above == marks_.end() ? end_ : *above;
  if (to.bytes == from.bytes) return from.index;
  return from.index + along(to.index - from.index, at - from.bytes, to.bytes - from.bytes);
}

}  // namespace okiagari::journal
