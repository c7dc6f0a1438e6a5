#include "recordings/unpacked_file.h"

#include <fmt/format.h>
#include <lzma.h>
#include <zlib.h>
#include <zstd.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <vector>

namespace okiagari::recordings {

namespace {

constexpr std::size_t kChunkBytes = 64u << 10;

enum class Form : std::uint8_t { plain, gzip, xz, zstd };

Form form_of(const std::vector<std::uint8_t>& head) {
  static constexpr std::array<std::uint8_t, 3> kGzip = {0x1F, 0x8B, 8};
  static constexpr std::array<std::uint8_t, 6> kXz = {0xFD, '7', 'z', 'X', 'Z', 0};
  static constexpr std::array<std::uint8_t, 4> kZstd = {0x28, 0xB5, 0x2F, 0xFD};
  const auto begins_with = [&](const auto& magic) {
    return head.size() >= magic.size() && std::memcmp(head.data(), magic.data(), magic.size()) == 0;
  };
  if (begins_with(kGzip)) return Form::gzip;
  if (begins_with(kXz)) return Form::xz;
  return begins_with(kZstd) ? Form::zstd : Form::plain;
}

}  // namespace

struct UnpackedFile::State {
  std::string path;
  std::FILE* file = nullptr;
  Form form = Form::plain;
  z_stream gzip = {};
  lzma_stream xz = LZMA_STREAM_INIT;
  ZSTD_DStream* zstd = nullptr;
  std::vector<std::uint8_t> packed;  // read from the file, not yet unpacked from packed_at on
  std::size_t packed_at = 0;
  bool file_ended = false;
  bool stream_whole = true;  // no compressed frame is open

  ~State() {
    if (file != nullptr && file != stdin) std::fclose(file);
    if (form == Form::gzip) inflateEnd(&gzip);
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

  base::Status start() {
    if (base::Status status = fill_packed(); !status) return status.error();
    form = form_of(packed);
    stream_whole = form == Form::plain;
    if (form == Form::gzip && inflateInit2(&gzip, 15 + 16) != Z_OK) {
      return base::Error{fmt::format("{}: zlib could not be started", path)};
    }
    if (form == Form::xz && lzma_stream_decoder(&xz, UINT64_MAX, LZMA_CONCATENATED) != LZMA_OK) {
      return base::Error{fmt::format("{}: liblzma could not be started", path)};
    }
    if (form == Form::zstd) zstd = ZSTD_createDStream();
    return {};
  }

  // Adds what the bytes at hand unpack to, which may be nothing.
  base::Status unpack(std::string& into) {
    if (base::Status status = fill_packed(); !status) return status;
    if (form == Form::plain) {
      into.append(reinterpret_cast<const char*>(packed.data()) + packed_at,
                  packed.size() - packed_at);
      packed_at = packed.size();
      return {};
    }
    const std::size_t before = into.size();
    into.resize(before + kChunkBytes);
    auto* at = reinterpret_cast<std::uint8_t*>(into.data()) + before;
    base::Result<std::size_t> got = form == Form::xz     ? unpack_xz(at)
                                    : form == Form::gzip ? unpack_gzip(at)
                                                         : unpack_zstd(at);
    if (!got) return got.error();
    into.resize(before + got.value());
    if (got.value() == 0 && file_ended && packed_at == packed.size() && !stream_whole) {
      return damaged("ends in the middle of its compressed data");
    }
    return {};
  }

  base::Result<std::size_t> unpack_gzip(std::uint8_t* at) {
    const std::size_t had = packed.size() - packed_at;
    if (had > 0 && stream_whole) {  // files of several members are one
      if (inflateReset(&gzip) != Z_OK) return damaged("is damaged gzip data");
      stream_whole = false;
    }
    gzip.next_in = packed.data() + packed_at;
    gzip.avail_in = static_cast<uInt>(had);
    gzip.next_out = at;
    gzip.avail_out = kChunkBytes;
    const int result = inflate(&gzip, Z_NO_FLUSH);
    packed_at = packed.size() - gzip.avail_in;
    if (result != Z_OK && result != Z_STREAM_END && result != Z_BUF_ERROR) {
      return damaged(fmt::format("is damaged gzip data (zlib says {})", result));
    }
    if (result == Z_STREAM_END) stream_whole = true;
    return kChunkBytes - gzip.avail_out;
  }

  base::Result<std::size_t> unpack_xz(std::uint8_t* at) {
    xz.next_in = packed.data() + packed_at;
    xz.avail_in = packed.size() - packed_at;
    xz.next_out = at;
    xz.avail_out = kChunkBytes;
    const lzma_ret result = lzma_code(&xz, file_ended ? LZMA_FINISH : LZMA_RUN);
    packed_at = packed.size() - xz.avail_in;
    if (result != LZMA_OK && result != LZMA_STREAM_END && result != LZMA_BUF_ERROR) {
      return damaged(fmt::format("is damaged xz data (liblzma says {})", static_cast<int>(result)));
    }
    stream_whole = result == LZMA_STREAM_END;
    return kChunkBytes - xz.avail_out;
  }

  base::Result<std::size_t> unpack_zstd(std::uint8_t* at) {
    ZSTD_inBuffer in{packed.data(), packed.size(), packed_at};
    ZSTD_outBuffer out{at, kChunkBytes, 0};
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

UnpackedFile::UnpackedFile(std::unique_ptr<State> state) : state_(std::move(state)) {}
UnpackedFile::UnpackedFile(UnpackedFile&&) noexcept = default;
UnpackedFile& UnpackedFile::operator=(UnpackedFile&&) noexcept = default;
UnpackedFile::~UnpackedFile() = default;

base::Result<UnpackedFile> UnpackedFile::open(const std::string& path) {
  auto state = std::make_unique<State>();
  state->path = path == "-" ? "standard input" : path;
  state->file = path == "-" ? stdin : std::fopen(path.c_str(), "rb");
  if (state->file == nullptr) {
    return base::Error{fmt::format("{}: cannot be opened: {}", path, std::strerror(errno))};
  }
  if (base::Status status = state->start(); !status) return status.error();
  return UnpackedFile(std::move(state));
}

base::Result<bool> UnpackedFile::read(std::string& into) {
  const std::size_t before = into.size();
  while (into.size() == before) {
    if (state_->exhausted()) return false;
    if (base::Status status = state_->unpack(into); !status) return status.error();
  }
  return true;
}

const std::string& UnpackedFile::path() const { return state_->path; }

}  // namespace okiagari::recordings
