#include "cli/line_reader.h"

#include <fmt/format.h>
#include <lzma.h>
#include <zstd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <cstdio>
#include <cstring>
#include <vector>

namespace okiagari::cli {

namespace {

constexpr std::size_t kChunkBytes = 64u << 10;
constexpr std::size_t kMaxLineBytes = 1u << 20;

enum class Form : std::uint8_t { plain, xz, zstd };

Form form_of(const std::vector<std::uint8_t>& head) {
  static constexpr std::array<std::uint8_t, 6> kXz = {0xFD, '7', 'z', 'X', 'Z', 0};
  static constexpr std::array<std::uint8_t, 4> kZstd = {0x28, 0xB5, 0x2F, 0xFD};
  const auto begins_with = [&](const auto& magic) {
    return head.size() >= magic.size() && std::memcmp(head.data(), magic.data(), magic.size()) == 0;
  };
  if (begins_with(kXz)) return Form::xz;
  return begins_with(kZstd) ? Form::zstd : Form::plain;
}

}  // namespace

struct LineReader::State {
  std::string path;
  std::FILE* file = nullptr;
  Form form = Form::plain;
  lzma_stream xz = LZMA_STREAM_INIT;
  ZSTD_DStream* zstd = nullptr;
  std::vector<std::uint8_t> packed;  // read from the file, not yet unpacked from packed_at on
  std::size_t packed_at = 0;
  bool file_ended = false;
  bool stream_whole = true;  // no compressed frame is open
  std::string text;          // unpacked, not yet returned from text_at on
  std::size_t text_at = 0;
  std::uint64_t line_number = 0;

  ~State() {
    if (file != nullptr) std::fclose(file);
    lzma_end(&xz);
    ZSTD_freeDStream(zstd);
  }

  base::Error damaged(std::string_view what) const {
    return {fmt::format("{}: {}; fetch the file again", path, what)};
  }

  base::Status fill_packed() {
    if (packed_at < packed.size() || file_ended) return {};
    packed.resize(kChunkBytes);
    const std::size_t got = std::fread(packed.data(), 1, packed.size(), file);
    if (got < packed.size()) {
      if (std::ferror(file) != 0) return base::Error{fmt::format("{}: cannot be read", path)};
      file_ended = true;
    }
    packed.resize(got);
    packed_at = 0;
    return {};
  }

  base::Status unpack() {
    if (base::Status status = fill_packed(); !status) return status;
    if (form == Form::plain) {
      text.append(reinterpret_cast<const char*>(packed.data()) + packed_at,
                  packed.size() - packed_at);
      packed_at = packed.size();
      return {};
    }
    const std::size_t before = text.size();
    text.resize(before + kChunkBytes);
    base::Result<std::size_t> got = form == Form::xz ? unpack_xz(before) : unpack_zstd(before);
    if (!got) return got.error();
    text.resize(before + got.value());
    if (got.value() == 0 && file_ended && packed_at == packed.size() && !stream_whole) {
      return damaged("ends in the middle of its compressed data");
    }
    return {};
  }

  base::Result<std::size_t> unpack_xz(std::size_t at) {
    xz.next_in = packed.data() + packed_at;
    xz.avail_in = packed.size() - packed_at;
    xz.next_out = reinterpret_cast<std::uint8_t*>(text.data()) + at;
    xz.avail_out = kChunkBytes;
    const lzma_ret result = lzma_code(&xz, file_ended ? LZMA_FINISH : LZMA_RUN);
    packed_at = packed.size() - xz.avail_in;
    if (result != LZMA_OK && result != LZMA_STREAM_END && result != LZMA_BUF_ERROR) {
      return damaged(fmt::format("is damaged xz data (liblzma says {})", static_cast<int>(result)));
    }
    stream_whole = result == LZMA_STREAM_END;
    return kChunkBytes - xz.avail_out;
  }

  base::Result<std::size_t> unpack_zstd(std::size_t at) {
    ZSTD_inBuffer in{packed.data(), packed.size(), packed_at};
    ZSTD_outBuffer out{text.data() + at, kChunkBytes, 0};
    if (in.pos == in.size && stream_whole) return std::size_t{0};
    const std::size_t result = ZSTD_decompressStream(zstd, &out, &in);
    if (ZSTD_isError(result) != 0) {
      return damaged(fmt::format("is damaged zstd data: {}", ZSTD_getErrorName(result)));
    }
    packed_at = in.pos;
    stream_whole = result == 0;
    return out.pos;
  }

  [[nodiscard]] bool exhausted() const {
    return file_ended && packed_at == packed.size() && (form == Form::plain || stream_whole);
  }
};

LineReader::LineReader(std::unique_ptr<State> state) : state_(std::move(state)) {}
LineReader::LineReader(LineReader&&) noexcept = default;
LineReader& LineReader::operator=(LineReader&&) noexcept = default;
LineReader::~LineReader() = default;

base::Result<LineReader> LineReader::open(const std::string& path) {
  auto state = std::make_unique<State>();
  state->path = path;
  state->file = std::fopen(path.c_str(), "rb");
  if (state->file == nullptr) {
    return base::Error{fmt::format("{}: cannot be opened: {}", path, std::strerror(errno))};
  }
  if (base::Status status = state->fill_packed(); !status) return status.error();
  state->form = form_of(state->packed);
  state->stream_whole = state->form == Form::plain;
  if (state->form == Form::xz &&
      lzma_stream_decoder(&state->xz, UINT64_MAX, LZMA_CONCATENATED) != LZMA_OK) {
    return base::Error{fmt::format("{}: liblzma could not be started", path)};
  }
  if (state->form == Form::zstd) state->zstd = ZSTD_createDStream();
  return LineReader(std::move(state));
}

base::Result<bool> LineReader::next(std::string_view& line) {
  State& s = *state_;
  std::size_t searched = s.text_at;
  for (;;) {
    const std::size_t end = s.text.find('\n', searched);
    const bool last = end == std::string::npos && s.exhausted();
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
          fmt::format("{}:{}: a line of more than 1 MiB", s.path, s.line_number + 1)};
    }
    s.text.erase(0, s.text_at);
    s.text_at = 0;
    searched = s.text.size();
    if (base::Status status = s.unpack(); !status) return status.error();
  }
}

std::uint64_t LineReader::line_number() const { return state_->line_number; }
const std::string& LineReader::path() const { return state_->path; }

bool parse_integer(std::string_view text, std::int64_t& value) {
  const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc{} && stop == text.data() + text.size();
}

}  // namespace okiagari::cli
