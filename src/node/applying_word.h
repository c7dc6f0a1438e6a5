// Which command is being applied, in a mapped file that outlives the process: written with a plain
// store, so it costs no system call, and there even after SIGSEGV. Two deaths at the same command
// are no accident of the machine: that is what quarantine starts from.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "base/result.h"
#include "base/types.h"
#include "venue/venue.h"

namespace okiagari::node {

// The file, version 1, little endian.
struct ApplyingFile {
  std::uint64_t magic = kMagic;
  std::uint32_t version = kVersion;
  std::uint32_t deaths = 0;    // in a row while applying `died_at`
  std::uint64_t applying = 0;  // sequence of the command; 0 between commands
  Sequence died_at = 0;
  std::uint8_t reserved[32] = {};

  static constexpr std::uint64_t kMagic = 0x594c505041494b4f;  // "OKIAPPLY"
  static constexpr std::uint32_t kVersion = 1;
};
static_assert(sizeof(ApplyingFile) == 64);

class ApplyingWord {
 public:
  // Opens or makes the file. A command that was being applied when the last process ended is
  // counted.
  static base::Result<std::unique_ptr<ApplyingWord>> open(const std::string& path);
  ~ApplyingWord();
  ApplyingWord(const ApplyingWord&) = delete;
  ApplyingWord& operator=(const ApplyingWord&) = delete;

  [[nodiscard]] venue::AboutToApplyWord* word() { return &file_->applying; }
  // The command at which the last process died, 0 when it did not die applying one.
  [[nodiscard]] Sequence died_at() const { return died_applying_; }
  // How often in a row.
  [[nodiscard]] std::uint32_t deaths() const { return died_applying_ == 0 ? 0 : file_->deaths; }

 private:
  ApplyingWord(ApplyingFile* file, Sequence died_applying)
      : file_(file), died_applying_(died_applying) {}

  ApplyingFile* file_;
  Sequence died_applying_;
};

}  // namespace okiagari::node
