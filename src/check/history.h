// What the checker saw, in the order it saw it: every message sent, every answer received, every
// log-in and loss of connection, and afterwards the replays. The verdict is a function of this and
// of the journals, so a history on disk can be judged again.
//
// A file is an eight-byte mark and then records, little endian: size of the bytes u32, event u8,
// zero u8, source u16, time u64, number u64, the bytes. A record cut off at the end is left out.
#pragma once

#include <cstdint>
#include <cstdio>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

namespace okiagari::check {

enum class HistoryEvent : std::uint8_t {
  // `source` is a session.
  sent = 1,        // number: counts the session's messages from 1; bytes: the OUCH message
  sent_again = 2,  // number: as in the first `sent`
  answered = 3,    // number: the session's sequence number; bytes: the OUCH message
  refused = 4,     // a gateway's own refusal, outside the sequence; number: user reference
  connected = 5,   // number: next sequence number told by the gateway
  connection_lost = 6,
  gave_up = 7,  // number: of the message that stayed without an answer
  begun = 8,    // ready for the first time; number: the first user reference it will use
  // Afterwards, each session is read again from number 1.
  replay_begins = 16,
  replayed = 17,
  replay_failed = 18,  // it did not come to its end; bytes: why
  // `source` is a node.
  feed = 32,           // live; number: the feed's
  feed_replayed = 33,  // after the faults, from number 1
  feed_failed = 34,    // after the faults the node did not give its feed to the end; bytes: why
  // `source` is 0.
  fault = 64,  // bytes: what was done
  quiet = 65,  // load and faults are over, everything is answered or given up
};

struct HistoryRecord {
  HistoryEvent event{};
  std::uint16_t source = 0;
  std::uint64_t time_ns = 0;  // monotonic
  std::uint64_t number = 0;
  base::Bytes bytes;  // into the history; until it is added to
};

class History {
 public:
  History() = default;

  // From now on every record is also written to `path`.
  base::Status keep_at(const std::string& path);
  // From now on records are handed on as they come instead of being kept: for what is counted while
  // it happens, however long that takes.
  void hand_to(std::function<void(const HistoryRecord&)> taker) { taker_ = std::move(taker); }
  // Reads a file written by keep_at().
  static base::Result<History> load(const std::string& path);
  // Makes the file complete.
  base::Status finish();

  void add(HistoryEvent event, std::uint16_t source, std::uint64_t time_ns, std::uint64_t number,
           base::Bytes bytes = {});

  [[nodiscard]] std::size_t size() const { return entries_.size(); }
  [[nodiscard]] HistoryRecord operator[](std::size_t index) const;

 private:
  struct Entry {
    std::uint64_t time_ns;
    std::uint64_t number;
    std::uint64_t offset;
    std::uint32_t size;
    std::uint16_t source;
    HistoryEvent event;
  };
  struct CloseFile {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };

  std::vector<Entry> entries_;
  std::vector<std::byte> bytes_;
  std::unique_ptr<std::FILE, CloseFile> file_;
  std::function<void(const HistoryRecord&)> taker_;
  std::string path_;
  bool write_failed_ = false;
};

}  // namespace okiagari::check
