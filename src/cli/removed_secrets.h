// What must not leave the house, taken out of texts: values under names that say so, and every
// secret of the market and its desk that is known by its value, wherever it stands.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace okiagari::cli {

// Of a configuration in TOML or JSON: values under names like "token", "password", "seed".
[[nodiscard]] std::string without_named_secrets(std::string_view text);

class KnownSecrets {
 public:
  // Shorter ones would be found in innocent words.
  static constexpr std::size_t kBytesMin = 6;

  // Of a market that `up` made: log-ins, people's passwords and second factors, keys. What is not
  // there is no error: then it cannot stand in a text either.
  void read(const std::string& market_folder);
  void add(std::string secret);

  // Says in `removed` how many there were.
  [[nodiscard]] std::string without(std::string text, std::size_t& removed) const;
  [[nodiscard]] std::size_t size() const { return secrets_.size(); }

 private:
  std::vector<std::string> secrets_;  // the longest first
};

}  // namespace okiagari::cli
