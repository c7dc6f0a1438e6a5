// Bytes of a file, stream or capture as a sequence of JSON objects, one a message, and back into
// the same bytes. docs/formats/messages.md describes the objects.
#pragma once

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "wire/capture.h"
#include "wire/message_json.h"
#include "wire/message_table.h"

namespace okiagari::wire {

using LineSink = std::function<void(boost::json::object&&)>;

// What went through a decoder.
struct LineCounts {
  std::uint64_t messages = 0;
  std::uint64_t unknown = 0;       // messages that no layout fits
  std::uint64_t unread_bytes = 0;  // where not even messages could be told apart
};

// One stream of bytes: a file, a direction of a connection, or datagrams.
class StreamLines {
 public:
  // Both tables are borrowed; `soup` has the packets of SoupBinTCP.
  StreamLines(const MessageTable& table, const MessageTable& soup, Framing framing)
      : table_(table), soup_(soup), messages_(table), packets_(soup), framing_(framing) {}

  // Takes whole messages off the front; returns how many bytes that were. With `at_end` it takes
  // all: what is no message is unread. Once the thread is lost, all that follows is unread.
  std::size_t take(base::Bytes bytes, bool at_end, LineCounts& counts, const LineSink& sink);
  // What comes next has a beginning of its own.
  void begin_anew() { is_lost_ = false; }
  // What comes next has lost its beginning.
  void lose_thread() { is_lost_ = true; }

 private:
  enum class Step : std::uint8_t { taken, more_wanted, lost };
  Step take_one(base::Bytes bytes, bool at_end, std::size_t& size, LineCounts& counts,
                const LineSink& sink);
  Step take_soup(base::Bytes bytes, std::size_t& size, LineCounts& counts, const LineSink& sink);
  Step take_mold(base::Bytes bytes, std::size_t& size, LineCounts& counts, const LineSink& sink);
  void decode(base::Bytes message, Sender sender, LineCounts& counts, boost::json::object& line);

  const MessageTable& table_;
  const MessageTable& soup_;
  MessageDecoder messages_;
  MessageDecoder packets_;
  Framing framing_;
  Sender sender_ = Sender::either;  // once a packet has shown it
  bool is_lost_ = false;
};

// A capture file: its datagrams are one stream, each direction of a TCP connection another.
class CaptureLines {
 public:
  CaptureLines(const MessageTable& table, const MessageTable& soup, LineSink sink);
  ~CaptureLines();

  // Takes whole records off the front; returns how many bytes that were.
  [[nodiscard]] base::Result<std::size_t> take(base::Bytes bytes);
  void finish(base::Bytes rest);
  [[nodiscard]] const LineCounts& counts() const { return counts_; }

 private:
  struct Connection;
  void take_datagram(base::Bytes payload);
  void take_segment(const CaptureRecord& record);
  void feed(Connection& connection, bool at_end);
  Connection* connection_of(const CaptureFlow& flow);
  void add_frame(std::uint64_t stream, std::uint64_t offset, std::size_t bytes);
  void emit(std::uint64_t stream, boost::json::object&& line);
  void flush_frames();

  const MessageTable& table_;
  const MessageTable& soup_;
  LineSink sink_;
  LineCounts counts_;
  CaptureReader reader_;
  StreamLines datagrams_;
  std::uint64_t datagram_bytes_ = 0;
  std::map<CaptureFlow, Connection> connections_;
  std::string head_;  // bytes of the file before the next payload
  boost::json::array frames_;
  std::size_t frames_bytes_ = 0;
};

// The way back.
class LineEncoder {
 public:
  using Write = std::function<base::Status(std::string_view)>;
  LineEncoder(const MessageTable& table, const MessageTable& soup, Write write)
      : table_(table), soup_(soup), write_(std::move(write)) {}

  [[nodiscard]] base::Status take(const boost::json::object& line);
  // Everything that is still held back. Errors say what does not fit together.
  [[nodiscard]] base::Status finish();

 private:
  struct Frame {
    std::string head;
    std::uint64_t stream = 0;
    std::uint64_t offset = 0;
    std::uint64_t bytes = 0;
  };
  struct Stream {
    std::string bytes;
    bool in_datagram = false;
    std::size_t count_at = 0;  // where the open datagram's count of messages is
    std::uint64_t messages = 0;
  };
  [[nodiscard]] base::Status take_frames(const boost::json::value& frames);
  [[nodiscard]] base::Status begin_datagram(const boost::json::value& mold, Stream& stream);
  [[nodiscard]] base::Status end_datagram(Stream& stream);
  [[nodiscard]] base::Status take_packet(const boost::json::object& line, Stream& stream);
  [[nodiscard]] base::Status take_message(const boost::json::object& line, Stream& stream);

  const MessageTable& table_;
  const MessageTable& soup_;
  Write write_;
  std::vector<Frame> frames_;
  std::map<std::uint64_t, Stream> streams_;
};

// What a file is that begins with these bytes: of the ways in which messages of the table can
// follow each other, the one that reads most of them.
[[nodiscard]] Framing guess_framing(const MessageTable& table, const MessageTable& soup,
                                    base::Bytes beginning);

}  // namespace okiagari::wire
