#include "desk/widest_extent.h"

#include <algorithm>
#include <array>
#include <boost/json.hpp>
#include <set>
#include <string>
#include <string_view>

#include "desk/entry.h"

namespace okiagari::desk {

namespace {

constexpr std::array<std::string_view, 4> kLists = {"affected", "servers_hit", "gateways_hit",
                                                    "members_hit"};
constexpr std::size_t kListMax = 5'000;

bool is_count(std::string_view key) {
  return key.ends_with("_hit_count") || key == "orders_in_flight";
}

bool is_list(std::string_view key) {
  return std::find(kLists.begin(), kLists.end(), key) != kLists.end();
}

void add_to(boost::json::array& all, const boost::json::array& more) {
  std::set<std::string> known;
  for (const boost::json::value& item : all) known.insert(boost::json::serialize(item));
  for (const boost::json::value& item : more) {
    if (all.size() >= kListMax) return;
    if (known.insert(boost::json::serialize(item)).second) all.push_back(item);
  }
}

}  // namespace

void widen(boost::json::object& widest, const boost::json::object& facts) {
  for (const auto& fact : facts) {
    boost::json::value& kept = widest[fact.key()];
    if (is_list(fact.key()) && fact.value().is_array()) {
      if (!kept.is_array()) kept = boost::json::array{};
      add_to(kept.get_array(), fact.value().get_array());
    } else if (is_count(fact.key())) {
      kept = std::max(number_or(widest, fact.key(), 0), number_or(facts, fact.key(), 0));
    } else {
      kept = fact.value();
    }
  }
}

}  // namespace okiagari::desk
