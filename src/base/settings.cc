#include "base/settings.h"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <sstream>

#include "base/nearest_name.h"

namespace okiagari::base {

Result<Settings> Settings::load(const std::string& path) {
  std::ifstream file(path);
  if (!file) return Error{fmt::format("{}: cannot be read; does the file exist?", path)};
  std::ostringstream text;
  text << file.rdbuf();
  return parse(text.str(), path);
}

Result<Settings> Settings::parse(std::string_view text, const std::string& origin) {
  auto file = std::make_shared<File>();
  file->origin = origin;
  try {
    file->root = toml::parse(text, origin);
  } catch (const toml::parse_error& error) {
    return Error{fmt::format("{}:{}: {}", origin, error.source().begin.line, error.description())};
  }
  const toml::table* root = &file->root;
  file->known[root];
  return Settings(std::move(file), root);
}

void Settings::fail(const toml::node* at, const std::string& what) const {
  if (!file_->error.empty()) return;
  const auto line = at == nullptr ? 0 : at->source().begin.line;
  file_->error = line == 0 ? fmt::format("{}: {}", file_->origin, what)
                           : fmt::format("{}:{}: {}", file_->origin, line, what);
}

const toml::node* Settings::find(std::string_view key, Presence presence) {
  if (table_ != nullptr) {
    file_->known[table_].emplace_back(key);
    if (const toml::node* node = table_->get(key)) return node;
  }
  if (presence == Presence::required) fail(table_, fmt::format("'{}' is missing", key));
  return nullptr;
}

bool Settings::read_integer(std::string_view key, std::uint64_t& into, std::uint64_t least,
                            std::uint64_t most, Presence presence) {
  const toml::node* node = find(key, presence);
  if (node == nullptr) return false;
  const auto value = node->value_exact<std::int64_t>();
  if (!value || *value < 0 || static_cast<std::uint64_t>(*value) < least ||
      static_cast<std::uint64_t>(*value) > most) {
    fail(node, fmt::format("'{}' must be a whole number from {} to {}", key, least, most));
    return false;
  }
  into = static_cast<std::uint64_t>(*value);
  return true;
}

bool Settings::text(std::string_view key, std::string& into, Presence presence) {
  const toml::node* node = find(key, presence);
  if (node == nullptr) return false;
  const auto value = node->value_exact<std::string>();
  if (!value || value->empty()) {
    fail(node, fmt::format("'{}' must be a text in quotes", key));
    return false;
  }
  into = *value;
  return true;
}

bool Settings::flag(std::string_view key, bool& into) {
  const toml::node* node = find(key, Presence::optional);
  if (node == nullptr) return false;
  const auto value = node->value_exact<bool>();
  if (!value) {
    fail(node, fmt::format("'{}' must be true or false", key));
    return false;
  }
  into = *value;
  return true;
}

Settings Settings::table(std::string_view key) {
  const toml::node* node = find(key, Presence::optional);
  if (node != nullptr && !node->is_table()) fail(node, fmt::format("'{}' must be a table", key));
  const toml::table* found = node == nullptr ? nullptr : node->as_table();
  if (found != nullptr) file_->known[found];
  return Settings(file_, found);
}

std::vector<Settings> Settings::tables(std::string_view key) {
  std::vector<Settings> found;
  const toml::node* node = find(key, Presence::optional);
  if (node == nullptr) return found;
  const toml::array* array = node->as_array();
  if (array == nullptr || !array->is_homogeneous(toml::node_type::table)) {
    fail(node, fmt::format("'{}' must be tables, each beginning with [[{}]]", key, key));
    return found;
  }
  for (const toml::node& element : *array) {
    file_->known[element.as_table()];
    found.push_back(Settings(file_, element.as_table()));
  }
  return found;
}

std::vector<std::string> Settings::texts(std::string_view key) {
  std::vector<std::string> found;
  const toml::node* node = find(key, Presence::optional);
  if (node == nullptr) return found;
  const toml::array* array = node->as_array();
  if (array == nullptr || !array->is_homogeneous(toml::node_type::string)) {
    fail(node, fmt::format("'{}' must be a list of texts in quotes", key));
    return found;
  }
  for (const toml::node& element : *array) found.push_back(element.as_string()->get());
  return found;
}

void Settings::refuse(std::string_view key, const std::string& what) {
  const toml::node* at = table_ == nullptr ? nullptr : table_->get(key);
  fail(at == nullptr ? table_ : at, what);
}

Status Settings::finish() const {
  // A misspelt key explains a missing one, so it is told first.
  for (const auto& [table, known] : file_->known) {
    for (const auto& [key, node] : *table) {
      if (std::find(known.begin(), known.end(), key.str()) != known.end()) continue;
      const std::string meant = nearest_name(key.str(), known);
      return Error{fmt::format("{}:{}: unknown key '{}'{}", file_->origin, key.source().begin.line,
                               key.str(),
                               meant.empty() ? "" : fmt::format("; did you mean '{}'?", meant))};
    }
  }
  if (!file_->error.empty()) return Error{file_->error};
  return {};
}

}  // namespace okiagari::base
