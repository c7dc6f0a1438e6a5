#include <fmt/format.h>

#include <algorithm>

#include "wire/message_lines.h"
#include "wire/mold.h"
#include "wire/soup.h"

namespace okiagari::wire {

namespace {

namespace json = boost::json;

constexpr std::uint64_t kBytesMax = std::uint64_t{4} << 30;  // held back for a capture

void append_big16(std::string& into, std::size_t value) {
  into += static_cast<char>(value >> 8);
  into += static_cast<char>(value);
}

std::string_view text_of(const json::value* value) {
  if (value == nullptr || !value->is_string()) return {};
  return {value->get_string().data(), value->get_string().size()};
}

}  // namespace

base::Status LineEncoder::take(const json::object& line) {
  if (const json::value* frames = line.if_contains("frames")) {
    if (base::Status status = take_frames(*frames); !status) return status;
  }
  Stream& stream = streams_[whole_number(line.if_contains("stream")).value_or(0)];
  if (const json::value* mold = line.if_contains("mold")) {
    if (base::Status status = end_datagram(stream); !status) return status;
    if (base::Status status = begin_datagram(*mold, stream); !status) return status;
  }
  const bool has_length = line.contains("message_length");
  if (line.contains("soup")) {
    if (base::Status status = take_packet(line, stream); !status) return status;
  } else if (has_length || line.contains("message")) {
    if (!has_length) {
      if (base::Status status = end_datagram(stream); !status) return status;
    }
    if (base::Status status = take_message(line, stream); !status) return status;
  }
  if (stream.bytes.size() > kBytesMax) return base::Error{"more than 4 GiB in one stream"};
  // Without frames there is only one stream, and it can be written as it comes.
  if (!frames_.empty() || stream.in_datagram) return {};
  base::Status written = write_(stream.bytes);
  stream.bytes.clear();
  return written;
}

base::Status LineEncoder::take_frames(const json::value& frames) {
  if (!frames.is_array()) return base::Error{"'frames': a list is wanted"};
  for (const json::value& value : frames.get_array()) {
    if (!value.is_object()) return base::Error{"'frames': a list of objects is wanted"};
    const json::object& object = value.get_object();
    Frame frame;
    auto head = from_hex(text_of(object.if_contains("head")));
    if (!head) return base::Error{"'frames': 'head' in hex is wanted"};
    frame.head = std::move(*head);
    frame.stream = whole_number(object.if_contains("stream")).value_or(0);
    frame.offset = whole_number(object.if_contains("offset")).value_or(0);
    frame.bytes = whole_number(object.if_contains("bytes")).value_or(0);
    frames_.push_back(std::move(frame));
  }
  return {};
}

base::Status LineEncoder::begin_datagram(const json::value& mold, Stream& stream) {
  const json::object* object = mold.if_object();
  if (object == nullptr) return base::Error{"'mold': an object is wanted"};
  const json::value* session_value = object->if_contains("session");
  auto session = session_value == nullptr ? std::nullopt : text_or_hex_back(*session_value);
  const auto sequence = whole_number(object->if_contains("sequence_number"));
  const auto count = whole_number(object->if_contains("message_count"));
  if (!session || session->size() > 10 || !sequence || !count || *count > 0xFFFF) {
    return base::Error{"'mold': session, sequence_number and message_count are wanted"};
  }
  session->resize(10, ' ');
  stream.bytes += *session;
  const Big<std::uint64_t> number(*sequence);
  stream.bytes += base::as_text(base::object_bytes(number));
  stream.count_at = stream.bytes.size();
  append_big16(stream.bytes, *count);
  stream.in_datagram = *count != 0 && *count != kMoldEndOfSession;
  stream.messages = 0;
  return {};
}

base::Status LineEncoder::end_datagram(Stream& stream) {
  if (!stream.in_datagram) return {};
  if (stream.messages == 0 || stream.messages >= kMoldEndOfSession) {
    return base::Error{fmt::format("a datagram of {} messages", stream.messages)};
  }
  stream.bytes[stream.count_at] = static_cast<char>(stream.messages >> 8);
  stream.bytes[stream.count_at + 1] = static_cast<char>(stream.messages);
  stream.in_datagram = false;
  return {};
}

base::Status LineEncoder::take_packet(const json::object& line, Stream& stream) {
  const json::object* soup = line.at("soup").if_object();
  const std::string_view type =
      text_of(soup == nullptr ? nullptr : soup->if_contains("packet_type"));
  if (type.size() != 1) return base::Error{"'soup': 'packet_type' of one character is wanted"};
  std::string packet;
  const std::string_view name = text_of(line.if_contains("message"));
  const bool is_packet = soup_.find(name) != nullptr;
  const bool is_data = type == "S" || type == "U";
  // What no layout fits is the whole packet, or the data of a data packet.
  if (!is_packet && is_data) packet += type;
  base::Status status = encode_message(is_packet ? soup_ : table_, line, packet);
  if (!status) return status;
  if (packet.size() > 0xFFFF) return base::Error{"a packet of more than 65,535 bytes"};
  append_big16(stream.bytes, packet.size());
  stream.bytes += packet;
  return {};
}

base::Status LineEncoder::take_message(const json::object& line, Stream& stream) {
  if (text_of(line.if_contains("message")) == "missing") {
    const std::uint64_t bytes = whole_number(line.if_contains("bytes")).value_or(0);
    if (bytes > kBytesMax) return base::Error{"'bytes': more than 4 GiB"};
    stream.bytes.append(bytes, '\0');
    return {};
  }
  std::string message;
  if (line.contains("message")) {
    if (base::Status status = encode_message(table_, line, message); !status) return status;
  }
  if (line.contains("message_length")) {
    if (message.size() > 0xFFFF) return base::Error{"a message of more than 65,535 bytes"};
    append_big16(stream.bytes, message.size());
  }
  stream.bytes += message;
  ++stream.messages;
  return {};
}

base::Status LineEncoder::finish() {
  std::map<std::uint64_t, std::uint64_t> ends;
  for (auto& [number, stream] : streams_) {
    if (base::Status status = end_datagram(stream); !status) return status;
    if (frames_.empty()) {
      if (base::Status status = write_(stream.bytes); !status) return status;
    }
  }
  for (const Frame& frame : frames_) {
    const std::string& bytes = streams_[frame.stream].bytes;
    if (frame.bytes > bytes.size() || frame.offset > bytes.size() - frame.bytes) {
      return base::Error{
          "the messages are shorter than the packets that held them; leave out 'frames' to write "
          "them without packets"};
    }
    ends[frame.stream] = std::max(ends[frame.stream], frame.offset + frame.bytes);
    if (base::Status status = write_(frame.head); !status) return status;
    const std::string_view payload = std::string_view(bytes).substr(frame.offset, frame.bytes);
    if (base::Status status = write_(payload); !status) return status;
  }
  for (const auto& [number, stream] : streams_) {
    if (!frames_.empty() && ends[number] != stream.bytes.size()) {
      return base::Error{
          "the messages are longer than the packets that held them; leave out 'frames' to write "
          "them without packets"};
    }
  }
  return {};
}

}  // namespace okiagari::wire
