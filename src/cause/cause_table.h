// The table of causes: what each would look like, as data (config/causes.toml). A weight is a
// log-likelihood ratio in decibans: 10 says "ten times as likely under this cause as without it".
// How the weights are used stands in hypotheses.h; where counted cases change them, in
// counted_cases.h.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/settings.h"
#include "cause/bilingual.h"

namespace okiagari::cause {

enum class CauseClass : std::uint8_t {
  hardware,
  software_bug,
  network_or_attack,
  overload,
  human_error,
  natural_disaster_or_facility,
  unknown,
};

enum class SignRole : std::uint8_t { required, supporting, contradicting };

// Something that the cause does, or would not do, to what can be observed.
struct Sign {
  std::vector<std::string> signals;  // any of them
  SignRole role = SignRole::supporting;
  double weight_db = 0;            // positive; a contradicting sign counts against
  std::uint32_t entities_min = 1;  // on so many different entities
  bool anywhere = false;           // counts in full wherever it is seen
};

struct Cause {
  std::string name;
  CauseClass cause_class = CauseClass::unknown;
  Bilingual title;
  Bilingual next_check;  // what would decide
  double prior_db = 0;
  std::vector<Sign> signs;
};

class CauseTable {
 public:
  static base::Result<CauseTable> load(const std::string& path);
  static base::Result<CauseTable> parse(std::string_view text, const std::string& origin);
  // config/causes.toml as it was when the program was built.
  static const CauseTable& builtin();

  [[nodiscard]] const std::vector<Cause>& causes() const { return causes_; }
  [[nodiscard]] std::vector<Cause>& causes() { return causes_; }
  [[nodiscard]] const Cause* find(std::string_view name) const;
  // What the signal says, in words; null when the table does not know it.
  [[nodiscard]] const Bilingual* signal_text(std::string_view signal) const;
  [[nodiscard]] const Cause& unknown() const { return unknown_; }
  // `unknown` never has less than this share.
  [[nodiscard]] double unknown_floor() const { return unknown_floor_; }

 private:
  static base::Result<CauseTable> read(base::Settings& root);

  std::vector<Cause> causes_;
  std::map<std::string, Bilingual, std::less<>> signals_;
  Cause unknown_;
  double unknown_floor_ = 0;
};

[[nodiscard]] std::string_view to_string(CauseClass cause_class);
[[nodiscard]] Bilingual title_of(CauseClass cause_class);

}  // namespace okiagari::cause
