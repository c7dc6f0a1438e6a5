// A text for people, in the two languages that everything about an incident is said in.
#pragma once

#include <string>

namespace okiagari::cause {

struct Bilingual {
  std::string en;
  std::string ja;
};

}  // namespace okiagari::cause
