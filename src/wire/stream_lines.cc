#include <algorithm>
#include <array>

#include "base/hash.h"
#include "wire/message_lines.h"
#include "wire/mold.h"
#include "wire/soup.h"

namespace okiagari::wire {

namespace {

namespace json = boost::json;

constexpr std::size_t kUnreadBytesMax = 64u << 10;  // in one line
constexpr std::size_t kMessageBytesMax = 4'096;     // without a length before it

void emit_unread(base::Bytes bytes, LineCounts& counts, const LineSink& sink) {
  counts.unread_bytes += bytes.size();
  while (!bytes.empty()) {
    const base::Bytes part = bytes.first(std::min(bytes.size(), kUnreadBytesMax));
    sink({{"message", kUnreadBytes}, {"hex", base::to_hex(part)}});
    bytes = bytes.subspan(part.size());
  }
}

// Who sends packets of that type; either when both may.
Sender sender_of(char packet_type) {
  switch (static_cast<SoupType>(packet_type)) {
    case SoupType::login_request:
    case SoupType::client_heartbeat:
    case SoupType::logout_request:
      return Sender::client;
    case SoupType::login_accepted:
    case SoupType::login_rejected:
    case SoupType::sequenced_data:
    case SoupType::server_heartbeat:
    case SoupType::end_of_session:
      return Sender::server;
    default:
      return Sender::either;
  }
}

}  // namespace

std::size_t StreamLines::take(base::Bytes bytes, bool at_end, LineCounts& counts,
                              const LineSink& sink) {
  const std::size_t all = bytes.size();
  while (!bytes.empty() && !is_lost_) {
    std::size_t size = 0;
    const Step step = take_one(bytes, at_end, size, counts, sink);
    if (step == Step::lost) is_lost_ = true;
    if (step == Step::more_wanted) break;
    bytes = bytes.subspan(size);
  }
  if (at_end || is_lost_) {
    emit_unread(bytes, counts, sink);
    bytes = {};
  }
  return all - bytes.size();
}

StreamLines::Step StreamLines::take_one(base::Bytes bytes, bool at_end, std::size_t& size,
                                        LineCounts& counts, const LineSink& sink) {
  if (framing_ == Framing::soup) return take_soup(bytes, size, counts, sink);
  if (framing_ == Framing::mold) return take_mold(bytes, size, counts, sink);
  json::object line;
  if (framing_ == Framing::lengths) {
    if (bytes.size() < 2) return Step::more_wanted;
    const std::size_t length = base::load_big<std::uint16_t>(bytes.data());
    size = 2 + length;
    if (bytes.size() < size) return Step::more_wanted;
    line["message_length"] = length;
    // Nasdaq ends its files with a length of nothing.
    if (length > 0) decode(bytes.subspan(2, length), Sender::either, counts, line);
    sink(std::move(line));
    return Step::taken;
  }
  size = message_size(table_, bytes, Sender::either);
  if (size == 0) {
    const bool may_come = !at_end && bytes.size() < kMessageBytesMax;
    return may_come ? Step::more_wanted : Step::lost;
  }
  decode(bytes.first(size), Sender::either, counts, line);
  sink(std::move(line));
  return Step::taken;
}

StreamLines::Step StreamLines::take_soup(base::Bytes bytes, std::size_t& size, LineCounts& counts,
                                         const LineSink& sink) {
  if (bytes.size() < kSoupHeaderBytes) return Step::more_wanted;
  const std::size_t length = base::load_big<std::uint16_t>(bytes.data());
  const char type = static_cast<char>(bytes[2]);
  if (length == 0 || type < '!' || type > '~') return Step::lost;
  if (bytes.size() < 2 + length) return Step::more_wanted;
  size = 2 + length;
  const Sender sender = sender_of(type);
  if (sender != Sender::either) sender_ = sender;
  json::object line;
  line["soup"] =
      json::object{{"packet_length", length}, {"packet_type", json::string_view(&type, 1)}};
  const bool is_data = type == static_cast<char>(SoupType::sequenced_data) ||
                       type == static_cast<char>(SoupType::unsequenced_data);
  if (is_data && &table_ != &soup_) {
    decode(bytes.subspan(3, length - 1), sender_, counts, line);
  } else {
    ++counts.messages;
    json::object packet;
    if (!packets_.decode(bytes.subspan(2, length), Sender::either, packet)) ++counts.unknown;
    packet.erase("packet_type");
    for (auto& field : packet) line[field.key()] = std::move(field.value());
  }
  sink(std::move(line));
  return Step::taken;
}

StreamLines::Step StreamLines::take_mold(base::Bytes bytes, std::size_t& size, LineCounts& counts,
                                         const LineSink& sink) {
  if (bytes.size() < sizeof(MoldHeader)) return Step::more_wanted;
  const auto& header = *view_as<MoldHeader>(bytes.first(sizeof(MoldHeader)));
  const std::uint16_t count = header.message_count;
  const std::size_t blocks = count == kMoldEndOfSession ? 0 : count;
  size = sizeof(MoldHeader);
  for (std::size_t i = 0; i < blocks; ++i) {
    if (bytes.size() < size + 2) return Step::more_wanted;
    size += 2u + base::load_big<std::uint16_t>(&bytes[size]);
    if (bytes.size() < size) return Step::more_wanted;
  }
  const base::Bytes session = bytes.first(10);
  json::object line;
  line["mold"] = json::object{{"session", text_or_hex(session)},
                              {"sequence_number", std::uint64_t{header.sequence_number}},
                              {"message_count", count}};
  if (blocks == 0) sink(std::move(line));
  std::size_t at = sizeof(MoldHeader);
  for (std::size_t i = 0; i < blocks; ++i) {
    const std::size_t length = base::load_big<std::uint16_t>(&bytes[at]);
    line["message_index"] = i + 1;
    line["message_length"] = length;
    decode(bytes.subspan(at + 2, length), Sender::either, counts, line);
    sink(std::move(line));
    line = {};
    at += 2 + length;
  }
  return Step::taken;
}

void StreamLines::decode(base::Bytes message, Sender sender, LineCounts& counts,
                         json::object& line) {
  ++counts.messages;
  if (!messages_.decode(message, sender, line)) ++counts.unknown;
}

Framing guess_framing(const MessageTable& table, const MessageTable& soup, base::Bytes beginning) {
  const std::array<Framing, 4> ways =
      table.framing == Framing::soup
          ? std::array{Framing::soup, Framing::messages, Framing::lengths, Framing::mold}
          : std::array{Framing::lengths, Framing::mold, Framing::soup, Framing::messages};
  if (table.layouts.empty()) return table.framing;
  Framing best = table.framing;
  std::uint64_t most = 0;
  for (const Framing way : ways) {
    LineCounts counts;
    StreamLines lines(table, soup, way);
    std::uint64_t known = 0;
    (void)lines.take(beginning, false, counts, [&](json::object&& line) {
      // A packet or datagram that carries nothing shows its framing as well.
      const bool is_unknown = line.contains("hex");
      if (!is_unknown) ++known;
    });
    const bool reads_all = counts.unread_bytes == 0 && counts.unknown == 0;
    const std::uint64_t weight = reads_all ? known * 4 : known;
    if (weight > most) {
      most = weight;
      best = way;
    }
  }
  return best;
}

}  // namespace okiagari::wire
