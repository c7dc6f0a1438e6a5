// The texts of notices with places for facts: one set of facts makes the Japanese and the English
// text at once, so the two cannot say different things. Mustache, without HTML escapes: a notice is
// plain text. config/notices.toml holds those that ship.
#pragma once

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <map>
#include <string>
#include <string_view>

#include "base/result.h"
#include "desk/words.h"

namespace okiagari::desk {

struct NoticeTemplate {
  std::string id;
  std::string status;            // what it says of the incident; empty: as the last notice
  bool is_pre_approved = false;  // may go out without a second person
  Words subject;
  Words text;
};
[[nodiscard]] boost::json::object to_json(const NoticeTemplate& from);

class NoticeTemplates {
 public:
  static constexpr std::size_t kMost = 200;

  // Errors name the file, the line and the key, or the template that cannot be read.
  [[nodiscard]] static base::Result<NoticeTemplates> load(const std::string& path);
  [[nodiscard]] static base::Result<NoticeTemplates> from_json(const boost::json::array& array);
  [[nodiscard]] boost::json::array to_json() const;

  [[nodiscard]] const NoticeTemplate* find(std::string_view id) const;

 private:
  base::Status add(NoticeTemplate added);
  std::map<std::string, NoticeTemplate, std::less<>> templates_;
};

// Facts whose value is {en, ja} go into each language in its own; `..._ns` becomes a time in words;
// what is not there leaves out the lines around its place.
[[nodiscard]] Words render(const Words& pattern, const boost::json::object& facts);

}  // namespace okiagari::desk
