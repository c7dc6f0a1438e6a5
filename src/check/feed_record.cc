#include "check/feed_record.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/hash.h"
#include "check/itch.h"
#include "check/mold.h"

namespace okiagari::check {
namespace {

std::string in_words(base::Bytes message) {
  ItchMessage decoded;
  return decode_itch(message, decoded) ? describe(decoded) : base::to_hex(message);
}

}  // namespace

FeedRecord::FeedRecord(std::string session, std::vector<std::string> lines)
    : session_(std::move(session)), names_(std::move(lines)), counters_(names_.size()) {}

std::string FeedRecord::name_of_line(std::size_t line) const {
  return line < names_.size() ? names_[line] : "the answer to a request";
}

void FeedRecord::take(std::size_t line, base::Bytes datagram) {
  MoldDatagram read;
  const bool is_whole = read_mold(datagram, read);
  if (read.session != session_) {
    ++foreign_;
    return;
  }
  if (!is_whole || read.count == kMoldEndOfSession || read.first == 0) {
    findings_.add(FeedWrong::differs,
                  fmt::format("{}: a datagram of {} bytes for message {} is not as long as its "
                              "header says, or ends a session that does not end",
                              name_of_line(line), datagram.size(), read.first));
    return;
  }
  if (!make_room(read.first + read.count, line)) return;
  if (line != kAnswer && read.count > 0) {
    ++counters_[line].datagrams;
    counters_[line].messages += read.count;
    compare_cut(line, read.first, datagram);
  }
  std::uint64_t number = read.first;
  for (const base::Bytes message : read.messages) take_message(line, number++, message);
  while (has(next_missing_)) ++next_missing_;
}

bool FeedRecord::make_room(std::uint64_t end, std::size_t line) {
  if (end <= known_end()) return true;
  if (end > known_end() + kAheadMax) {
    findings_.add(FeedWrong::differs, fmt::format("{} speaks of message {} while the feed is at {}",
                                                  name_of_line(line), end - 1, known_end() - 1));
    return false;
  }
  if (end > kMessagesMax) {
    if (!std::exchange(is_full_, true)) {
      findings_.add(FeedWrong::unknown,
                    fmt::format("the feed is longer than the {} messages that are held here; what "
                                "follows was not looked at",
                                kMessagesMax));
    }
    return false;
  }
  slots_.resize(end - 1);
  return true;
}

void FeedRecord::take_message(std::size_t line, std::uint64_t number, base::Bytes message) {
  Slot& slot = slots_[number - 1];
  if (slot.size == 0) {
    slot = {bytes_.size(), static_cast<std::uint32_t>(message.size()),
            static_cast<std::uint32_t>(line)};
    bytes_.insert(bytes_.end(), message.begin(), message.end());
    if (line == kAnswer) ++answered_;
    return;
  }
  const base::Bytes before = this->message(number);
  if (std::equal(before.begin(), before.end(), message.begin(), message.end())) return;
  const std::size_t first_line =
      slot.line == static_cast<std::uint32_t>(kAnswer) ? kAnswer : slot.line;
  findings_.add(FeedWrong::differs,
                fmt::format("message {} is {} on {} and {} on {}", number, in_words(before),
                            name_of_line(first_line), in_words(message), name_of_line(line)));
}

// Datagrams end where the log's batches end, which is the same for everybody: one that begins with
// the same number has the same bytes.
void FeedRecord::compare_cut(std::size_t line, std::uint64_t first, base::Bytes datagram) {
  const std::uint64_t hash = base::hash64(datagram);
  const auto [found, is_new] = cuts_.try_emplace(first, Cut{hash, line});
  if (is_new || found->second.hash == hash) return;
  findings_.add(FeedWrong::differs,
                fmt::format("the datagram that begins with message {} has other bytes on {} than "
                            "on {}",
                            first, name_of_line(line), name_of_line(found->second.line)));
}

std::pair<std::uint64_t, std::uint64_t> FeedRecord::missing() const {
  std::uint64_t end = next_missing_;
  while (end < known_end() && !has(end)) ++end;
  return {next_missing_, end};
}

bool FeedRecord::has(std::uint64_t number) const {
  return number != 0 && number <= slots_.size() && slots_[number - 1].size != 0;
}

base::Bytes FeedRecord::message(std::uint64_t number) const {
  if (!has(number)) return {};
  const Slot& slot = slots_[number - 1];
  return base::Bytes(bytes_).subspan(slot.offset, slot.size);
}

}  // namespace okiagari::check
