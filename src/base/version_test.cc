#include "base/version.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "test_places.h"

namespace okiagari::base {
namespace {

TEST(Version, IsTheProjects) {
  std::ostringstream text;
  text << std::ifstream(OKIAGARI_SOURCE_DIR "/CMakeLists.txt").rdbuf();
  EXPECT_NE(text.str().find(fmt::format("project(okiagari VERSION {} ", kVersion)),
            std::string::npos);
}

}  // namespace
}  // namespace okiagari::base
