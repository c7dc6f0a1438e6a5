#include "recordings/message_file.h"

#include <fmt/format.h>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "recordings/line_reader.h"
#include "recordings/unpacked_file.h"

namespace okiagari::recordings {

namespace {

constexpr std::size_t kTableBytesMax = 1u << 20;
constexpr std::size_t kGuessBytes = 64u << 10;

struct Tables {
  wire::MessageTable messages;
  wire::MessageTable soup;
};

base::Result<wire::MessageTable> read_table(const std::string& path) {
  auto file = UnpackedFile::open(path);
  if (!file) return file.error();
  std::string text;
  for (;;) {
    auto more = file.value().read(text);
    if (!more) return more.error();
    if (text.size() > kTableBytesMax) return base::Error{path + ": is no table: more than 1 MiB"};
    if (!more.value()) break;
  }
  auto table = wire::parse_message_table(text);
  if (!table) return base::Error{fmt::format("{}: {}", path, table.error().message)};
  return table;
}

base::Result<Tables> tables_of(const MessageFileOptions& options) {
  auto messages = options.table_path.empty() ? wire::builtin_message_table(options.format)
                                             : read_table(options.table_path);
  if (!messages) return messages.error();
  auto soup = wire::builtin_message_table("soup");
  if (!soup) return soup.error();
  return Tables{std::move(messages.value()), std::move(soup.value())};
}

// `soup` alone is its own table of packets, which the decoder knows by being the same.
const wire::MessageTable& messages_of(const Tables& tables) {
  return tables.messages.name == "soup" ? tables.soup : tables.messages;
}

// Serializes lines until one cannot be written; then it says why.
class LineWriter {
 public:
  explicit LineWriter(const WriteText& write) : write_(write) {}
  void line(boost::json::object&& line) {
    text_ += boost::json::serialize(line);
    text_ += '\n';
  }
  base::Status flush() {
    base::Status written = write_(text_);
    text_.clear();
    return written;
  }

 private:
  const WriteText& write_;
  std::string text_;
};

base::Result<wire::LineCounts> decode_capture(UnpackedFile& file, std::string bytes,
                                              const Tables& tables, LineWriter& writer) {
  wire::CaptureLines lines(messages_of(tables), tables.soup,
                           [&](boost::json::object&& line) { writer.line(std::move(line)); });
  for (;;) {
    auto taken = lines.take(base::as_bytes(bytes));
    if (!taken) return base::Error{fmt::format("{}: {}", file.path(), taken.error().message)};
    bytes.erase(0, taken.value());
    if (base::Status status = writer.flush(); !status) return status.error();
    auto more = file.read(bytes);
    if (!more) return more.error();
    if (!more.value()) break;
  }
  lines.finish(base::as_bytes(bytes));
  if (base::Status status = writer.flush(); !status) return status.error();
  return lines.counts();
}

base::Result<wire::LineCounts> decode_stream(UnpackedFile& file, std::string bytes,
                                             wire::Framing framing, const Tables& tables,
                                             LineWriter& writer) {
  wire::LineCounts counts;
  wire::StreamLines lines(messages_of(tables), tables.soup, framing);
  const auto sink = [&](boost::json::object&& line) { writer.line(std::move(line)); };
  for (bool at_end = false; !at_end;) {
    auto more = file.read(bytes);
    if (!more) return more.error();
    at_end = !more.value();
    bytes.erase(0, lines.take(base::as_bytes(bytes), at_end, counts, sink));
    if (base::Status status = writer.flush(); !status) return status.error();
  }
  return counts;
}

}  // namespace

base::Result<wire::LineCounts> decode_messages(const std::string& path,
                                               const MessageFileOptions& options,
                                               const WriteText& write) {
  auto tables = tables_of(options);
  if (!tables) return tables.error();
  auto file = UnpackedFile::open(path);
  if (!file) return file.error();
  std::string bytes;
  while (bytes.size() < kGuessBytes) {
    auto more = file.value().read(bytes);
    if (!more) return more.error();
    if (!more.value()) break;
  }
  LineWriter writer(write);
  const bool is_capture = wire::CaptureReader::is_capture(base::as_bytes(bytes));
  if (is_capture && !options.framing) {
    return decode_capture(file.value(), std::move(bytes), tables.value(), writer);
  }
  const wire::Framing framing =
      options.framing ? *options.framing
                      : wire::guess_framing(messages_of(tables.value()), tables.value().soup,
                                            base::as_bytes(bytes));
  return decode_stream(file.value(), std::move(bytes), framing, tables.value(), writer);
}

base::Result<std::uint64_t> encode_messages(const std::string& path,
                                            const MessageFileOptions& options,
                                            const WriteText& write) {
  auto tables = tables_of(options);
  if (!tables) return tables.error();
  auto reader = LineReader::open(path);
  if (!reader) return reader.error();
  wire::LineEncoder encoder(messages_of(tables.value()), tables.value().soup, write);
  std::string_view line;
  std::uint64_t lines = 0;
  for (;;) {
    auto more = reader.value().next(line);
    if (!more) return more.error();
    if (!more.value()) break;
    if (line.empty()) continue;
    const auto where = [&](std::string_view what) {
      return base::Error{fmt::format("{}:{}: {}", path, reader.value().line_number(), what)};
    };
    boost::system::error_code error;
    const boost::json::value value = boost::json::parse(line, error);
    if (error || !value.is_object()) return where("is no JSON object");
    if (base::Status status = encoder.take(value.get_object()); !status) {
      return where(status.error().message);
    }
    ++lines;
  }
  base::Status finished = encoder.finish();
  if (!finished) return base::Error{fmt::format("{}: {}", path, finished.error().message)};
  return lines;
}

}  // namespace okiagari::recordings
