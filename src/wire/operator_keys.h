// The public keys of the people who may stop and start the market, as a gateway knows them without
// asking anybody: a TOML file (docs/gateway.md). The venue has the same list in its state.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/signature.h"

namespace okiagari::wire {

struct OperatorKey {
  std::uint16_t id = 0;  // as in the venue's add_operator
  std::string name;
  base::PublicKey public_key{};
  bool stop_only = false;  // may stop; is not counted where two people must agree
};

inline constexpr std::size_t kOperatorNameCharactersMax = 64;

class OperatorKeys {
 public:
  // The errors name the file, the line and what is wrong there.
  [[nodiscard]] static base::Result<OperatorKeys> load(const std::string& path);
  [[nodiscard]] static base::Result<OperatorKeys> parse(std::string_view toml,
                                                        const std::string& origin);

  // False when the number is 0 or there already, or the name does not fit.
  [[nodiscard]] bool add(OperatorKey key);
  [[nodiscard]] const OperatorKey* find(std::uint16_t id) const;
  [[nodiscard]] const OperatorKey* find(const base::PublicKey& key) const;
  [[nodiscard]] const std::vector<OperatorKey>& all() const { return keys_; }
  [[nodiscard]] std::string to_toml() const;

 private:
  std::vector<OperatorKey> keys_;
};

// Whether the name is printable ASCII without quotes, and short enough.
[[nodiscard]] bool is_operator_name(std::string_view name);

}  // namespace okiagari::wire
