// Layouts of a protocol's messages as data: config/messages/*.txt, read into tables that
// wire/message_json.h works by. docs/formats/messages.md describes the text.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace okiagari::wire {

enum class FieldKind : std::uint8_t {
  integer,
  letter,      // one character, as it is
  text,        // left-aligned, padded with spaces
  right_text,  // right-aligned, padded with spaces
  rest,        // what is left of the message
  options,     // an appendage: its length in two bytes, then elements of length, tag and value
  group,       // the fields of it, so many times
};

struct MessageField {
  std::string name;
  FieldKind kind = FieldKind::integer;
  std::uint32_t width_bytes = 0;
  std::uint32_t decimals = 0;  // of an integer that stands for a price
  bool is_signed = false;
  bool is_optional = false;  // a message may end before it
  std::uint32_t times = 0;
  std::vector<MessageField> fields;  // of a group
};

enum class Sender : std::uint8_t { either, client, server };

struct MessageLayout {
  char type = 0;
  Sender sender = Sender::either;
  std::string name;
  std::vector<MessageField> fields;  // behind the type
};

struct MessageOption {
  std::uint8_t tag = 0;
  MessageField field;
};

// How messages follow each other in a file or stream.
enum class Framing : std::uint8_t {
  mold,      // MoldUDP64 datagrams
  soup,      // SoupBinTCP packets
  lengths,   // two bytes of length before each message, as Nasdaq's daily files have it
  messages,  // nothing between them
};

struct MessageTable {
  std::string name;   // "itch5"
  std::string title;  // for people
  Framing framing = Framing::messages;
  std::string type_key;  // what the type's field is called
  std::vector<MessageLayout> layouts;
  std::vector<MessageOption> options;
  // Names of the fields that a message's time is made of; empty when each message has its own.
  std::string seconds_key;
  std::string nanoseconds_key;

  [[nodiscard]] const MessageLayout* find(std::string_view message_name) const;
  [[nodiscard]] const MessageField* option(std::uint8_t tag) const;
};

// Errors name the line and what is wrong with it.
[[nodiscard]] base::Result<MessageTable> parse_message_table(std::string_view text);

// The tables that the program carries with it, by name: itch5, ouch5, soup, mold and the dialects.
[[nodiscard]] std::vector<std::string> builtin_message_tables();
[[nodiscard]] base::Result<MessageTable> builtin_message_table(std::string_view name);

[[nodiscard]] base::Result<Framing> parse_framing(std::string_view word);

}  // namespace okiagari::wire
