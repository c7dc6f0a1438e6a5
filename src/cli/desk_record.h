// What a desk has written down about an outage, read from its tables: for the run's page, tests and
// `okiagari audit`.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/types.h"

namespace okiagari::cli {

struct DeskRecord {
  struct Item {
    std::uint64_t number = 0;
    TimestampNs at_ns = 0;
    std::string incident;
    std::string kind;
    std::string by;
    std::string en;
    std::string ja;
    std::string data;  // JSON
  };
  struct Effect {
    std::string key;
    std::string kind;
    std::string owner;
    std::string incident;
    std::string state;
    TimestampNs added_ns = 0;
    TimestampNs ended_ns = 0;
    std::string outcome;
  };
  std::vector<Item> items;
  std::vector<Effect> effects;

  // The first of that kind at or after a time; null when there is none.
  [[nodiscard]] const Item* first(std::string_view kind, TimestampNs from_ns = 0) const;
  [[nodiscard]] std::size_t count(std::string_view kind) const;
};

// From <desk's folder>/desk.sqlite, also while the desk runs.
[[nodiscard]] base::Result<DeskRecord> read_desk_record(const std::string& desk_folder);

}  // namespace okiagari::cli
