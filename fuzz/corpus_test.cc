// The seeds of one fuzzer as a unit test. Goal: what a fuzzer was given or has found does not break
// the decoder in any build, also without libFuzzer.
#include <gtest/gtest.h>

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace okiagari {
namespace {

void decode(const std::vector<std::uint8_t>& input) {
  // A copy of exactly that size, so that a sanitizer sees a read beyond it.
  const std::vector<std::uint8_t> copy(input);
  (void)LLVMFuzzerTestOneInput(copy.data(), copy.size());
}

TEST(Corpus, SeedsAndWhatIsLeftOfThemBreakNothing) {
  SCOPED_TRACE(OKIAGARI_FUZZER);
  int seeds = 0;
  for (const auto& entry : std::filesystem::directory_iterator(OKIAGARI_CORPUS)) {
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
