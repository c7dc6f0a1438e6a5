#include "check/findings.h"

#include <fmt/format.h>

#include <algorithm>
#include <deque>
#include <unordered_map>

namespace okiagari::check {

const char* name_of(Wrong kind) {
  switch (kind) {
    case Wrong::lost:
      return "lost";
    case Wrong::doubled:
      return "doubled";
    case Wrong::reordered:
      return "reordered";
    case Wrong::contradicted:
      return "contradicted";
    case Wrong::unknown:
      return "unknown";
  }
  return "?";
}

void Findings::add(Wrong kind, std::string what) {
  OfKind& of_kind = kinds_[static_cast<std::size_t>(kind)];
  ++of_kind.count;
  if (of_kind.words.size() < kWordsMax) of_kind.words.push_back(std::move(what));
}

std::uint64_t Findings::count(Wrong kind) const {
  return kinds_[static_cast<std::size_t>(kind)].count;
}

std::uint64_t Findings::total() const {
  std::uint64_t sum = 0;
  for (const OfKind& of_kind : kinds_) sum += of_kind.count;
  return sum;
}

const std::vector<std::string>& Findings::words(Wrong kind) const {
  return kinds_[static_cast<std::size_t>(kind)].words;
}

namespace {

using Say = std::function<std::string(std::size_t)>;

class Comparison {
 public:
  Comparison(const std::vector<Item>& expected, const std::vector<Item>& actual,
             const std::string& where, Findings& findings)
      : expected_(expected), actual_(actual), where_(where), findings_(findings) {}

  void run(const Say& say_expected, const Say& say_actual) {
    leave_out_what_agrees();
    pair_equal_content();
    pair_equal_identity(say_expected, say_actual);
    report_missing(say_expected);
    report_extra(say_actual);
    report_order(say_actual);
  }

 private:
  // What both begin and end with needs no further look.
  void leave_out_what_agrees() {
    const std::size_t shorter = std::min(expected_.size(), actual_.size());
    while (begin_ < shorter && expected_[begin_] == actual_[begin_]) ++begin_;
    expected_end_ = expected_.size();
    actual_end_ = actual_.size();
    while (expected_end_ > begin_ && actual_end_ > begin_ &&
           expected_[expected_end_ - 1] == actual_[actual_end_ - 1]) {
      --expected_end_;
      --actual_end_;
    }
  }

  // Each expected item takes the first actual one that says the same.
  void pair_equal_content() {
    std::unordered_map<std::uint64_t, std::deque<std::size_t>> places;
    for (std::size_t at = begin_; at < actual_end_; ++at) places[actual_[at].content].push_back(at);
    for (std::size_t at = begin_; at < expected_end_; ++at) {
      auto& found = places[expected_[at].content];
      if (found.empty()) {
        missing_.push_back(at);
      } else {
        order_.push_back(found.front());
        found.pop_front();
      }
    }
    for (const auto& [content, left] : places) {
      extra_.insert(extra_.end(), left.begin(), left.end());
    }
    std::sort(extra_.begin(), extra_.end());
  }

  void pair_equal_identity(const Say& say_expected, const Say& say_actual) {
    std::unordered_map<std::uint64_t, std::deque<std::size_t>> missing_of;
    for (const std::size_t at : missing_) missing_of[expected_[at].identity].push_back(at);
    std::vector<std::size_t> still_extra;
    for (const std::size_t at : extra_) {
      auto found = missing_of.find(actual_[at].identity);
      if (found == missing_of.end() || found->second.empty()) {
        still_extra.push_back(at);
        continue;
      }
      const std::size_t meant = found->second.front();
      found->second.pop_front();
      findings_.add(Wrong::contradicted, fmt::format("{}: expected {}; found {}", where_,
                                                     say_expected(meant), say_actual(at)));
    }
    extra_ = std::move(still_extra);
    missing_.clear();
    for (const auto& [identity, left] : missing_of) {
      missing_.insert(missing_.end(), left.begin(), left.end());
    }
    std::sort(missing_.begin(), missing_.end());
  }

  void report_missing(const Say& say_expected) {
    for (const std::size_t at : missing_) {
      findings_.add(Wrong::lost, fmt::format("{}: missing {}", where_, say_expected(at)));
    }
  }

  void report_extra(const Say& say_actual) {
    if (extra_.empty()) return;
    std::unordered_map<std::uint64_t, bool> expected_identities;
    for (const Item& item : expected_) expected_identities[item.identity] = true;
    for (const std::size_t at : extra_) {
      const bool twice = expected_identities.contains(actual_[at].identity);
      findings_.add(twice ? Wrong::doubled : Wrong::contradicted,
                    fmt::format("{}: {} {}", where_, twice ? "once more" : "without a cause",
                                say_actual(at)));
    }
  }

  // What is in both stands in `order_` by its place among the actual ones. All that is not part of
  // the longest rising run has moved.
  void report_order(const Say& say_actual) {
    std::vector<std::size_t> tails;
    for (const std::size_t place : order_) {
      const auto at = std::lower_bound(tails.begin(), tails.end(), place);
      if (at == tails.end()) {
        tails.push_back(place);
      } else {
        *at = place;
      }
    }
    const std::size_t moved = order_.size() - tails.size();
    if (moved == 0) return;
    const auto first = std::adjacent_find(order_.begin(), order_.end(), std::greater<>());
    for (std::size_t count = 0; count < moved; ++count) {
      findings_.add(Wrong::reordered,
                    fmt::format("{}: out of order near {}", where_, say_actual(*first)));
    }
  }

  const std::vector<Item>& expected_;
  const std::vector<Item>& actual_;
  const std::string& where_;
  Findings& findings_;
  std::size_t begin_ = 0;
  std::size_t expected_end_ = 0;
  std::size_t actual_end_ = 0;
  std::vector<std::size_t> missing_;  // of expected
  std::vector<std::size_t> extra_;    // of actual
  std::vector<std::size_t> order_;
};

}  // namespace

void compare_sequences(const std::vector<Item>& expected, const std::vector<Item>& actual,
                       const std::string& where, const Say& say_expected, const Say& say_actual,
                       Findings& findings) {
  Comparison(expected, actual, where, findings).run(say_expected, say_actual);
}

}  // namespace okiagari::check
