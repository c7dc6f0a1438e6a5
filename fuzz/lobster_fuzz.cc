// Rooms: recordings base
// A LOBSTER file, read as messages and as books, to its end or its first error.
#include <cstdint>

#include "base/assert.h"
#include "fuzz/memory_file.h"
#include "recordings/lobster_file.h"

namespace {

using namespace okiagari;

template <typename Row>
void read_all(const std::string& path, base::Result<bool> (*read)(recordings::LineReader&, Row&)) {
  auto lines = recordings::LineReader::open(path);
  if (!lines) return;
  Row row;
  for (;;) {
    const base::Result<bool> more = read(lines.value(), row);
    if (!more) ASSERT(more.error().message.starts_with(path), "{}", more.error().message);
    if (!more || !more.value()) return;
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const fuzz::MemoryFile file(data, size);
  read_all<recordings::LobsterMessage>(file.path(), recordings::read_message);
  read_all<recordings::LobsterBook>(file.path(), recordings::read_book);
  return 0;
}
