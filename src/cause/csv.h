// Comma-separated values as other systems write them: quotes around fields, doubled inside them,
// line ends inside quotes.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace okiagari::cause {

class CsvReader {
 public:
  static constexpr std::size_t kFieldsMax = 5'000;

  // The text must outlive the reader.
  explicit CsvReader(std::string_view text) : rest_(text) {}

  // False at the end. Fields beyond kFieldsMax are left out; an open quote ends with the text.
  bool next(std::vector<std::string>& fields);

 private:
  std::string_view rest_;
};

}  // namespace okiagari::cause
