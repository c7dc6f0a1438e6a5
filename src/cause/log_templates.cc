#include "cause/log_templates.h"

#include <algorithm>
#include <cctype>

namespace okiagari::cause {

namespace {

constexpr std::string_view kAny = "<*>";

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_hex(char c) { return std::isxdigit(static_cast<unsigned char>(c)) != 0; }
bool is_word(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0; }

bool has_wildcard(std::string_view word) { return word.find(kAny) != std::string_view::npos; }

// A run of letters and digits that is an identifier rather than a word: it has a digit, and either
// only digits and a unit, or hexadecimal digits alone.
bool varies(std::string_view run) {
  return std::any_of(run.begin(), run.end(), is_digit) &&
         (is_digit(run.front()) || std::all_of(run.begin(), run.end(), is_hex) || run.size() >= 16);
}

// The number in "OrderService#31": the same line of a program every time.
bool is_code_position(std::string_view line, std::size_t at) {
  return at >= 2 && line[at - 1] == '#' &&
         (line[at - 2] == ']' || std::isalpha(static_cast<unsigned char>(line[at - 2])));
}

// The word that says which line of a program wrote this, when one does.
std::string code_position(const std::vector<std::string>& words) {
  constexpr std::size_t kLookedAt = 6;
  for (std::size_t at = 0; at < std::min(words.size(), kLookedAt); ++at) {
    const std::size_t hash = words[at].find('#');
    if (hash != std::string::npos && hash + 1 < words[at].size() &&
        is_code_position(words[at], hash + 1) && is_digit(words[at][hash + 1])) {
      return words[at];
    }
  }
  return {};
}

// The first wildcard run of two that touch, or are joined by what joins numbers, swallows the
// other.
void append_wildcard(std::string& out) {
  while (out.size() > kAny.size()) {
    const char joint = out.back();
    if (joint != '.' && joint != ':' && joint != '-' && joint != '+') break;
    if (!std::string_view(out).substr(0, out.size() - 1).ends_with(kAny)) break;
    out.pop_back();
    return;
  }
  if (!std::string_view(out).ends_with(kAny)) out += kAny;
}

}  // namespace

std::string mask(std::string_view line) {
  std::string out;
  out.reserve(line.size());
  for (std::size_t at = 0; at < line.size();) {
    if (!is_word(line[at])) {
      out += line[at++];
      continue;
    }
    std::size_t end = at;
    while (end < line.size() && is_word(line[end])) ++end;
    const std::string_view run = line.substr(at, end - at);
    if (varies(run) && !is_code_position(line, at)) {
      append_wildcard(out);
    } else {
      out += run;
    }
    at = end;
  }
  return out;
}

LogTemplates::LogTemplates(TemplateLimits limits) : limits_(limits) {}

LogTemplates::Node& LogTemplates::leaf_of(const Words& words) {
  Node* node = &by_length_[words.size()];
  const std::size_t depth = std::min(limits_.leading_words, words.size());
  for (std::size_t level = 0; level < depth; ++level) {
    std::string_view key = words[level];
    if (has_wildcard(key)) key = kAny;
    auto found = node->branches.find(key);
    if (found == node->branches.end()) {
      if (node->branches.size() >= limits_.branches_max) key = kAny;
      found = node->branches.try_emplace(std::string(key)).first;
    }
    node = &found->second;
  }
  return *node;
}

TemplateId LogTemplates::add(std::string_view line) {
  const std::string masked = mask(line);
  Words words;
  for (std::size_t at = 0; at < masked.size() && words.size() < limits_.words_max;) {
    at = masked.find_first_not_of(" \t\r\n", at);
    if (at == std::string::npos) break;
    const std::size_t end = std::min(masked.find_first_of(" \t\r\n", at), masked.size());
    words.emplace_back(masked, at, end - at);
    at = end;
  }
  if (const std::string position = code_position(words); !position.empty()) {
    return add_at_position(position, std::move(words));
  }
  Node& leaf = leaf_of(words);
  TemplateId best = kOverflow;
  double best_similarity = -1;
  for (const TemplateId id : leaf.leaf) {
    const Words& known = templates_[id - 1];
    std::size_t same = 0;
    for (std::size_t at = 0; at < words.size(); ++at) same += known[at] == words[at] ? 1 : 0;
    const double similarity =
        words.empty() ? 1 : static_cast<double>(same) / static_cast<double>(words.size());
    if (similarity > best_similarity) {
      best_similarity = similarity;
      best = id;
    }
  }
  if (best_similarity >= limits_.similarity) {
    Words& known = templates_[best - 1];
    for (std::size_t at = 0; at < words.size(); ++at) {
      if (known[at] != words[at]) known[at] = kAny;
    }
    return best;
  }
  const TemplateId id = founded(std::move(words));
  if (id != kOverflow) leaf.leaf.push_back(id);
  return id;
}

TemplateId LogTemplates::founded(Words words) {
  if (templates_.size() >= limits_.templates_max) return kOverflow;
  templates_.push_back(std::move(words));
  return static_cast<TemplateId>(templates_.size());
}

TemplateId LogTemplates::add_at_position(const std::string& position, Words words) {
  const auto found = by_position_.find(position);
  if (found == by_position_.end()) {
    const TemplateId id = founded(std::move(words));
    if (id != kOverflow) by_position_.emplace(position, id);
    return id;
  }
  Words& known = templates_[found->second - 1];
  if (known.size() > words.size()) known.resize(words.size());
  for (std::size_t at = 0; at < known.size(); ++at) {
    if (known[at] != words[at]) known[at] = kAny;
  }
  return found->second;
}

TemplateId LogTemplates::add_name(std::string_view name) {
  std::string masked = mask(name);
  const auto found = by_position_.find(masked);
  if (found != by_position_.end()) return found->second;
  const TemplateId id = founded({masked});
  if (id != kOverflow) by_position_.emplace(std::move(masked), id);
  return id;
}

std::string LogTemplates::text(TemplateId id) const {
  if (id == kOverflow || id > templates_.size()) return "(none)";
  std::string text;
  for (const std::string& word : templates_[id - 1]) {
    if (!text.empty()) text += ' ';
    text += word;
  }
  return text;
}

}  // namespace okiagari::cause
