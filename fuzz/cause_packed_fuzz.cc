// Rooms: cause watch base
// A file that may be plain, .xz, .tar or .tar.xz.
#include <cstdint>

#include "base/assert.h"
#include "cause/packed_files.h"
#include "fuzz/memory_file.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace okiagari;
  const fuzz::MemoryFile file(data, size);
  const cause::PackedLimits limits{.file_bytes_max = 1u << 20, .files_max = 100};
  const auto on_file = [&](const std::string&, std::string_view text) {
    ASSERT(text.size() <= limits.file_bytes_max);
    return true;
  };
  (void)cause::for_each_file(file.path(), on_file, limits).ok();
  return 0;
}
