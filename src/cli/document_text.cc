#include "cli/document_text.h"

#include <date/date.h>
#include <fmt/format.h>

#include <boost/json.hpp>

namespace okiagari::cli {

namespace {

using boost::json::array;
using boost::json::object;
using boost::json::value;

// Deeper than any document of the API; what lies below is printed as JSON.
constexpr std::size_t kDepthMax = 12;

bool is_words(const value& what) {
  if (!what.is_object()) return false;
  const object& members = what.get_object();
  return members.size() == 2 && members.contains("en") && members.contains("ja");
}

bool is_empty(const value& what) {
  if (what.is_null()) return true;
  if (what.is_string()) return what.get_string().empty();
  if (what.is_array()) return what.get_array().empty();
  return what.is_object() && what.get_object().empty();
}

bool is_flat(const value& what) {
  return is_words(what) || (!what.is_object() && !what.is_array());
}

class Printer {
 public:
  explicit Printer(std::string_view language) : language_(language) {}

  void print(const value& what, std::size_t depth) {
    if (what.is_object() && !is_words(what)) return print_object(what.get_object(), depth);
    if (what.is_array()) return print_array(what.get_array(), depth);
    line(depth, one_line("", what));
  }
  [[nodiscard]] std::string take() { return std::move(text_); }

 private:
  void line(std::size_t depth, const std::string& words) {
    std::string_view rest = words;
    do {
      const std::size_t end = std::min(rest.find('\n'), rest.size());
      text_ += std::string(2 * depth, ' ');
      text_ += rest.substr(0, end);
      text_ += '\n';
      rest.remove_prefix(std::min(rest.size(), end + 1));
    } while (!rest.empty());
  }

  [[nodiscard]] std::string one_line(std::string_view key, const value& what) const {
    if (is_words(what)) return words_in(what, language_);
    if (what.is_string()) return std::string(what.get_string());
    if (key.ends_with("_ns") && what.is_number()) {
      boost::system::error_code error;
      const auto at_ns = what.to_number<TimestampNs>(error);
      if (!error && at_ns == 0) return "not yet";
      if (!error && at_ns < kTimesEndNs) return time_text(at_ns);
      if (!error) return "never";
    }
    return boost::json::serialize(what);
  }

  // Behind it no time is meant but "never".
  static constexpr TimestampNs kTimesEndNs = 9'000'000'000ULL * 1'000'000'000ULL;

  void print_member(std::string_view key, const value& what, std::size_t depth) {
    if (is_empty(what)) return;
    std::string name(key);
    if (name.ends_with("_ns")) name.resize(name.size() - 3);
    if (depth >= kDepthMax) {
      line(depth, fmt::format("{}: {}", name, boost::json::serialize(what)));
    } else if (is_flat(what)) {
      print_flat(name, one_line(key, what), depth);
    } else if (what.is_array() && is_list_of_flat(what.get_array())) {
      line(depth, fmt::format("{}: {}", name, list_of(what.get_array())));
    } else {
      line(depth, name + ":");
      print(what, depth + 1);
    }
  }

  void print_flat(const std::string& name, const std::string& text, std::size_t depth) {
    if (text.empty()) return;
    if (text.find('\n') == std::string::npos) return line(depth, name + ": " + text);
    line(depth, name + ":");
    line(depth + 1, text);
  }

  static bool is_list_of_flat(const array& list) {
    for (const value& item : list) {
      if (!is_flat(item) || is_words(item)) return false;
    }
    return true;
  }
  [[nodiscard]] std::string list_of(const array& list) const {
    std::string text;
    for (const value& item : list) text += (text.empty() ? "" : ", ") + one_line("", item);
    return text;
  }

  void print_object(const object& members, std::size_t depth) {
    for (const auto& [key, what] : members) print_member(key, what, depth);
  }

  void print_array(const array& list, std::size_t depth) {
    if (list.empty()) return line(depth, "nothing");
    bool is_first = true;
    for (const value& item : list) {
      if (!is_first && !is_flat(item) && depth == 0) text_ += '\n';
      is_first = false;
      if (is_flat(item)) {
        line(depth, "- " + one_line("", item));
        continue;
      }
      const std::size_t begin = text_.size();
      print(item, depth == 0 ? 0 : depth + 1);
      // The first line of each carries the mark of the list.
      if (depth != 0 && text_.size() > begin + 2 * depth) text_[begin + 2 * depth] = '-';
    }
  }

  std::string_view language_;
  std::string text_;
};

}  // namespace

std::string time_text(TimestampNs at_ns) {
  const auto since = std::chrono::milliseconds(at_ns / 1'000'000);
  return date::format("%F %T UTC", date::sys_time<std::chrono::milliseconds>(since));
}

std::string words_in(const value& words, std::string_view language) {
  if (words.is_string()) return std::string(words.get_string());
  if (!words.is_object()) return {};
  const value* text = words.get_object().if_contains(language);
  return text != nullptr && text->is_string() ? std::string(text->get_string()) : std::string();
}

std::string document_text(const value& document, std::string_view language) {
  const value* what = &document;
  if (document.is_object()) {
    if (const value* items = document.get_object().if_contains("items");
        items != nullptr && (items->is_array() || items->is_object())) {
      what = items;
    }
  }
  Printer printer(language);
  printer.print(*what, 0);
  return printer.take();
}

}  // namespace okiagari::cli
