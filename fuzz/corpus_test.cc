// The seeds of one fuzzer as a unit test. Goal: what a fuzzer was given or has found does not break
// the decoder in any build, also without libFuzzer. Compiled once for all of them: the program's
// name says whose seeds it takes.
#include <errno.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string_view>
#include <vector>

#include "test_places.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace okiagari {
namespace {

std::filesystem::path corpus() {
  constexpr std::string_view kEnding = "_corpus_test";
  std::string_view program = program_invocation_short_name;
  if (program.ends_with(kEnding)) program.remove_suffix(kEnding.size());
  return std::filesystem::path(OKIAGARI_SOURCE_DIR) / "fuzz" / "corpus" / program;
}

void decode(const std::vector<std::uint8_t>& input) {
  // A copy of exactly that size, so that a sanitizer sees a read beyond it.
  const std::vector<std::uint8_t> copy(input);
  (void)LLVMFuzzerTestOneInput(copy.data(), copy.size());
}

TEST(Corpus, SeedsAndWhatIsLeftOfThemBreakNothing) {
  SCOPED_TRACE(corpus());
  int seeds = 0;
  for (const auto& entry : std::filesystem::directory_iterator(corpus())) {
    std::ifstream file(entry.path(), std::ios::binary);
    const std::vector<std::uint8_t> seed{std::istreambuf_iterator<char>(file), {}};
    ++seeds;
    decode(seed);
    for (std::size_t size = 0; size < seed.size(); ++size) {
      decode({seed.begin(), seed.begin() + static_cast<std::ptrdiff_t>(size)});
    }
    for (std::size_t at = 0; at < seed.size(); ++at) {
      for (const int other : {0x00, 0x01, 0x7F, 0x80, 0xFF}) {
        auto changed = seed;
        changed[at] = static_cast<std::uint8_t>(other);
        decode(changed);
      }
    }
  }
  EXPECT_GT(seeds, 0);
}

}  // namespace
}  // namespace okiagari
