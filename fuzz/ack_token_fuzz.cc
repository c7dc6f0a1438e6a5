// Rooms: desk
// The token of a link that acknowledges. What is read, is written the same; behind the hash too,
// where only a desk could write, nothing else than what a desk writes is taken.
#include <cstdint>
#include <string>
#include <string_view>

#include "base/assert.h"
#include "base/hash.h"
#include "desk/ack_token.h"

namespace {

void read_and_write(std::string_view token) {
  using namespace okiagari;
  const desk::AckKey key{};
  const auto claim = desk::read_ack_token(token, key, 0);
  if (!claim.ok()) {
    ASSERT(!claim.error().message.empty());
    return;
  }
  ASSERT(desk::make_ack_token(claim.value(), key) == token, "{}", token);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace okiagari;
  std::string_view text(reinterpret_cast<const char*>(data), size);
  // The seeds are files of one line.
  if (text.ends_with('\n')) text.remove_suffix(1);
  read_and_write(text);
  const std::string claim(text.substr(0, text.rfind('~')));
  const std::string message = "okiagari acknowledgement 1\n" + claim;
  read_and_write(claim + "~" +
                 base::to_hex(base::keyed_digest(desk::AckKey{}, base::as_bytes(message))));
  return 0;
}
