#include "recordings/line_reader.h"

#include <fmt/format.h>

#include <charconv>
#include <utility>

#include "recordings/unpacked_file.h"

namespace okiagari::recordings {

namespace {

constexpr std::size_t kMaxLineBytes = 1u << 20;

}  // namespace

struct LineReader::State {
  explicit State(UnpackedFile opened) : file(std::move(opened)) {}

  UnpackedFile file;
  bool file_ended = false;
  std::string text;  // unpacked, not yet returned from text_at on
  std::size_t text_at = 0;
  std::uint64_t line_number = 0;
};

LineReader::LineReader(std::unique_ptr<State> state) : state_(std::move(state)) {}
LineReader::LineReader(LineReader&&) noexcept = default;
LineReader& LineReader::operator=(LineReader&&) noexcept = default;
LineReader::~LineReader() = default;

base::Result<LineReader> LineReader::open(const std::string& path) {
  auto file = UnpackedFile::open(path);
  if (!file) return file.error();
  return LineReader(std::make_unique<State>(std::move(file.value())));
}

base::Result<bool> LineReader::next(std::string_view& line) {
  State& s = *state_;
  std::size_t searched = s.text_at;
  for (;;) {
    const std::size_t end = s.text.find('\n', searched);
    const bool last = end == std::string::npos && s.file_ended;
    if (end != std::string::npos || last) {
      const std::size_t stop = last ? s.text.size() : end;
      if (last && s.text_at == stop) return false;
      line = std::string_view(s.text).substr(s.text_at, stop - s.text_at);
      if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
      s.text_at = last ? stop : stop + 1;
      ++s.line_number;
      return true;
    }
    if (s.text.size() - s.text_at > kMaxLineBytes) {
      return base::Error{
          fmt::format("{}:{}: a line of more than 1 MiB", s.file.path(), s.line_number + 1)};
    }
    s.text.erase(0, s.text_at);
    s.text_at = 0;
    searched = s.text.size();
    auto more = s.file.read(s.text);
    if (!more) return more.error();
    if (!more.value()) s.file_ended = true;
  }
}

std::uint64_t LineReader::line_number() const { return state_->line_number; }
const std::string& LineReader::path() const { return state_->file.path(); }

bool parse_integer(std::string_view text, std::int64_t& value) {
  const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc{} && stop == text.data() + text.size();
}

}  // namespace okiagari::recordings
