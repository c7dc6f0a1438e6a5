// Every door of the desk's API that a person uses, as a command: its words, where it goes, and
// which options become which fields of the body. What the console can do, the command line can: a
// test holds this table to the table of routes.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "net/http_message.h"

namespace okiagari::cli {

enum class FieldForm : std::uint8_t {
  text,    // "@FILE" stands for what is in the file
  number,  // whole
  flag,    // yes or no
  list,    // of texts
  words,   // Japanese and English: --title-ja, --title-en, or --title for both
  time,    // "2026-11-26T22:30" in UTC, or "+90m" from now; in nanoseconds
  range,   // from, until and what that rests on
};

struct ActField {
  std::string_view name;  // as the API has it
  FieldForm form = FieldForm::text;
  std::string_view what;
  bool is_required = false;
  bool is_word = false;  // stands without an option's name
};

inline constexpr std::size_t kActFieldsMax = 24;

struct DeskAct {
  std::string_view command;  // "incident merge"
  net::HttpMethod method = net::HttpMethod::get;
  std::string_view path;  // the route's; what it names is asked for in its order
  std::string_view what;
  std::span<const ActField> fields;
  // It has a file of its own, because it needs more than the fields: keys, files, more than one
  // request. The table says so for the test and makes no command.
  bool is_by_hand = false;
};

[[nodiscard]] std::span<const DeskAct> desk_acts();

// Routes that are no command, each with the reason.
struct RouteOfNobody {
  std::string_view path;
  std::string_view why;
};
[[nodiscard]] std::span<const RouteOfNobody> routes_of_nobody();

// Of a field "from_ns": "--from".
[[nodiscard]] std::string option_of(const ActField& field);

}  // namespace okiagari::cli
