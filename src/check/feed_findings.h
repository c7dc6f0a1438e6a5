// What is wrong with the feed's lines, by kind, in one plain sentence each.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "base/report.h"

namespace okiagari::check {

enum class FeedWrong : std::uint8_t {
  differs,        // two lines, or a line and an answer, say other bytes under one number
  gap,            // on no line, and nobody gives it when asked
  without_cause,  // on the feed, and not what the journal gives
  missing,        // the journal gives it, and it is not on the feed
  image,          // a late joiner's image is another market than the feed's
  unknown,        // nobody can tell
};
inline constexpr std::size_t kFeedWrongKinds = 6;
[[nodiscard]] const char* name_of(FeedWrong kind);

class FeedFindings {
 public:
  void add(FeedWrong kind, std::string sentence, std::uint64_t times = 1);
  [[nodiscard]] std::uint64_t count(FeedWrong kind) const;
  // The first of each kind, and how many more there are; empty when nothing was found.
  [[nodiscard]] std::string words() const;
  // A check for each kind: none may be there.
  void judge(base::Report& report) const;

 private:
  static constexpr std::size_t kSentencesMax = 20;
  struct OfKind {
    std::uint64_t count = 0;
    std::vector<std::string> sentences;
  };
  std::array<OfKind, kFeedWrongKinds> kinds_;
};

}  // namespace okiagari::check
