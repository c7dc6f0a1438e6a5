// One entry of the desk's log: what somebody did or a machine saw, as data. Everything that changes
// the desk is one; the desk's state is a function of them. docs/formats/desk_log.md lists the
// types.
#pragma once

#include <boost/json/object.hpp>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "base/types.h"

namespace okiagari::desk {

struct Entry {
  // "<word>.<what>": the word names the part of the desk that it is for.
  std::string type;
  // Who: "desk" (by itself), "watch", or "person:<login>".
  std::string by;
  // Unique for one intention; a repeat changes nothing and gets the first one's answer. Empty:
  // none.
  std::string request;
  // The leader's stamp when it went into the log; never backwards.
  TimestampNs at_ns = 0;
  boost::json::object body;

  [[nodiscard]] std::string_view word() const;  // before the first dot
  [[nodiscard]] std::string_view what() const;  // behind it
};

inline constexpr std::size_t kEntryBytesMax = 256u << 10;

// A batch of the log: entries one behind the other, each with its size before it.
void append_entry(base::ByteWriter& into, const Entry& entry);
// The error says what is wrong with the first entry that is none.
[[nodiscard]] base::Result<std::vector<Entry>> read_entries(base::Bytes batch);

// Reading a body: each says what is missing or wrong, in words for whoever sent it.
[[nodiscard]] base::Result<std::string> text_of(const boost::json::object& body,
                                                std::string_view key,
                                                std::size_t bytes_max = 4'000);
// Empty when it is not there.
[[nodiscard]] std::string text_or(const boost::json::object& body, std::string_view key,
                                  std::string_view otherwise = {});
[[nodiscard]] std::int64_t number_or(const boost::json::object& body, std::string_view key,
                                     std::int64_t otherwise);
[[nodiscard]] bool flag_or(const boost::json::object& body, std::string_view key, bool otherwise);
[[nodiscard]] std::vector<std::string> texts_of(const boost::json::object& body,
                                                std::string_view key);

}  // namespace okiagari::desk
