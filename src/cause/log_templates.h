// Kinds of log lines, found while they stream by: a tree of fixed depth in the manner of Drain
// (He et al., 2017). A line is masked, cut into words, led by its number of words and its first
// words to a leaf, and joins the most similar template there or founds one. Memory is bounded.
// Nothing here knows a log format by name.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace okiagari::cause {

using TemplateId = std::uint32_t;

struct TemplateLimits {
  double similarity = 0.5;        // share of words that must agree
  std::size_t leading_words = 2;  // of the tree's depth
  std::size_t branches_max = 100;
  std::size_t templates_max = 20'000;
  std::size_t words_max = 400;  // the rest of a longer line is one word
};

class LogTemplates {
 public:
  // Every line beyond templates_max that is like none of them.
  static constexpr TemplateId kOverflow = 0;

  explicit LogTemplates(TemplateLimits limits = {});

  // The kind of this line, from 1; a kind, once given, stays.
  TemplateId add(std::string_view line);
  // The kind of what has just one form, as the name of an operation.
  TemplateId add_name(std::string_view name);

  // The words of the kind, what varies as <*>.
  [[nodiscard]] std::string text(TemplateId id) const;
  [[nodiscard]] std::size_t size() const { return templates_.size(); }

 private:
  using Words = std::vector<std::string>;
  struct Node {
    std::map<std::string, Node, std::less<>> branches;
    std::vector<TemplateId> leaf;
  };
  [[nodiscard]] Node& leaf_of(const Words& words);
  TemplateId founded(Words words);
  TemplateId add_at_position(const std::string& position, Words words);

  TemplateLimits limits_;
  std::map<std::size_t, Node> by_length_;
  // Kinds that say themselves which they are: the place in the program that writes them, or a name.
  std::map<std::string, TemplateId, std::less<>> by_position_;
  std::vector<Words> templates_;  // of id - 1
};

// The line with what plainly varies replaced: numbers, addresses, identifiers, paths.
[[nodiscard]] std::string mask(std::string_view line);

}  // namespace okiagari::cause
