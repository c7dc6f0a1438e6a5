#include "recordings/itch_file.h"

#include <map>

namespace okiagari::recordings {

namespace {

// Lengths of Nasdaq TotalView-ITCH 5.0; 0 for a type that is not there.
std::size_t length_of(char type) {
  static const std::map<char, std::size_t> kLengths = {
      {'S', 12}, {'R', 39}, {'H', 25}, {'Y', 20}, {'L', 26}, {'V', 35}, {'W', 12}, {'K', 28},
      {'J', 35}, {'h', 21}, {'A', 36}, {'F', 40}, {'E', 31}, {'C', 36}, {'X', 23}, {'D', 19},
      {'U', 35}, {'P', 44}, {'Q', 40}, {'B', 19}, {'I', 50}, {'N', 20}, {'O', 48}};
  const auto found = kLengths.find(type);
  return found == kLengths.end() ? 0 : found->second;
}

}  // namespace

base::Result<ItchFile> ItchFile::open(const std::string& path) {
  auto file = UnpackedFile::open(path);
  if (!file) return file.error();
  return ItchFile(std::move(file.value()));
}

// Whether so many bytes are there.
base::Result<bool> ItchFile::fill(std::size_t wanted) {
  while (bytes_.size() - at_ < wanted) {
    bytes_.erase(0, at_);
    at_ = 0;
    auto more = file_.read(bytes_);
    if (!more) return more.error();
    if (!more.value()) return bytes_.size() >= wanted;
  }
  return true;
}

base::Result<bool> ItchFile::next(check::ItchMessage& message) {
  for (;;) {
    auto has_length = fill(2);
    if (!has_length) return has_length;
    std::size_t size = 0;
    if (has_length.value()) {
      const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(bytes_[at_ + i]); };
      size = static_cast<std::size_t>(byte(0)) << 8 | byte(1);
      auto is_whole = fill(2 + size);
      if (!is_whole) return is_whole;
      has_length = is_whole;
    }
    if (!has_length.value()) {
      bytes_left_over_ = bytes_.size() - at_;
      return false;
    }
    const base::Bytes content = base::as_bytes(bytes_).subspan(at_ + 2, size);
    at_ += 2 + size;
    ++messages_;
    const char type = size == 0 ? '\0' : static_cast<char>(content[0]);
    if (size == 0 || length_of(type) != size) {
      ++unknown_;
      continue;
    }
    message = {};
    if (!check::decode_itch(content, message)) {
      message = {};
      message.type = type;
    }
    return true;
  }
}

}  // namespace okiagari::recordings
