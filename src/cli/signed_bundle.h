// Files in one archive (.tar.xz) that says of each what it must be, under one signature: for what
// leaves the house and must be known again. MANIFEST.txt has a line for each file, its SHA-256, its
// size and its path; MANIFEST.sig is an Ed25519 signature over it, in hex; PUBLIC_KEY.txt the key.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/signature.h"

namespace okiagari::cli {

struct BundledFile {
  std::string path;  // within the archive: at most 99 of a-z, A-Z, 0-9, '-', '_', '.', '/'
  std::string text;
};

class SignedBundle {
 public:
  // Of all files together, before they are packed.
  static constexpr std::size_t kBytesMax = 64u << 20;
  static constexpr std::size_t kFilesMax = 1'000;

  // What does not fit any more is left out, and named in CUT.txt.
  void add(std::string path, std::string text);
  // Says in CUT.txt what is not there and why.
  void note_cut(const std::string& what);
  [[nodiscard]] const std::vector<BundledFile>& files() const { return files_; }
  // For a change to all of them before they are signed.
  [[nodiscard]] std::vector<BundledFile>& files() { return files_; }

  // The archive's bytes; every path begins with `folder`.
  [[nodiscard]] base::Result<std::string> pack(const std::string& folder,
                                               const base::KeyPair& key) const;

 private:
  std::vector<BundledFile> files_;
  std::size_t bytes_ = 0;
  std::string cut_;
};

struct BundleCheck {
  std::vector<std::string> problems;  // empty: it holds
  std::size_t files = 0;
  std::string public_key;  // hex, of the key it was checked with
};
// `public_key` is hex, from another source than the bundle; empty: the bundle's own key, which only
// shows that nothing was damaged. The error is for what is no bundle at all.
[[nodiscard]] base::Result<BundleCheck> check_signed_bundle(const std::string& path,
                                                            const std::string& public_key);

}  // namespace okiagari::cli
