// What was seen, in one sentence of each of the two languages that people at a desk read. Both are
// written at the place that sees it, from the same measured values, and nowhere else.
#pragma once

#include <fmt/format.h>

#include <string>
#include <type_traits>
#include <utility>

namespace okiagari::watch {

struct Sentence {
  Sentence() = default;
  // English alone: whoever shows it in Japanese says first in its own words what the signal is.
  Sentence(std::string english) : en(std::move(english)) {}
  Sentence(const char* english) : en(english) {}
  Sentence(std::string english, std::string japanese)
      : en(std::move(english)), ja(std::move(japanese)) {}

  Sentence& operator+=(const Sentence& more) {
    en += more.en;
    ja += more.ja;
    return *this;
  }

  std::string en;
  std::string ja;
};

namespace spoken {

template <typename T>
using Argument = std::conditional_t<std::is_same_v<T, Sentence>, std::string, T>;

template <typename T>
const T& english(const T& argument) {
  return argument;
}
inline const std::string& english(const Sentence& argument) { return argument.en; }

template <typename T>
const T& japanese(const T& argument) {
  return argument;
}
inline const std::string& japanese(const Sentence& argument) { return argument.ja; }

}  // namespace spoken

// Both patterns are filled with the same arguments, which Japanese may name in another order: {1}.
// An argument that is a sentence itself stands in each in its own language.
template <typename... T>
[[nodiscard]] Sentence said(fmt::format_string<const spoken::Argument<T>&...> english,
                            fmt::format_string<const spoken::Argument<T>&...> japanese,
                            const T&... arguments) {
  return {fmt::format(english, spoken::english(arguments)...),
          fmt::format(japanese, spoken::japanese(arguments)...)};
}

// A name, or what a machine said: the same in both.
[[nodiscard]] inline Sentence both(const std::string& text) { return {text, text}; }

}  // namespace okiagari::watch
