// Goal: whoever replays a log by a build with sanitizers is told the line of our source. Method:
// what GCC 12's sanitizers printed of four small faults in a file src/market/book.cc; and, in a
// build that has them, a fault of this file's own.
#include "cli/sanitizer_finding.h"

#include <gmock/gmock.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <vector>

#include "base/sanitized.h"

namespace okiagari::cli {
namespace {

using ::testing::HasSubstr;

TEST(SanitizerFinding, IsTheInnermostFrameOfAReadPastTheEnd) {
  const auto found = find_sanitizer_finding(R"(node 1: replaying
=================================================================
==25082==ERROR: AddressSanitizer: heap-buffer-overflow on address 0x602000000024
READ of size 4 at 0x602000000024 thread T0
    #0 0x55e0f5f70c67 in Book::at(unsigned long) /a/okiagari/src/market/book.cc:6
    #1 0x55e0f5f70c67 in main /a/okiagari/src/market/book.cc:9
SUMMARY: AddressSanitizer: heap-buffer-overflow /a/okiagari/src/market/book.cc:6 in Book::at
)");
  ASSERT_TRUE(found);
  EXPECT_EQ(found->what, "AddressSanitizer: heap-buffer-overflow");
  EXPECT_EQ(found->place, "src/market/book.cc:6 in Book::at(unsigned long)");
}

TEST(SanitizerFinding, IsOurOwnFrameWhenTheRuntimesStandsBeforeIt) {
  const auto found = find_sanitizer_finding(
      "==25083==ERROR: AddressSanitizer: heap-buffer-overflow on address 0x602000000018 at pc "
      "0x7f\n"
      "WRITE of size 9 at 0x602000000018 thread T0\n"
      "    #0 0x7f7b7ac48060 in __interceptor_memcpy ../../../../src/libsanitizer/sanitizer_common/"
      "sanitizer_common_interceptors.inc:827\n"
      "    #1 0x55bbc315ad14 in main src/market/book.cc:10\n"
      "SUMMARY: AddressSanitizer: heap-buffer-overflow ../../../../src/libsanitizer/"
      "sanitizer_common/sanitizer_common_interceptors.inc:827 in __interceptor_memcpy\n");
  ASSERT_TRUE(found);
  EXPECT_EQ(found->place, "src/market/book.cc:10 in main");
}

TEST(SanitizerFinding, IsALineOfUndefinedBehaviour) {
  const auto found = find_sanitizer_finding(
      "/a/okiagari/src/market/book.cc:11:48: runtime error: signed integer overflow: 2 + "
      "2147483647 cannot be represented in type 'int'\n");
  ASSERT_TRUE(found);
  EXPECT_THAT(found->what, HasSubstr("signed integer overflow"));
  EXPECT_EQ(found->place, "src/market/book.cc:11:48");
}

TEST(SanitizerFinding, IsWhereMemoryWasTakenThatNobodyGaveBack) {
  const auto found = find_sanitizer_finding(
      "==25085==ERROR: LeakSanitizer: detected memory leaks\n"
      "\n"
      "Direct leak of 4 byte(s) in 1 object(s) allocated from:\n"
      "    #0 0x7f227dab94c8 in operator new(unsigned long) ../../../../src/libsanitizer/asan/"
      "asan_new_delete.cpp:95\n"
      "    #1 0x55eba39e2dda in main src/market/book.cc:12\n"
      "\n"
      "SUMMARY: AddressSanitizer: 4 byte(s) leaked in 1 allocation(s).\n");
  ASSERT_TRUE(found);
  EXPECT_EQ(found->what, "LeakSanitizer: detected memory leaks");
  EXPECT_EQ(found->place, "src/market/book.cc:12 in main");
}

TEST(SanitizerFinding, IsNotInWhatAnOrdinaryRunSays) {
  EXPECT_FALSE(find_sanitizer_finding("entry 4, command 17, before the first command\n"));
  EXPECT_FALSE(find_sanitizer_finding("ERROR: the log has no such entry\n"));
  const auto without_place = find_sanitizer_finding("==1==ERROR: AddressSanitizer: SEGV on x\n");
  ASSERT_TRUE(without_place);
  EXPECT_EQ(without_place->place, "");
}

#ifdef OKIAGARI_HAS_ADDRESS_SANITIZER
TEST(SanitizerFinding, OfThisBuildsOwnSanitizerNamesThisFile) {
  std::array<int, 2> pipe{};
  ASSERT_EQ(::pipe(pipe.data()), 0);
  const pid_t child = ::fork();
  if (child == 0) {
    ::dup2(pipe[1], STDERR_FILENO);
    std::vector<int> three = {1, 2, 3};
    volatile std::size_t beyond = 3;
    ::_exit(three.data()[beyond]);
  }
  ::close(pipe[1]);
  std::string errors;
  std::array<char, 4'096> part{};
  for (ssize_t size = 0; (size = ::read(pipe[0], part.data(), part.size())) > 0;) {
    errors.append(part.data(), static_cast<std::size_t>(size));
  }
  ::close(pipe[0]);
  ASSERT_EQ(::waitpid(child, nullptr, 0), child);
  const auto found = find_sanitizer_finding(errors);
  ASSERT_TRUE(found) << errors;
  EXPECT_THAT(found->what, HasSubstr("heap-buffer-overflow"));
  EXPECT_THAT(found->place, HasSubstr("src/cli/sanitizer_finding_test.cc:"));
}
#endif

}  // namespace
}  // namespace okiagari::cli
