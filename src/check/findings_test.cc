// The comparison of sequences tells lost, doubled, reordered and contradicted apart.
#include "check/findings.h"

#include <gtest/gtest.h>

#include <string>

namespace okiagari::check {
namespace {

// Letters are identities; a digit behind one is what it says.
std::vector<Item> items(const std::string& text) {
  std::vector<Item> list;
  for (std::size_t at = 0; at + 1 < text.size(); at += 2) {
    const auto letter = static_cast<std::uint64_t>(text[at]);
    const auto digit = static_cast<std::uint64_t>(text[at + 1]);
    list.push_back({letter, letter << 8 | digit});
  }
  return list;
}

std::string compared(const std::string& expected, const std::string& actual) {
  Findings findings;
  compare_sequences(
      items(expected), items(actual), "test",
      [&](std::size_t at) { return expected.substr(2 * at, 2); },
      [&](std::size_t at) { return actual.substr(2 * at, 2); }, findings);
  std::string found;
  for (const Wrong kind :
       {Wrong::lost, Wrong::doubled, Wrong::reordered, Wrong::contradicted, Wrong::unknown}) {
    for (std::uint64_t count = 0; count < findings.count(kind); ++count) {
      found += std::string(name_of(kind)) + " ";
    }
  }
  return found;
}

TEST(Findings, EqualSequencesGiveNone) {
  EXPECT_EQ(compared("a1b1c1", "a1b1c1"), "");
  EXPECT_EQ(compared("", ""), "");
}
TEST(Findings, AMissingItemIsLost) {
  EXPECT_EQ(compared("a1b1c1", "a1c1"), "lost ");
  EXPECT_EQ(compared("a1b1c1", "a1b1"), "lost ");
  EXPECT_EQ(compared("a1", ""), "lost ");
}
TEST(Findings, AnItemThatStandsTwiceIsDoubled) {
  EXPECT_EQ(compared("a1b1c1", "a1b1b1c1"), "doubled ");
  EXPECT_EQ(compared("a1b1c1", "a1b1c1a1"), "doubled ");
}
TEST(Findings, ItemsThatChangedPlacesAreReordered) {
  EXPECT_EQ(compared("a1b1c1d1", "a1c1b1d1"), "reordered ");
}
TEST(Findings, AnotherContentIsContradicted) {
  EXPECT_EQ(compared("a1b1c1", "a1b2c1"), "contradicted ");
}
TEST(Findings, AnItemWithoutACauseIsContradicted) {
  EXPECT_EQ(compared("a1c1", "a1b1c1"), "contradicted ");
}
TEST(Findings, SeveralAreAllFound) {
  EXPECT_EQ(compared("a1b1c1d1e1f1", "b1a1c2e1e1f1"), "lost doubled reordered contradicted ");
}
TEST(Findings, WordsAreKeptForTheFirst) {
  Findings findings;
  for (int count = 0; count < 1000; ++count) findings.add(Wrong::lost, "order");
  EXPECT_EQ(findings.count(Wrong::lost), 1000U);
  EXPECT_EQ(findings.total(), 1000U);
  EXPECT_LT(findings.words(Wrong::lost).size(), 100U);
}

}  // namespace
}  // namespace okiagari::check
