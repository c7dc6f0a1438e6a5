// The bytes of a file that may be compressed: plain, .gz, .xz or .zst, told apart by the first
// bytes.
#pragma once

#include <cstddef>
#include <memory>
#include <string>

#include "base/result.h"

namespace okiagari::recordings {

class UnpackedFile {
 public:
  // "-" is standard input. Errors name the file and what is wrong with it.
  static base::Result<UnpackedFile> open(const std::string& path);
  UnpackedFile(UnpackedFile&&) noexcept;
  UnpackedFile& operator=(UnpackedFile&&) noexcept;
  ~UnpackedFile();

  // Adds the next bytes, at most 64 KiB, to `into`; false at the end.
  base::Result<bool> read(std::string& into);
  [[nodiscard]] const std::string& path() const;

 private:
  struct State;
  explicit UnpackedFile(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace okiagari::recordings
