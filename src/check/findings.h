// What was found wrong, by kind, and the comparison of two sequences that tells the kinds apart.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace okiagari::check {

enum class Wrong : std::uint8_t {
  lost,          // promised or sent on, and not there
  doubled,       // there twice
  reordered,     // all there, in another order
  contradicted,  // there, and saying something else
  unknown,       // nobody can tell
};
inline constexpr std::size_t kWrongKinds = 5;
[[nodiscard]] const char* name_of(Wrong kind);

class Findings {
 public:
  void add(Wrong kind, std::string what);
  [[nodiscard]] std::uint64_t count(Wrong kind) const;
  [[nodiscard]] std::uint64_t total() const;
  // The first findings of each kind, in words.
  [[nodiscard]] const std::vector<std::string>& words(Wrong kind) const;

 private:
  static constexpr std::size_t kWordsMax = 20;
  struct OfKind {
    std::uint64_t count = 0;
    std::vector<std::string> words;
  };
  std::array<OfKind, kWrongKinds> kinds_;
};

// An item of a sequence. Two items with the same identity speak of the same thing; with the same
// content they also say the same.
struct Item {
  std::uint64_t identity = 0;
  std::uint64_t content = 0;

  bool operator==(const Item&) const = default;
};

// Compares what is there with what had to be there and adds each difference to `findings`.
// `say_expected` and `say_actual` put the item at an index into words; `where` opens each finding.
void compare_sequences(const std::vector<Item>& expected, const std::vector<Item>& actual,
                       const std::string& where,
                       const std::function<std::string(std::size_t)>& say_expected,
                       const std::function<std::string(std::size_t)>& say_actual,
                       Findings& findings);

}  // namespace okiagari::check
