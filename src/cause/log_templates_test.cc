#include "cause/log_templates.h"

#include <gtest/gtest.h>

#include <string>

namespace okiagari::cause {
namespace {

TEST(Mask, HidesWhatVariesAndKeepsTheWords) {
  EXPECT_EQ(mask("Receiving block blk_-160899 src: /10.250.19.102:54106"),
            "Receiving block blk_-<*> src: /<*>");
  EXPECT_EQ(mask("took 12ms"), "took <*>");
  EXPECT_EQ(mask("worker node ready"), "worker node ready");
  EXPECT_EQ(mask("OrderService#31 done"), "OrderService#31 done");
}

TEST(LogTemplates, LinesThatDifferInWhatVariesAreOfOneKind) {
  LogTemplates templates;
  const TemplateId first = templates.add("session 17 of alice opened");
  EXPECT_EQ(templates.add("session 18 of bob opened"), first);
  EXPECT_NE(templates.add("disk full on /data"), first);
  EXPECT_EQ(templates.text(first), "session <*> of <*> opened");
}

TEST(LogTemplates, OnePlaceInAProgramIsOneKindHoweverLongItsLines) {
  LogTemplates templates;
  const TemplateId first = templates.add("INFO Basic#119 result: 3 items a b c");
  EXPECT_EQ(templates.add("INFO Basic#119 result: 1 item a"), first);
  EXPECT_NE(templates.add("INFO Basic#120 result: 1 item a"), first);
}

TEST(LogTemplates, BeyondTheBoundIsOneKind) {
  LogTemplates templates(TemplateLimits{.templates_max = 2});
  (void)templates.add("alpha one");
  (void)templates.add("beta two three");
  EXPECT_EQ(templates.add("gamma four five six"), LogTemplates::kOverflow);
  EXPECT_NE(templates.add("alpha one"), LogTemplates::kOverflow);
  EXPECT_EQ(templates.size(), 2u);
}

TEST(LogTemplates, TakesAnyLine) {
  LogTemplates templates;
  EXPECT_NE(templates.add(""), LogTemplates::kOverflow);
  EXPECT_NE(templates.add(std::string(100'000, ' ')), LogTemplates::kOverflow);
  EXPECT_NE(templates.add(std::string("\0\xFF#7 x", 6)), LogTemplates::kOverflow);
}

}  // namespace
}  // namespace okiagari::cause
