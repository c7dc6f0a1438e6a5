#include "desk/notice_template.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>
#include <kainjow/mustache.hpp>

#include "base/settings.h"
#include "desk/entry.h"
#include "desk/read_words.h"
#include "desk/time_text.h"

namespace okiagari::desk {

namespace {

namespace mustache = kainjow::mustache;

enum class Language : std::uint8_t { en, ja };

mustache::data data_of(const boost::json::value& value, std::string_view key, Language language);

bool is_nothing(const boost::json::value& value) {
  return value.is_null() || (value.is_string() && value.get_string().empty()) ||
         (value.is_object() && value.get_object().empty());
}

mustache::data data_of_object(const boost::json::object& object, Language language) {
  if (object.contains("en") && object.contains("ja")) {
    return mustache::data{text_or(object, language == Language::en ? "en" : "ja")};
  }
  mustache::data data{mustache::data::type::object};
  for (const auto& member : object) {
    if (is_nothing(member.value())) continue;
    const std::string key(member.key());
    mustache::data inner = data_of(member.value(), key, language);
    // An empty list's section is left out, but one about a list as a whole needs a flag.
    if (member.value().is_array() && !member.value().get_array().empty()) {
      data.set("has_" + key, mustache::data{true});
    }
    data.set(key, std::move(inner));
  }
  return data;
}

mustache::data data_of_array(const boost::json::array& array, Language language) {
  mustache::data list{mustache::data::type::list};
  for (std::size_t at = 0; at < array.size(); ++at) {
    mustache::data item{mustache::data::type::object};
    mustache::data inner = data_of(array[at], {}, language);
    if (inner.is_object()) {
      item = std::move(inner);
    } else {
      item.set("name", std::move(inner));
    }
    item.set("more", mustache::data{at + 1 < array.size()});
    list.push_back(std::move(item));
  }
  return list;
}

mustache::data data_of(const boost::json::value& value, std::string_view key, Language language) {
  if (value.is_object()) return data_of_object(value.get_object(), language);
  if (value.is_array()) return data_of_array(value.get_array(), language);
  if (value.is_bool()) return mustache::data{value.get_bool()};
  if (value.is_string()) {
    return mustache::data{std::string(value.get_string().data(), value.get_string().size())};
  }
  boost::system::error_code error;
  const auto number = value.to_number<std::int64_t>(error);
  if (!error && number >= 0 && key.ends_with("_ns")) {
    const Words words = time_words(static_cast<TimestampNs>(number));
    return mustache::data{language == Language::en ? words.en : words.ja};
  }
  return mustache::data{boost::json::serialize(value)};
}

// What is left of a line that held only the begin or end of a section.
std::string without_empty_lines(const std::string& text) {
  std::string kept;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size() - 1);
    if (end > at || text[at] != '\n') kept.append(text, at, end - at + 1);
    at = end + 1;
  }
  return kept;
}

std::string render_one(const std::string& pattern, const boost::json::object& facts,
                       Language language) {
  mustache::mustache compiled{pattern};
  ASSERT(compiled.is_valid(), "a template was taken that cannot be read: {}",
         compiled.error_message());
  compiled.set_custom_escape([](const std::string& text) { return text; });
  return without_empty_lines(compiled.render(data_of_object(facts, language)));
}

base::Status check(const std::string& id, const std::string& pattern) {
  const mustache::mustache compiled{pattern};
  if (compiled.is_valid()) return {};
  return base::Error{
      fmt::format("the template '{}' cannot be read: {}", id, compiled.error_message())};
}

}  // namespace

boost::json::object to_json(const NoticeTemplate& from) {
  return {{"id", from.id},
          {"status", from.status},
          {"pre_approved", from.is_pre_approved},
          {"subject", to_json(from.subject)},
          {"text", to_json(from.text)}};
}

base::Status NoticeTemplates::add(NoticeTemplate added) {
  if (templates_.size() >= kMost) {
    return base::Error{fmt::format("there are more than {} templates", kMost)};
  }
  for (const std::string* pattern :
       {&added.subject.en, &added.subject.ja, &added.text.en, &added.text.ja}) {
    if (pattern->empty()) {
      return base::Error{fmt::format("the template '{}' needs both languages", added.id)};
    }
    if (base::Status status = check(added.id, *pattern); !status) return status;
  }
  std::string id = added.id;
  if (!templates_.emplace(std::move(id), std::move(added)).second) {
    return base::Error{"two templates have one id"};
  }
  return {};
}

base::Result<NoticeTemplates> NoticeTemplates::load(const std::string& path) {
  constexpr auto kRequired = base::Settings::Presence::required;
  auto settings = base::Settings::load(path);
  if (!settings) return settings.error();
  NoticeTemplates templates;
  for (base::Settings& table : settings.value().tables("template")) {
    NoticeTemplate added;
    table.text("id", added.id, kRequired);
    table.text("status", added.status);
    table.flag("pre_approved", added.is_pre_approved);
    table.text("subject_en", added.subject.en, kRequired);
    table.text("subject_ja", added.subject.ja, kRequired);
    table.text("text_en", added.text.en, kRequired);
    table.text("text_ja", added.text.ja, kRequired);
    if (base::Status status = templates.add(std::move(added)); !status) {
      table.refuse("id", status.error().message);
    }
  }
  if (base::Status status = settings.value().finish(); !status) return status.error();
  return templates;
}

base::Result<NoticeTemplates> NoticeTemplates::from_json(const boost::json::array& array) {
  NoticeTemplates templates;
  for (const boost::json::value& item : array) {
    if (!item.is_object()) return base::Error{"a template is no object"};
    const boost::json::object& object = item.get_object();
    NoticeTemplate added;
    auto id = text_of(object, "id", 60);
    if (!id) return id.error();
    added.id = id.value();
    added.status = text_or(object, "status");
    added.is_pre_approved = flag_or(object, "pre_approved", false);
    added.subject = read_words(object, "subject");
    added.text = read_words(object, "text");
    if (base::Status status = templates.add(std::move(added)); !status) return status.error();
  }
  return templates;
}

boost::json::array NoticeTemplates::to_json() const {
  boost::json::array array;
  for (const auto& [id, kept] : templates_) array.push_back(desk::to_json(kept));
  return array;
}

const NoticeTemplate* NoticeTemplates::find(std::string_view id) const {
  const auto found = templates_.find(id);
  return found == templates_.end() ? nullptr : &found->second;
}

Words render(const Words& pattern, const boost::json::object& facts) {
  return {render_one(pattern.en, facts, Language::en), render_one(pattern.ja, facts, Language::ja)};
}

}  // namespace okiagari::desk
