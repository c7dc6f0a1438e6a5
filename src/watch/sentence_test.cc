#include "watch/sentence.h"

#include <gtest/gtest.h>

namespace okiagari::watch {
namespace {

TEST(Sentence, IsSaidInBothLanguagesFromTheSameValues) {
  const Sentence sentence = said("{} of {} nodes", "ノード{1}台中{0}台", 2, 3);
  EXPECT_EQ(sentence.en, "2 of 3 nodes");
  EXPECT_EQ(sentence.ja, "ノード3台中2台");
}

TEST(Sentence, HasWhatIsASentenceItselfInItsOwnLanguage) {
  const Sentence who = said("the line of {}", "{}の回線", "node-2");
  Sentence sentence = said("it came on {} alone", "{}だけに届いた", who);
  sentence += {", late", "（遅れて）"};
  EXPECT_EQ(sentence.en, "it came on the line of node-2 alone, late");
  EXPECT_EQ(sentence.ja, "node-2の回線だけに届いた（遅れて）");
}

TEST(Sentence, OfSomebodyElseHasNoJapanese) {
  const Sentence sentence = std::string("disk 7 is slow");
  EXPECT_EQ(sentence.en, "disk 7 is slow");
  EXPECT_EQ(sentence.ja, "");
}

}  // namespace
}  // namespace okiagari::watch
