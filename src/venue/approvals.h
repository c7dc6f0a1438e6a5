// The people who may stop and start the market, and whether enough of them have signed an act.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "base/hash.h"
#include "base/signature.h"
#include "venue/command.h"
#include "venue/event.h"

namespace okiagari::venue {

class Operators {
 public:
  static constexpr std::size_t kOperatorsMax = 256;

  struct Operator {
    std::uint16_t id = 0;
    base::PublicKey public_key{};
    bool stop_only = false;
  };

  // Reason::none when added. An identifier is never given to another key.
  [[nodiscard]] Reason add(std::uint16_t id, const base::PublicKey& public_key, bool stop_only);
  [[nodiscard]] bool empty() const { return operators_.empty(); }
  [[nodiscard]] const std::vector<Operator>& all() const { return operators_; }  // ascending ids

  // How many different operators have approved `act`. One that is not good, or not good any more at
  // that time, spoils all.
  struct Count {
    Reason fault = Reason::none;
    int to_stop = 0;
    int to_start = 0;  // of those, the ones who may
  };
  [[nodiscard]] Count count_approvals(const base::Digest& act, std::span<const Approval> approvals,
                                      TimestampNs now_ns) const;

 private:
  [[nodiscard]] const Operator* find(std::uint16_t id) const;

  std::vector<Operator> operators_;
};

}  // namespace okiagari::venue
