#include <iterator>

#include "base/hash.h"
#include "wire/message_lines.h"

namespace okiagari::wire {

namespace {

namespace json = boost::json;

constexpr std::size_t kConnectionsMax = 65'536;
constexpr std::size_t kAheadBytesMax = 4u << 20;     // of a connection, before a gap is filled
constexpr std::size_t kFramesBytesMax = 256u << 10;  // in one line

}  // namespace

// One direction of a TCP connection.
struct CaptureLines::Connection {
  Connection(std::uint64_t of_number, const MessageTable& table, const MessageTable& soup)
      : number(of_number), lines(table, soup, Framing::soup) {}

  // Whether some of these bytes are there already, before their turn.
  [[nodiscard]] bool overlaps(std::uint64_t offset, std::size_t size) const {
    const auto behind = ahead.lower_bound(offset);
    if (behind != ahead.end() && behind->first < offset + size) return true;
    if (behind == ahead.begin()) return false;
    const auto before = std::prev(behind);
    return before->first + before->second.size() > offset;
  }

  std::uint64_t number;
  StreamLines lines;
  bool has_begun = false;
  std::uint32_t begin = 0;                     // sequence of the first byte
  std::uint64_t received = 0;                  // bytes without a gap
  std::string unread;                          // of those, not yet a whole message
  std::map<std::uint64_t, std::string> ahead;  // by offset: what came before its turn
  std::size_t ahead_bytes = 0;
};

CaptureLines::CaptureLines(const MessageTable& table, const MessageTable& soup, LineSink sink)
    : table_(table), soup_(soup), sink_(std::move(sink)), datagrams_(table, soup, table.framing) {}

CaptureLines::~CaptureLines() = default;

base::Result<std::size_t> CaptureLines::take(base::Bytes bytes) {
  std::size_t taken = 0;
  for (;;) {
    CaptureRecord record;
    auto size = reader_.next(bytes.subspan(taken), record);
    if (!size) return size.error();
    if (size.value() == 0) return taken;
    taken += size.value();
    head_ += base::as_text(record.head);
    if (record.transport == Transport::udp && !record.payload.empty()) {
      take_datagram(record.payload);
    } else if (record.transport == Transport::tcp) {
      take_segment(record);
    }
    head_ += base::as_text(record.tail);
    if (head_.size() > kFramesBytesMax) add_frame(0, datagram_bytes_, 0);
  }
}

void CaptureLines::take_datagram(base::Bytes payload) {
  add_frame(0, datagram_bytes_, payload.size());
  datagram_bytes_ += payload.size();
  datagrams_.begin_anew();
  (void)datagrams_.take(payload, true, counts_,
                        [&](json::object&& line) { emit(0, std::move(line)); });
}

CaptureLines::Connection* CaptureLines::connection_of(const CaptureFlow& flow) {
  const auto found = connections_.find(flow);
  if (found != connections_.end()) return &found->second;
  if (connections_.size() == kConnectionsMax) return nullptr;
  return &connections_.try_emplace(flow, connections_.size() + 1, table_, soup_).first->second;
}

void CaptureLines::take_segment(const CaptureRecord& record) {
  base::Bytes payload = record.payload;
  if (!record.is_first_of_tcp && payload.empty()) return;
  Connection* connection = connection_of(record.flow);
  if (connection != nullptr && !connection->has_begun) {
    connection->has_begun = true;
    connection->begin = record.tcp_sequence + (record.is_first_of_tcp ? 1 : 0);
  }
  if (payload.empty()) return;
  // The sequence wraps; a connection is followed by its distance from what was received.
  const std::uint32_t sequence = record.tcp_sequence + (record.is_first_of_tcp ? 1 : 0);
  const auto expected = connection == nullptr
                            ? std::uint32_t{0}
                            : connection->begin + static_cast<std::uint32_t>(connection->received);
  auto distance = static_cast<std::int32_t>(sequence - expected);
  const auto repeated = distance < 0 ? static_cast<std::size_t>(-std::int64_t{distance}) : 0;
  if (repeated > 0 && repeated < payload.size()) {
    head_ += base::as_text(payload.first(repeated));
    payload = payload.subspan(repeated);
    distance = 0;
  }
  const bool is_usable = connection != nullptr && distance >= 0 &&
                         static_cast<std::size_t>(distance) <= kAheadBytesMax &&
                         connection->ahead_bytes + payload.size() <= kAheadBytesMax;
  if (!is_usable) {  // sent again, or more than can be followed: kept as it is
    head_ += base::as_text(payload);
    return;
  }
  Connection& to = *connection;
  const std::uint64_t offset = to.received + static_cast<std::uint32_t>(distance);
  if (to.overlaps(offset, payload.size())) {
    head_ += base::as_text(payload);
    return;
  }
  to.ahead.emplace(offset, base::as_text(payload));
  to.ahead_bytes += payload.size();
  add_frame(to.number, offset, payload.size());
  feed(to, false);
}

void CaptureLines::feed(Connection& connection, bool at_end) {
  auto& ahead = connection.ahead;
  while (!ahead.empty() && (ahead.begin()->first <= connection.received || at_end)) {
    const auto& [offset, bytes] = *ahead.begin();
    const auto sink = [&](json::object&& line) { emit(connection.number, std::move(line)); };
    if (offset > connection.received) {  // never captured
      (void)connection.lines.take(base::as_bytes(connection.unread), true, counts_, sink);
      connection.unread.clear();
      connection.lines.lose_thread();
      const std::uint64_t missing = offset - connection.received;
      emit(connection.number, {{"message", "missing"}, {"bytes", missing}});
      counts_.unread_bytes += missing;
      connection.received = offset;
    }
    connection.unread += bytes;
    connection.received = offset + bytes.size();
    connection.ahead_bytes -= bytes.size();
    ahead.erase(ahead.begin());
    const std::size_t taken = connection.lines.take(base::as_bytes(connection.unread),
                                                    at_end && ahead.empty(), counts_, sink);
    connection.unread.erase(0, taken);
  }
}

void CaptureLines::add_frame(std::uint64_t stream, std::uint64_t offset, std::size_t bytes) {
  json::object frame{{"head", base::to_hex(base::as_bytes(head_))}};
  if (stream > 0) frame["stream"] = stream;
  if (bytes > 0) {
    frame["offset"] = offset;
    frame["bytes"] = bytes;
  }
  frames_bytes_ += head_.size() * 2;
  head_.clear();
  frames_.emplace_back(std::move(frame));
  if (frames_bytes_ > kFramesBytesMax) flush_frames();
}

void CaptureLines::flush_frames() {
  if (frames_.empty()) return;
  sink_({{"frames", std::move(frames_)}});
  frames_ = {};
  frames_bytes_ = 0;
}

void CaptureLines::emit(std::uint64_t stream, json::object&& line) {
  json::object whole;
  if (!frames_.empty()) whole["frames"] = std::move(frames_);
  frames_ = {};
  frames_bytes_ = 0;
  if (stream > 0) whole["stream"] = stream;
  for (auto& field : line) whole[field.key()] = std::move(field.value());
  sink_(std::move(whole));
}

void CaptureLines::finish(base::Bytes rest) {
  for (auto& known : connections_) {
    Connection& connection = known.second;
    feed(connection, true);
    const auto sink = [&](json::object&& line) { emit(connection.number, std::move(line)); };
    (void)connection.lines.take(base::as_bytes(connection.unread), true, counts_, sink);
    connection.unread.clear();
  }
  counts_.unread_bytes += rest.size();
  head_ += base::as_text(rest);
  if (!head_.empty()) add_frame(0, datagram_bytes_, 0);
  flush_frames();
}

}  // namespace okiagari::wire
