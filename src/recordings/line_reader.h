// Lines of a text file that may be compressed: plain, .gz, .xz or .zst, told apart by the first
// bytes.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"

namespace okiagari::recordings {

class LineReader {
 public:
  // Errors name the file and what is wrong with it.
  static base::Result<LineReader> open(const std::string& path);
  LineReader(LineReader&&) noexcept;
  LineReader& operator=(LineReader&&) noexcept;
  ~LineReader();

  // False at the end. The view is valid until the next call; a last line without a line end counts,
  // a carriage return before the line end does not belong to the line. A line is at most 1 MiB.
  base::Result<bool> next(std::string_view& line);
  // Of the line last returned, from 1.
  [[nodiscard]] std::uint64_t line_number() const;
  [[nodiscard]] const std::string& path() const;

 private:
  struct State;
  explicit LineReader(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

// Parses an integer that fills the whole text; false when it does not or does not fit.
[[nodiscard]] bool parse_integer(std::string_view text, std::int64_t& value);

}  // namespace okiagari::recordings
