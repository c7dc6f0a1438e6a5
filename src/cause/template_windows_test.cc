#include "cause/template_windows.h"

#include <gtest/gtest.h>

namespace okiagari::cause {
namespace {

TEST(TemplateWindows, TellNewBurstAndVanishedFromTheUsual) {
  const TemplateCounts past{{{1, 3'600}, {2, 600}, {3, 720}, {5, 2}}, 3'600};
  const TemplateCounts now{{{1, 70}, {2, 200}, {4, 9}}, 60};
  const auto changes = compare_counts(past, now);
  ASSERT_EQ(changes.size(), 3u);
  EXPECT_EQ(changes[0].kind, 2u);
  EXPECT_EQ(changes[0].news, TemplateNews::bursts);
  EXPECT_DOUBLE_EQ(changes[0].expected, 10);
  EXPECT_EQ(changes[1].kind, 4u);
  EXPECT_EQ(changes[1].news, TemplateNews::is_new);
  EXPECT_EQ(changes[2].kind, 3u);
  EXPECT_EQ(changes[2].news, TemplateNews::has_vanished);
}

TEST(TemplateWindows, WithoutAPastNothingIsNews) {
  EXPECT_TRUE(compare_counts({}, {{{1, 5}}, 60}).empty());
}

}  // namespace
}  // namespace okiagari::cause
