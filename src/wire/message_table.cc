#include "wire/message_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "wire/message_tables_builtin.h"

namespace okiagari::wire {

namespace {

constexpr std::uint32_t kTextWidthMax = 1'000;
constexpr std::uint32_t kTimesMax = 100;

// The words of a line; a comment ends it, quotes hold a word together.
std::vector<std::string> words_of(std::string_view line) {
  std::vector<std::string> words;
  std::size_t at = 0;
  while (at < line.size()) {
    if (line[at] == ' ' || line[at] == '\t' || line[at] == '\r') {
      ++at;
      continue;
    }
    if (line[at] == '#') break;
    const bool is_quoted = line[at] == '"';
    const std::size_t begin = is_quoted ? at + 1 : at;
    std::size_t end = line.find_first_of(is_quoted ? "\"" : " \t\r", begin);
    if (end == std::string_view::npos) end = line.size();
    words.emplace_back(line.substr(begin, end - begin));
    at = is_quoted ? end + 1 : end;
  }
  return words;
}

bool parse_number(std::string_view text, std::uint32_t& value) {
  const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc{} && stop == text.data() + text.size();
}

// "u32", "i64", "u32.4", "text8", "right20", "char".
bool parse_type(std::string_view type, MessageField& field) {
  const auto width_behind = [&](std::string_view word, FieldKind kind) {
    if (!type.starts_with(word)) return false;
    field.kind = kind;
    return parse_number(type.substr(word.size()), field.width_bytes) && field.width_bytes > 0 &&
           field.width_bytes <= kTextWidthMax;
  };
  if (type == "char") {
    field.kind = FieldKind::letter;
    field.width_bytes = 1;
    return true;
  }
  if (type == "rest" || type == "options") {
    field.kind = type == "rest" ? FieldKind::rest : FieldKind::options;
    return true;
  }
  if (width_behind("text", FieldKind::text)) return true;
  if (width_behind("right", FieldKind::right_text)) return true;
  if (type.empty() || (type[0] != 'u' && type[0] != 'i')) return false;
  field.kind = FieldKind::integer;
  field.is_signed = type[0] == 'i';
  const std::size_t point = std::min(type.find('.'), type.size());
  std::uint32_t bits = 0;
  if (!parse_number(type.substr(1, point - 1), bits)) return false;
  if (bits == 0 || bits > 64 || bits % 8 != 0) return false;
  field.width_bytes = bits / 8;
  return point == type.size() ||
         (parse_number(type.substr(point + 1), field.decimals) && field.decimals <= 9);
}

class TableParser {
 public:
  base::Result<MessageTable> parse(std::string_view text) {
    std::size_t line_number = 0;
    while (!text.empty()) {
      const std::size_t end = std::min(text.find('\n'), text.size());
      ++line_number;
      const std::string wrong = take(words_of(text.substr(0, end)));
      if (!wrong.empty()) return base::Error{fmt::format("line {}: {}", line_number, wrong)};
      text.remove_prefix(std::min(end + 1, text.size()));
    }
    if (table_.name.empty()) return base::Error{"there is no line `format NAME \"TITLE\"`"};
    if (group_ != nullptr) return base::Error{"a group has no line `end`"};
    return std::move(table_);
  }

 private:
  // What is wrong with the line; empty when nothing is.
  std::string take(const std::vector<std::string>& words) {
    if (words.empty()) return {};
    const std::string& first = words[0];
    const bool is_layout = first == "message" || first == "client" || first == "server";
    if (is_layout) return begin_layout(words);
    if (first == "format" && words.size() == 3) {
      table_.name = words[1];
      table_.title = words[2];
      return {};
    }
    if (first == "framing" && words.size() == 2) {
      const auto framing = parse_framing(words[1]);
      if (!framing) return framing.error().message;
      table_.framing = framing.value();
      return {};
    }
    if (first == "type" && words.size() == 2) {
      table_.type_key = words[1];
      return {};
    }
    if (first == "clock" && words.size() == 3) {
      table_.seconds_key = words[1];
      table_.nanoseconds_key = words[2];
      return {};
    }
    if (first == "option") return add_option(words);
    return add_field(words);
  }

  std::string begin_layout(const std::vector<std::string>& words) {
    if (words.size() != 3 || words[1].size() != 1) return "wanted: message|client|server TYPE NAME";
    if (group_ != nullptr) return "the group before has no line `end`";
    if (table_.find(words[2]) != nullptr) return fmt::format("'{}' is there twice", words[2]);
    MessageLayout layout;
    layout.type = words[1][0];
    layout.name = words[2];
    if (words[0] == "client") layout.sender = Sender::client;
    if (words[0] == "server") layout.sender = Sender::server;
    table_.layouts.push_back(std::move(layout));
    return {};
  }

  std::string add_option(const std::vector<std::string>& words) {
    std::uint32_t tag = 0;
    MessageOption option;
    if (words.size() != 4 || !parse_number(words[1], tag) || tag > 255 ||
        !parse_type(words[2], option.field) || option.field.width_bytes == 0) {
      return "wanted: option TAG TYPE NAME";
    }
    option.tag = static_cast<std::uint8_t>(tag);
    option.field.name = words[3];
    table_.options.push_back(std::move(option));
    return {};
  }

  std::string add_field(const std::vector<std::string>& words) {
    if (table_.layouts.empty()) return fmt::format("'{}' belongs to no message", words[0]);
    if (words[0] == "end" && words.size() == 1) {
      if (group_ == nullptr) return "`end` without a group";
      group_ = nullptr;
      return {};
    }
    MessageField field;
    field.is_optional = words[0] == "optional";
    const std::size_t at = field.is_optional ? 1 : 0;
    std::vector<MessageField>& fields =
        group_ != nullptr ? group_->fields : table_.layouts.back().fields;
    if (words[0] == "times") {
      const bool is_right = words.size() == 3 && parse_number(words[1], field.times) &&
                            field.times > 0 && field.times <= kTimesMax && group_ == nullptr;
      if (!is_right) return "wanted: times COUNT NAME, and no group inside a group";
      field.kind = FieldKind::group;
      field.name = words[2];
      fields.push_back(std::move(field));
      group_ = &fields.back();
      return {};
    }
    if (words.size() != at + 2 || !parse_type(words[at], field)) {
      return fmt::format("'{}' is no type of a field with a name behind it", words[0]);
    }
    field.name = words[at + 1];
    fields.push_back(std::move(field));
    return {};
  }

  MessageTable table_;
  MessageField* group_ = nullptr;  // the open one, the last field of the last layout
};

}  // namespace

const MessageLayout* MessageTable::find(std::string_view message_name) const {
  const auto found = std::find_if(layouts.begin(), layouts.end(), [&](const MessageLayout& layout) {
    return layout.name == message_name;
  });
  return found == layouts.end() ? nullptr : &*found;
}

const MessageField* MessageTable::option(std::uint8_t tag) const {
  const auto found = std::find_if(options.begin(), options.end(),
                                  [&](const MessageOption& option) { return option.tag == tag; });
  return found == options.end() ? nullptr : &found->field;
}

base::Result<MessageTable> parse_message_table(std::string_view text) {
  return TableParser().parse(text);
}

std::vector<std::string> builtin_message_tables() {
  std::vector<std::string> names;
  for (const auto& [name, text] : message_tables_builtin()) names.emplace_back(name);
  return names;
}

base::Result<MessageTable> builtin_message_table(std::string_view name) {
  for (const auto& [known, text] : message_tables_builtin()) {
    if (known == name) return parse_message_table(text);
  }
  return base::Error{fmt::format("'{}' is no format that is known", name)};
}

base::Result<Framing> parse_framing(std::string_view word) {
  if (word == "mold") return Framing::mold;
  if (word == "soup") return Framing::soup;
  if (word == "lengths") return Framing::lengths;
  if (word == "messages") return Framing::messages;
  return base::Error{fmt::format("'{}' is none of mold, soup, lengths, messages", word)};
}

}  // namespace okiagari::wire
