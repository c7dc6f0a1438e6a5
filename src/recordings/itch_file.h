// Messages of a daily ITCH 5.0 file: each behind two bytes of its length. The file may be
// compressed and of any size.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <utility>

#include "base/result.h"
#include "check/itch.h"
#include "recordings/unpacked_file.h"

namespace okiagari::recordings {

class ItchFile {
 public:
  [[nodiscard]] static base::Result<ItchFile> open(const std::string& path);

  // False at the end. Of types that say nothing about the displayed book, `message` has the type
  // alone. Errors name the file and what is wrong with it.
  [[nodiscard]] base::Result<bool> next(check::ItchMessage& message);

  [[nodiscard]] std::uint64_t messages() const { return messages_; }
  // Of no known type, or of another length than their type has.
  [[nodiscard]] std::uint64_t unknown() const { return unknown_; }
  // At the end of the file, where a message is cut off.
  [[nodiscard]] std::uint64_t bytes_left_over() const { return bytes_left_over_; }

 private:
  explicit ItchFile(UnpackedFile file) : file_(std::move(file)) {}
  [[nodiscard]] base::Result<bool> fill(std::size_t wanted);

  UnpackedFile file_;
  std::string bytes_;
  std::size_t at_ = 0;
  std::uint64_t messages_ = 0;
  std::uint64_t unknown_ = 0;
  std::uint64_t bytes_left_over_ = 0;
};

}  // namespace okiagari::recordings
