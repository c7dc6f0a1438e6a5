// The floors of the house: which room may include which. The rooms are declared in CMakeLists.txt,
// and these checks hold the declarations and the files under src/ to each other.
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "tests/house/source_tree.h"

namespace okiagari::house {

struct Room {
  int floor = 0;
  std::set<std::string> may_include;  // other rooms
};

using Floors = std::map<std::string, Room>;

// The rooms that the okiagari_room() lines of `cmake` declare.
Floors parse_floors(std::string_view cmake);

// A declared arrow that does not go down, or that market or venue must not have.
std::vector<Finding> check_declared(const Floors& floors);

// Includes of `file`, which lies under src/, that its room may not have. `exists` holds the paths
// of all files of the repository.
std::vector<Finding> check_includes(const Floors& floors, const SourceFile& file,
                                    const std::set<std::string>& exists);

}  // namespace okiagari::house
