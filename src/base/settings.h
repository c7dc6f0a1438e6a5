// Reading of a TOML file in which every key must be known: a misspelt key is an error that names
// it, its line and the key that was probably meant, because a setting that is silently ignored
// shows only on the day it was made for.
#pragma once

#include <toml++/toml.h>

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace okiagari::base {

// One table of the file. Reading collects the first error of the whole file, so that the caller
// reads everything and asks once.
class Settings {
 public:
  static Result<Settings> load(const std::string& path);
  static Result<Settings> parse(std::string_view text, const std::string& origin);

  // Each says whether the key was there and good, and leaves `into` alone when not. A key that must
  // be there is an error when it is not.
  enum class Presence : std::uint8_t { optional, required };
  template <typename Integer>
  bool integer(std::string_view key, Integer& into, std::uint64_t least, std::uint64_t most,
               Presence presence = Presence::optional) {
    std::uint64_t value = 0;
    if (!read_integer(key, value, least, most, presence)) return false;
    into = static_cast<Integer>(value);
    return true;
  }
  bool text(std::string_view key, std::string& into, Presence presence = Presence::optional);
  bool flag(std::string_view key, bool& into);

  // The table of that name, empty when it is not there; the tables of an array.
  [[nodiscard]] Settings table(std::string_view key);
  [[nodiscard]] std::vector<Settings> tables(std::string_view key);
  // The texts of an array.
  [[nodiscard]] std::vector<std::string> texts(std::string_view key);

  // An error about this table, for what only the caller can judge.
  void refuse(std::string_view key, const std::string& what);

  // After everything was read: the first error, or the first key that nobody asked for.
  [[nodiscard]] Status finish() const;

 private:
  struct File {
    std::string origin;
    toml::table root;
    std::string error;
    // The keys that were asked for, by table.
    std::map<const toml::table*, std::vector<std::string>> known;
  };
  Settings(std::shared_ptr<File> file, const toml::table* table)
      : file_(std::move(file)), table_(table) {}
  bool read_integer(std::string_view key, std::uint64_t& into, std::uint64_t least,
                    std::uint64_t most, Presence presence);
  const toml::node* find(std::string_view key, Presence presence);
  void fail(const toml::node* at, const std::string& what) const;

  std::shared_ptr<File> file_;
  const toml::table* table_;  // null: not there
};

}  // namespace okiagari::base
