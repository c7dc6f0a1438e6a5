// Rooms: base
// Files: cli/lobster_file.cc cli/line_reader.cc
// A LOBSTER file, read as messages and as books, to its end or its first error.
#include <cstdint>

#include "base/assert.h"
#include "cli/lobster_file.h"
#include "fuzz/memory_file.h"

namespace {

using namespace okiagari;

template <typename Row>
void read_all(const std::string& path, base::Result<bool> (*read)(cli::LineReader&, Row&)) {
  auto lines = cli::LineReader::open(path);
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
  read_all<cli::LobsterMessage>(file.path(), cli::read_message);
  read_all<cli::LobsterBook>(file.path(), cli::read_book);
  return 0;
}
