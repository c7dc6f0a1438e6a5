#include "cause/packed_files.h"

#include <fmt/format.h>
#include <lzma.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <memory>
#include <utility>
#include <vector>

namespace okiagari::cause {

namespace {

constexpr std::size_t kChunkBytes = 256u << 10;
constexpr std::size_t kBlockBytes = 512;  // of a tar archive
constexpr std::uint64_t kUnpackMemoryMax = 256u << 20;

using File = std::unique_ptr<std::FILE, int (*)(std::FILE*)>;

// The bytes of a file, unpacked when it begins as an .xz file does.
class Unpacked {
 public:
  explicit Unpacked(std::string path)
      : path_(std::move(path)), file_(std::fopen(path_.c_str(), "rb"), &std::fclose) {
    static constexpr std::array<std::uint8_t, 6> kXz = {0xFD, '7', 'z', 'X', 'Z', 0};
    std::array<std::uint8_t, kXz.size()> head{};
    if (file_ != nullptr && std::fread(head.data(), 1, head.size(), file_.get()) == head.size()) {
      is_xz_ = head == kXz;
    }
    if (file_ != nullptr) std::rewind(file_.get());
    if (is_xz_) {
      ready_ = lzma_stream_decoder(&xz_, kUnpackMemoryMax, LZMA_CONCATENATED) == LZMA_OK;
    }
    packed_.resize(kChunkBytes);
  }
  Unpacked(const Unpacked&) = delete;
  Unpacked& operator=(const Unpacked&) = delete;
  ~Unpacked() { lzma_end(&xz_); }

  // Fills `into` as far as there are bytes; fewer only at the end.
  base::Result<std::size_t> read(char* into, std::size_t bytes) {
    if (file_ == nullptr || !ready_) {
      return base::Error{fmt::format("{}: cannot be read; does the file exist?", path_)};
    }
    if (!is_xz_) return std::fread(into, 1, bytes, file_.get());
    xz_.next_out = reinterpret_cast<std::uint8_t*>(into);
    xz_.avail_out = bytes;
    while (xz_.avail_out > 0 && !ended_) {
      if (xz_.avail_in == 0) {
        xz_.next_in = packed_.data();
        xz_.avail_in = std::fread(packed_.data(), 1, packed_.size(), file_.get());
      }
      const lzma_ret result = lzma_code(&xz_, xz_.avail_in == 0 ? LZMA_FINISH : LZMA_RUN);
      if (result == LZMA_STREAM_END) {
        ended_ = true;
      } else if (result != LZMA_OK) {
        return base::Error{
            fmt::format("{}: is damaged xz data, or needs more than {} MiB to unpack", path_,
                        kUnpackMemoryMax >> 20)};
      }
    }
    return bytes - xz_.avail_out;
  }

  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  std::string path_;
  File file_;
  lzma_stream xz_ = LZMA_STREAM_INIT;
  bool is_xz_ = false;
  bool ready_ = true;
  bool ended_ = false;
  std::vector<std::uint8_t> packed_;
};

base::Error too_big(const std::string& path, std::string_view name, const PackedLimits& limits) {
  return {fmt::format("{}: {} is bigger than {} MiB", path, name, limits.file_bytes_max >> 20)};
}

base::Result<std::string> read_rest(Unpacked& from, std::string text, const PackedLimits& limits) {
  for (;;) {
    const std::size_t before = text.size();
    text.resize(before + kChunkBytes);
    const auto got = from.read(text.data() + before, kChunkBytes);
    if (!got) return got.error();
    text.resize(before + got.value());
    if (text.size() > limits.file_bytes_max) return too_big(from.path(), "the file", limits);
    if (got.value() < kChunkBytes) return text;
  }
}

struct TarHeader {
  std::string name;
  std::size_t bytes = 0;
  char type = '0';
};

std::string text_field(const char* at, std::size_t bytes) { return {at, strnlen(at, bytes)}; }

// False when the block is no header of the ustar or GNU form.
bool read_header(const std::array<char, kBlockBytes>& block, TarHeader& header) {
  if (std::memcmp(block.data() + 257, "ustar", 5) != 0) return false;
  std::uint64_t bytes = 0;
  for (std::size_t at = 124; at < 136 && block[at] != 0 && block[at] != ' '; ++at) {
    if (block[at] < '0' || block[at] > '7') return false;
    bytes = bytes * 8 + static_cast<std::uint64_t>(block[at] - '0');
  }
  header.bytes = bytes;
  header.type = block[156];
  header.name = text_field(block.data(), 100);
  const std::string prefix = block[262] == 0 ? text_field(block.data() + 345, 155) : "";
  if (!prefix.empty()) header.name = prefix + "/" + header.name;
  if (header.name.starts_with("./")) header.name.erase(0, 2);
  return true;
}

bool begins_as_tar(std::string_view text) {
  return text.size() >= kBlockBytes && text.substr(257, 5) == "ustar";
}

// `block` is the archive's first, already read.
base::Status read_tar(Unpacked& from, std::array<char, kBlockBytes> block, const OnFile& on_file,
                      const PackedLimits& limits) {
  std::string long_name;
  for (std::size_t files = 0; files < limits.files_max; ++files) {
    if (files > 0) {
      const auto got = from.read(block.data(), block.size());
      if (!got) return got.error();
      if (got.value() < block.size()) block[0] = 0;
    }
    if (block[0] == 0) return {};
    TarHeader header;
    if (!read_header(block, header)) {
      return base::Error{fmt::format("{}: is no tar archive, or is cut short", from.path())};
    }
    if (header.bytes > limits.file_bytes_max) return too_big(from.path(), header.name, limits);
    const std::size_t padded = (header.bytes + kBlockBytes - 1) / kBlockBytes * kBlockBytes;
    std::string text(padded, '\0');
    const auto body = from.read(text.data(), padded);
    if (!body) return body.error();
    if (body.value() < padded) {
      return base::Error{fmt::format("{}: ends within {}", from.path(), header.name)};
    }
    text.resize(header.bytes);
    if (header.type == 'L') {  // the name of the next file, where it is longer than its field
      long_name = text.c_str();
      continue;
    }
    if (!long_name.empty()) header.name = std::exchange(long_name, {});
    if (header.type != '0' && header.type != 0) continue;
    if (!on_file(header.name, text)) return {};
  }
  return base::Error{fmt::format("{}: more than {} files", from.path(), limits.files_max)};
}

base::Status read_file(const std::string& path, const std::string& name, const OnFile& on_file,
                       const PackedLimits& limits, bool& wanted) {
  Unpacked unpacked(path);
  std::array<char, kBlockBytes> head{};
  const auto got = unpacked.read(head.data(), head.size());
  if (!got) return got.error();
  std::string begun(head.data(), got.value());
  if (begins_as_tar(begun)) {
    return read_tar(
        unpacked, head,
        [&](const std::string& inner, std::string_view text) {
          wanted = on_file(inner, text);
          return wanted;
        },
        limits);
  }
  auto text = read_rest(unpacked, std::move(begun), limits);
  if (!text) return text.error();
  wanted = on_file(name.ends_with(".xz") ? name.substr(0, name.size() - 3) : name, text.value());
  return {};
}

}  // namespace

base::Status for_each_file(const std::string& path, const OnFile& on_file,
                           const PackedLimits& limits) {
  namespace fs = std::filesystem;
  std::error_code error;
  bool wanted = true;
  if (!fs::is_directory(path, error)) {
    return read_file(path, fs::path(path).filename().string(), on_file, limits, wanted);
  }
  std::vector<std::string> names;
  for (fs::recursive_directory_iterator at(path, error), end; !error && at != end;
       at.increment(error)) {
    if (!at->is_regular_file(error)) continue;
    names.push_back(fs::relative(at->path(), path, error).string());
    if (names.size() > limits.files_max) {
      return base::Error{fmt::format("{}: more than {} files", path, limits.files_max)};
    }
  }
  if (error) return base::Error{fmt::format("{}: cannot be listed: {}", path, error.message())};
  std::sort(names.begin(), names.end());
  for (const std::string& name : names) {
    const std::string full = (fs::path(path) / name).string();
    if (base::Status status = read_file(full, name, on_file, limits, wanted); !status) {
      return status;
    }
    if (!wanted) break;
  }
  return {};
}

base::Result<std::string> read_whole(const std::string& path, const PackedLimits& limits) {
  Unpacked unpacked(path);
  return read_rest(unpacked, {}, limits);
}

}  // namespace okiagari::cause
