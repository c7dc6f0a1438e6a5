// The made-up places where a drill's servers stand, for earthquakes and the loss of a site.
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

namespace okiagari::drill {

struct Site {
  std::string_view name;
  std::string_view prefecture;  // as public messages name it
  std::string_view code;        // and its number
  double latitude = 0;
  double longitude = 0;
};
inline constexpr std::array kSites = {Site{"tokyo", "東京都", "13", 35.7, 139.8},
                                      Site{"osaka", "大阪府", "27", 34.7, 135.5},
                                      Site{"fukuoka", "福岡県", "40", 33.6, 130.4}};

// Null when there is none of that name.
[[nodiscard]] const Site* find_site(std::string_view name);
// Where the server of that number stands, counted from 1 for each kind.
[[nodiscard]] const Site& site_of(unsigned server);

// The file that tells the desk where its market stands; `servers` by site.
[[nodiscard]] std::string sites_text(
    const std::array<std::vector<std::string>, kSites.size()>& servers);

}  // namespace okiagari::drill
