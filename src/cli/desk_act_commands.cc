#include "cli/desk_act_commands.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/json.hpp>
#include <charconv>

#include "base/whole_file.h"
#include "cli/command_line.h"
#include "cli/commands.h"
#include "cli/document_text.h"
#include "desk/entry.h"
#include "desk/time_zone.h"
#include "net/loop.h"

namespace okiagari::cli {

namespace {

constexpr std::size_t kTextBytesMax = 128u << 10;
constexpr TimestampNs kSecondNs = 1'000'000'000;

struct Group {
  std::string_view words;
  std::string_view what;
};
constexpr std::array<Group, 8> kGroups = {{
    {"incident decide", "Steps of the playbook: done, left out, given more time"},
    {"approval", "Acts that two people must sign"},
    {"component", "What the public sees of each part of the market"},
    {"maintenance", "Planned work, told to everyone ahead"},
    {"subscription", "Who asked to be told of notices"},
    {"audit", "The desk's record: its chain, and all of it"},
    {"desk token", "Tokens for programs that ask the API"},
    {"desk account", "Who may come in, and as what"},
}};

// "@FILE" is what is in the file.
base::Result<std::string> text_of(const std::string& given) {
  if (!given.starts_with('@')) return given;
  return base::read_whole_file(given.substr(1), kTextBytesMax);
}

base::Result<std::int64_t> number_of(const std::string& text) {
  std::int64_t number = 0;
  const char* end = text.data() + text.size();
  const auto [at, failed] = std::from_chars(text.data(), end, number);
  if (failed != std::errc{} || at != end) {
    return base::Error{fmt::format("'{}' is no whole number", text)};
  }
  return number;
}

struct ActCommand {
  DeskAct act;
  DeskAccess access;
  Shown shown;
  ActFields fields;
  std::map<std::string, std::string> words;
};

int carry_out(const ActCommand& command) {
  const auto path = filled_path(command.act.path, command.words);
  if (!path) return failed(path.error().message, kExitWrongUse);
  const auto body = command.fields.body(command.act.fields);
  if (!body) return failed(body.error().message, kExitWrongUse);
  auto client = DeskClient::log_in(command.access);
  if (!client) return failed(client.error().message);
  if (command.act.method == net::HttpMethod::get) {
    return command.shown.print(client.value().get(path.value()));
  }
  return command.shown.print(client.value().act(command.act.method, path.value(), body.value()));
}

}  // namespace

void Shown::add_to(Command command) {
  command.flag("--json", json, "Print what the API answers");
  command.option("--language", language, "Of texts for people: en or ja")
      .one_of({"en", "ja"})
      .shows_default();
}

int Shown::print(const base::Result<boost::json::value>& answer) const {
  if (!answer) return failed(answer.error().message);
  const std::string text = json ? boost::json::serialize(answer.value()) + "\n"
                                : document_text(answer.value(), language);
  std::fwrite(text.data(), 1, text.size(), stdout);
  std::fflush(stdout);
  return kExitHolds;
}

void ActFields::add_to(Command command, std::span<const ActField> fields) {
  for (const ActField& field : fields) {
    const std::string option = option_of(field);
    const std::string name = field.is_word ? std::string(field.name) : option;
    const std::string what(field.what);
    std::optional<Option> added;  // the one option of the field, if it has no more
    switch (field.form) {
      case FieldForm::list:
        added = command.option(name, lists_[option], what).separated_by(',');
        break;
      case FieldForm::words:
        command.option(name, texts_[option], what + "; @FILE for what is in it");
        command.option(option + "-en", texts_[option + "-en"], "The same in English");
        command.option(option + "-ja", texts_[option + "-ja"], "The same in Japanese");
        continue;
      case FieldForm::range:
        command.option(option + "-from", texts_[option + "-from"], what + ", at the earliest");
        command.option(option + "-until", texts_[option + "-until"], "At the latest");
        command.option(option + "-basis", texts_[option + "-basis"], "What that rests on");
        continue;
      case FieldForm::time:
        added = command.option(name, texts_[option],
                               what + " (2026-11-26T22:30 in UTC, or +90m from now)");
        break;
      case FieldForm::flag:
        added = command.option(name, texts_[option], what + " (yes or no)");
        break;
      default:
        added = command.option(name, texts_[option], what);
    }
    if (added) added->required(field.is_required);
  }
}

bool ActFields::has(const std::string& key) const {
  const auto text = texts_.find(key);
  return text != texts_.end() && !text->second.empty();
}

base::Status ActFields::read_words(const ActField& field, boost::json::object& body) const {
  const std::string option = option_of(field);
  boost::json::object words;
  for (const char* language : {"en", "ja"}) {
    const std::string own = option + "-" + language;
    const std::string& key = has(own) ? own : option;
    if (!has(key)) continue;
    auto text = text_of(texts_.at(key));
    if (!text) return text.error();
    words[language] = std::move(text.value());
  }
  if (words.empty() && field.is_required) {
    return base::Error{fmt::format("{} is missing: --{} for both languages, or -en and -ja",
                                   field.name, option.substr(2))};
  }
  if (!words.empty()) body[field.name] = std::move(words);
  return {};
}

base::Status ActFields::read_range(const ActField& field, boost::json::object& body) const {
  const std::string option = option_of(field);
  boost::json::object range;
  const std::array<std::pair<const char*, const char*>, 2> ends = {
      {{"-from", "from_ns"}, {"-until", "to_ns"}}};
  for (const auto& [suffix, key] : ends) {
    if (!has(option + suffix)) continue;
    const auto at = parse_time(texts_.at(option + suffix), net::Loop::wall_ns());
    if (!at) return base::Error{option + suffix + ": " + at.error().message};
    range[key] = at.value();
  }
  if (has(option + "-basis")) range["basis"] = texts_.at(option + "-basis");
  if (!range.empty()) body[field.name] = std::move(range);
  return {};
}

base::Status ActFields::read(const ActField& field, boost::json::object& body) const {
  const std::string option = option_of(field);
  if (field.form == FieldForm::words) return read_words(field, body);
  if (field.form == FieldForm::range) return read_range(field, body);
  if (field.form == FieldForm::list) {
    const auto list = lists_.find(option);
    if (list == lists_.end() || list->second.empty()) return {};
    body[field.name] = boost::json::array(list->second.begin(), list->second.end());
    return {};
  }
  if (!has(option)) return {};
  const std::string& given = texts_.at(option);
  if (field.form == FieldForm::number) {
    const auto number = number_of(given);
    if (!number) return base::Error{option + ": " + number.error().message};
    body[field.name] = number.value();
  } else if (field.form == FieldForm::time) {
    const auto at = parse_time(given, net::Loop::wall_ns());
    if (!at) return base::Error{option + ": " + at.error().message};
    body[field.name] = at.value();
  } else if (field.form == FieldForm::flag) {
    if (given != "yes" && given != "no") return base::Error{option + " is yes or no"};
    body[field.name] = given == "yes";
  } else {
    auto text = text_of(given);
    if (!text) return text.error();
    body[field.name] = std::move(text.value());
  }
  return {};
}

base::Result<boost::json::object> ActFields::body(std::span<const ActField> fields) const {
  boost::json::object body;
  for (const ActField& field : fields) {
    if (base::Status status = read(field, body); !status) return status.error();
  }
  return body;
}

std::vector<std::string> words_of_path(std::string_view path) {
  std::vector<std::string> words;
  for (std::size_t at = path.find('{'); at != std::string_view::npos; at = path.find('{', at)) {
    const std::size_t end = path.find('}', at);
    words.emplace_back(path.substr(at + 1, end - at - 1));
    at = end;
  }
  if (path.find("{incident}/{notice}") != std::string_view::npos) words = {"notice"};
  return words;
}

base::Result<std::string> filled_path(std::string_view path,
                                      const std::map<std::string, std::string>& words) {
  std::string filled(path);
  if (const std::size_t at = filled.find("{incident}/{notice}"); at != std::string::npos) {
    filled.replace(at, std::string_view("{incident}/{notice}").size(), "{notice}");
  }
  for (const auto& [name, word] : words) {
    const bool is_notice = name == "notice";
    const bool is_plain = std::all_of(word.begin(), word.end(), [&](char c) {
      return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '-' || c == '_' || c == '.' ||
             (is_notice && c == '/');
    });
    if (word.empty() || !is_plain ||
        (is_notice && std::count(word.begin(), word.end(), '/') != 1)) {
      return base::Error{fmt::format("'{}' is no {}{}", word, name,
                                     is_notice ? "; it is written as inc-1/n2" : "")};
    }
    const std::string place = "{" + name + "}";
    const std::size_t at = filled.find(place);
    if (at != std::string::npos) filled.replace(at, place.size(), word);
  }
  return filled;
}

base::Result<TimestampNs> parse_time(const std::string& text, TimestampNs now_ns) {
  if (text.starts_with('+') && text.size() >= 3) {
    const auto amount = number_of(text.substr(1, text.size() - 2));
    constexpr std::array<std::pair<char, std::int64_t>, 4> kUnits = {
        {{'s', 1}, {'m', 60}, {'h', 3'600}, {'d', 86'400}}};
    const auto unit = std::find_if(kUnits.begin(), kUnits.end(),
                                   [&](const auto& one) { return one.first == text.back(); });
    constexpr std::int64_t kAheadMaxS = 10LL * 366 * 86'400;
    if (amount && unit != kUnits.end() && amount.value() >= 0 &&
        amount.value() <= kAheadMaxS / unit->second) {
      return now_ns + static_cast<TimestampNs>(amount.value() * unit->second) * kSecondNs;
    }
  }
  const std::string local = text.ends_with('Z') ? text.substr(0, text.size() - 1) : text;
  const auto seconds = desk::parse_local(local);
  if (!seconds) {
    return base::Error{
        fmt::format("'{}' is no time: 2026-11-26T22:30 in UTC, or +90m from now", text)};
  }
  return static_cast<TimestampNs>(*seconds) * kSecondNs;
}

Command command_at(Command app, std::string_view words, std::string_view what) {
  Command at = app;
  std::string so_far;
  while (!words.empty()) {
    const std::size_t end = std::min(words.find(' '), words.size());
    const std::string word(words.substr(0, end));
    words.remove_prefix(std::min(words.size(), end + 1));
    so_far += (so_far.empty() ? "" : " ") + word;
    std::optional<Command> next = at.find(word);
    if (!next) {
      const auto group = std::find_if(kGroups.begin(), kGroups.end(),
                                      [&](const Group& one) { return one.words == so_far; });
      const bool is_group = !words.empty();
      next = at.command(word, std::string(is_group && group != kGroups.end() ? group->what : what));
      if (is_group) next->needs_command();
    }
    at = *next;
  }
  return at;
}

void add_desk_act_commands(Command app, const Exit& exit) {
  for (const DeskAct& act : desk_acts()) {
    if (act.is_by_hand) continue;
    const Command command = command_at(app, act.command, act.what);
    auto kept = std::make_shared<ActCommand>();
    kept->act = act;
    for (const std::string& word : words_of_path(act.path)) {
      command.option(word, kept->words[word], word).required();
    }
    kept->fields.add_to(command, act.fields);
    kept->shown.add_to(command);
    kept->access.add_to(command);
    set_action(command, exit, [kept] { return carry_out(*kept); });
  }
}

}  // namespace okiagari::cli
