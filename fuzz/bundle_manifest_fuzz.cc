// Rooms: web
// The manifest of a copy of the public page, as a mirror hands it out. Whatever stands in it, no
// file outside of the copy is looked at, and nothing passes that its key has not signed.
#include <stdlib.h>

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string>

#include "base/assert.h"
#include "web/status_bundle.h"

namespace {

namespace fs = std::filesystem;

// A copy beside a file that is none of its business.
class Mirror {
 public:
  Mirror() {
    std::string pattern = fs::temp_directory_path() / "okiagari-manifest-XXXXXX";
    ASSERT(::mkdtemp(pattern.data()) != nullptr);
    root_ = pattern;
    fs::create_directories(copy());
    std::ofstream(root_ / "outside.txt") << "not of the copy\n";
    std::ofstream(copy() / "ja.html") << "page\n";
    std::ofstream(copy() / "MANIFEST.sig") << std::string(64, 's');
  }
  ~Mirror() {
    std::error_code error;
    fs::remove_all(root_, error);
  }
  Mirror(const Mirror&) = delete;
  Mirror& operator=(const Mirror&) = delete;

  [[nodiscard]] fs::path copy() const { return root_ / "copy"; }

 private:
  fs::path root_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace okiagari;
  static const Mirror mirror;
  {
    std::ofstream file(mirror.copy() / "MANIFEST.txt", std::ios::binary | std::ios::trunc);
    file.write(reinterpret_cast<const char*>(data), static_cast<std::streamsize>(size));
  }
  const auto verdict = web::verify_bundle(mirror.copy().string(), std::string(64, '1'));
  if (!verdict.ok()) {
    ASSERT(!verdict.error().message.empty());
    return 0;
  }
  ASSERT(!verdict.value().problems.empty(), "a manifest passed that nobody has signed");
  for (const std::string& problem : verdict.value().problems) {
    // Said only of what was read; a name may hold any words.
    ASSERT(!problem.ends_with("outside.txt: its SHA-256 is another one"), "{}", problem);
    ASSERT(!problem.ends_with("outside.txt: its BLAKE2b is another one"), "{}", problem);
  }
  return 0;
}
