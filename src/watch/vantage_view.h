// What one vantage point tells others of its view: whether its orders are answered, gateway by
// gateway. A document of JSON, as `okiagari watch --serve` gives it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/types.h"
#include "watch/picture.h"

namespace okiagari::watch {

struct VantageView {
  struct Gateway {
    GatewayId gateway = 0;
    bool is_serving = false;    // its last order was answered in time
    std::uint64_t answers = 0;  // so far
  };
  std::string name;
  std::vector<Gateway> gateways;
};

inline constexpr std::size_t kVantageViewBytesMax = 256u << 10;

// Of a vantage point without a canary there are no gateways in it.
[[nodiscard]] VantageView view_of(const std::string& name, const Picture& picture);
[[nodiscard]] std::string vantage_view_text(const VantageView& view);
[[nodiscard]] base::Result<VantageView> parse_vantage_view(std::string_view text);

}  // namespace okiagari::watch
