#include "check/history.h"

#include <fmt/format.h>

#include <array>
#include <cerrno>
#include <cstring>

namespace okiagari::check {
namespace {

constexpr std::string_view kMark = "OKICHK01";
constexpr std::size_t kRecordHeaderBytes = 24;

base::Error file_error(const std::string& path, const char* what) {
  return {fmt::format("{}: cannot {}: {}", path, what, std::strerror(errno))};
}

}  // namespace

base::Status History::keep_at(const std::string& path) {
  file_.reset(std::fopen(path.c_str(), "wb"));
  path_ = path;
  if (!file_) return file_error(path, "open");
  if (std::fwrite(kMark.data(), 1, kMark.size(), file_.get()) != kMark.size()) {
    return file_error(path, "write");
  }
  return {};
}

base::Status History::finish() {
  if (!file_) return {};
  const bool flushed = std::fflush(file_.get()) == 0;
  file_.reset();
  if (!flushed || write_failed_) return file_error(path_, "write");
  return {};
}

void History::add(HistoryEvent event, std::uint16_t source, std::uint64_t time_ns,
                  std::uint64_t number, base::Bytes bytes) {
  if (taker_) return taker_({event, source, time_ns, number, bytes});
  const auto size = static_cast<std::uint32_t>(bytes.size());
  entries_.push_back({time_ns, number, bytes_.size(), size, source, event});
  bytes_.insert(bytes_.end(), bytes.begin(), bytes.end());
  if (!file_) return;
  std::array<std::byte, kRecordHeaderBytes> header{};
  base::store_little(header.data(), size);
  base::store_little(header.data() + 4, static_cast<std::uint8_t>(event));
  base::store_little(header.data() + 6, source);
  base::store_little(header.data() + 8, time_ns);
  base::store_little(header.data() + 16, number);
  const auto write = [this](base::Bytes part) {
    return part.empty() || std::fwrite(part.data(), part.size(), 1, file_.get()) == 1;
  };
  const bool written = write(header) && write(bytes);
  if (!written) write_failed_ = true;
}

HistoryRecord History::operator[](std::size_t index) const {
  const Entry& entry = entries_[index];
  return {entry.event, entry.source, entry.time_ns, entry.number,
          base::Bytes(bytes_).subspan(entry.offset, entry.size)};
}

base::Result<History> History::load(const std::string& path) {
  const std::unique_ptr<std::FILE, CloseFile> file(std::fopen(path.c_str(), "rb"));
  if (!file) return file_error(path, "open");
  std::vector<std::byte> content;
  std::array<std::byte, 1u << 16> chunk;
  while (const std::size_t got = std::fread(chunk.data(), 1, chunk.size(), file.get())) {
    content.insert(content.end(), chunk.begin(), chunk.begin() + static_cast<std::ptrdiff_t>(got));
  }
  if (std::ferror(file.get()) != 0) return file_error(path, "read");
  base::ByteReader reader(content);
  if (base::as_text(reader.bytes(kMark.size())) != kMark) {
    return base::Error{fmt::format("{}: not a history of `okiagari check`", path)};
  }
  History history;
  while (reader.remaining() >= kRecordHeaderBytes) {
    const auto size = reader.little<std::uint32_t>();
    const auto event = static_cast<HistoryEvent>(reader.little<std::uint8_t>());
    (void)reader.little<std::uint8_t>();
    const auto source = reader.little<std::uint16_t>();
    const auto time_ns = reader.little<std::uint64_t>();
    const auto number = reader.little<std::uint64_t>();
    const base::Bytes bytes = reader.bytes(size);
    if (!reader.ok()) break;
    history.add(event, source, time_ns, number, bytes);
  }
  return history;
}

}  // namespace okiagari::check
