// A header that is wrong on purpose: it uses std::string and does not include <string>.
#pragma once

namespace okiagari::house {

std::string leaning();

}  // namespace okiagari::house
