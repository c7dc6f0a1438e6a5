// Rooms: wire
// Bytes as a stream of messages, by each table and framing: they come back unchanged.
#include <boost/json/object.hpp>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/assert.h"
#include "wire/message_lines.h"

namespace {

using namespace okiagari;

const std::vector<wire::MessageTable>& tables() {
  static const std::vector<wire::MessageTable> all = [] {
    std::vector<wire::MessageTable> read;
    for (const std::string& name : wire::builtin_message_tables()) {
      read.push_back(wire::builtin_message_table(name).value());
    }
    return read;
  }();
  return all;
}

}  // namespace

// The first byte chooses.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  static const wire::MessageTable soup = wire::builtin_message_table("soup").value();
  const wire::MessageTable& table = tables()[data[0] / 4 % tables().size()];
  const auto framing = static_cast<wire::Framing>(data[0] % 4);
  const base::Bytes bytes(reinterpret_cast<const std::byte*>(data) + 1, size - 1);
  std::string again;
  wire::LineEncoder encoder(table, soup, [&](std::string_view more) {
    again += more;
    return base::Status{};
  });
  wire::LineCounts counts;
  wire::StreamLines lines(table, soup, framing);
  const auto sink = [&](boost::json::object&& line) { ASSERT(encoder.take(line).ok()); };
  const std::size_t taken = lines.take(bytes, false, counts, sink);
  ASSERT(taken <= bytes.size());
  (void)lines.take(bytes.subspan(taken), true, counts, sink);
  ASSERT(encoder.finish().ok());
  ASSERT(again == base::as_text(bytes));
  return 0;
}
