#include "wire/operator_keys.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "base/hash.h"
#include "base/settings.h"

namespace okiagari::wire {

namespace {

constexpr std::size_t kOperatorsMax = 256;

using Presence = base::Settings::Presence;

base::Result<OperatorKeys> read(base::Result<base::Settings> settings) {
  if (!settings) return settings.error();
  base::Settings& root = settings.value();
  OperatorKeys keys;
  for (base::Settings& table : root.tables("operators")) {
    OperatorKey key;
    std::string hex;
    table.integer("operator", key.id, 1, UINT16_MAX, Presence::required);
    table.text("name", key.name, Presence::required);
    table.text("public_key", hex, Presence::required);
    table.flag("stop_only", key.stop_only);
    if (!base::from_hex(hex, key.public_key)) {
      table.refuse("public_key", "'public_key' must have 64 hexadecimal digits");
    }
    if (!is_operator_name(key.name)) {
      table.refuse("name", fmt::format("'name' must have 1 to {} printable characters, no quotes",
                                       kOperatorNameCharactersMax));
    }
    if (!keys.add(std::move(key))) {
      table.refuse("operator", "'operator' is another one's number, or there are too many");
    }
  }
  if (base::Status status = root.finish(); !status) return status.error();
  return keys;
}

}  // namespace

bool is_operator_name(std::string_view name) {
  return !name.empty() && name.size() <= kOperatorNameCharactersMax &&
         std::all_of(name.begin(), name.end(),
                     [](char c) { return c >= ' ' && c <= '~' && c != '"' && c != '\\'; });
}

base::Result<OperatorKeys> OperatorKeys::load(const std::string& path) {
  return read(base::Settings::load(path));
}

base::Result<OperatorKeys> OperatorKeys::parse(std::string_view toml, const std::string& origin) {
  return read(base::Settings::parse(toml, origin));
}

bool OperatorKeys::add(OperatorKey key) {
  if (key.id == 0 || find(key.id) != nullptr || keys_.size() >= kOperatorsMax ||
      !is_operator_name(key.name)) {
    return false;
  }
  keys_.push_back(std::move(key));
  return true;
}

const OperatorKey* OperatorKeys::find(std::uint16_t id) const {
  for (const OperatorKey& key : keys_) {
    if (key.id == id) return &key;
  }
  return nullptr;
}

const OperatorKey* OperatorKeys::find(const base::PublicKey& public_key) const {
  for (const OperatorKey& key : keys_) {
    if (key.public_key == public_key) return &key;
  }
  return nullptr;
}

std::string OperatorKeys::to_toml() const {
  std::string text;
  for (const OperatorKey& key : keys_) {
    fmt::format_to(std::back_inserter(text),
                   "{}[[operators]]\noperator = {}\nname = \"{}\"\npublic_key = \"{}\"\n"
                   "stop_only = {}\n",
                   text.empty() ? "" : "\n", key.id, key.name, base::to_hex(key.public_key),
                   key.stop_only);
  }
  return text;
}

}  // namespace okiagari::wire
