#include "check/feed_findings.h"

#include <fmt/format.h>

#include <utility>

namespace okiagari::check {

const char* name_of(FeedWrong kind) {
  switch (kind) {
    case FeedWrong::differs:
      return "lines that differ";
    case FeedWrong::gap:
      return "gaps that nobody fills";
    case FeedWrong::without_cause:
      return "on the feed without a cause in the journal";
    case FeedWrong::missing:
      return "in the journal and missing on the feed";
    case FeedWrong::image:
      return "images that are another market";
    case FeedWrong::unknown:
      return "cannot be told";
  }
  return "?";
}

void FeedFindings::add(FeedWrong kind, std::string sentence, std::uint64_t times) {
  OfKind& of_kind = kinds_[static_cast<std::size_t>(kind)];
  of_kind.count += times;
  if (of_kind.sentences.size() < kSentencesMax) of_kind.sentences.push_back(std::move(sentence));
}

std::uint64_t FeedFindings::count(FeedWrong kind) const {
  return kinds_[static_cast<std::size_t>(kind)].count;
}

std::string FeedFindings::words() const {
  std::string text;
  for (std::size_t kind = 0; kind < kFeedWrongKinds; ++kind) {
    const OfKind& found = kinds_[kind];
    for (const std::string& sentence : found.sentences) text += sentence + "\n";
    if (found.count <= found.sentences.size()) continue;
    text += fmt::format("{}: {} in all\n", name_of(static_cast<FeedWrong>(kind)), found.count);
  }
  return text;
}

void FeedFindings::judge(base::Report& report) const {
  for (std::size_t kind = 0; kind < kFeedWrongKinds; ++kind) {
    report.check(name_of(static_cast<FeedWrong>(kind)),
                 static_cast<std::int64_t>(kinds_[kind].count), std::int64_t{0});
  }
}

}  // namespace okiagari::check
