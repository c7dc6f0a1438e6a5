// Reading and writing of integers in byte buffers, with bounds. Decoders of peers' data use
// ByteReader, which turns reading past the end into a flag instead of undefined behaviour.
#pragma once

#include <algorithm>
#include <bit>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <span>
#include <string_view>
#include <type_traits>
#include <utility>

namespace okiagari::base {

using Bytes = std::span<const std::byte>;
using MutableBytes = std::span<std::byte>;

static_assert(std::endian::native == std::endian::little, "formats are written for little endian");

template <std::integral T>
[[nodiscard]] constexpr T byteswap(T value) {
  if constexpr (sizeof(T) == 1)
    return value;
  else if constexpr (sizeof(T) == 2)
    return static_cast<T>(__builtin_bswap16(static_cast<std::uint16_t>(value)));
  else if constexpr (sizeof(T) == 4)
    return static_cast<T>(__builtin_bswap32(static_cast<std::uint32_t>(value)));
  else
    return static_cast<T>(__builtin_bswap64(static_cast<std::uint64_t>(value)));
}

template <std::integral T>
[[nodiscard]] T load_little(const void* from) {
  T value;
  std::memcpy(&value, from, sizeof value);
  return value;
}
template <std::integral T>
[[nodiscard]] T load_big(const void* from) {
  return byteswap(load_little<T>(from));
}
template <std::integral T>
void store_little(void* to, T value) {
  std::memcpy(to, &value, sizeof value);
}
template <std::integral T>
void store_big(void* to, T value) {
  store_little(to, byteswap(value));
}

[[nodiscard]] inline Bytes as_bytes(std::string_view text) {
  return std::as_bytes(std::span<const char>(text.data(), text.size()));
}
[[nodiscard]] inline std::string_view as_text(Bytes bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}
template <typename T>
requires std::is_trivially_copyable_v<T>
[[nodiscard]] Bytes object_bytes(const T& object) {
  return std::as_bytes(std::span<const T, 1>(&object, 1));
}

// Sequential bounded reader. After a read past the end, ok() is false for good and reads return
// zero.
class ByteReader {
 public:
  explicit ByteReader(Bytes bytes) : bytes_(bytes) {}

  [[nodiscard]] bool ok() const { return ok_; }
  [[nodiscard]] std::size_t remaining() const { return bytes_.size() - offset_; }
  [[nodiscard]] std::size_t offset() const { return offset_; }
  [[nodiscard]] bool at_end() const { return ok_ && remaining() == 0; }

  template <std::integral T>
  [[nodiscard]] T little() {
    const std::byte* at = take(sizeof(T));
    return at == nullptr ? T{0} : load_little<T>(at);
  }
  template <std::integral T>
  [[nodiscard]] T big() {
    const std::byte* at = take(sizeof(T));
    return at == nullptr ? T{0} : load_big<T>(at);
  }
  // A view of the next `size` bytes, empty (and ok() false) when there are fewer.
  [[nodiscard]] Bytes bytes(std::size_t size) {
    const std::byte* at = take(size);
    return at == nullptr ? Bytes{} : Bytes{at, size};
  }
  template <typename T>
  requires std::is_trivially_copyable_v<T>
  [[nodiscard]] bool object(T& into) {
    const std::byte* at = take(sizeof(T));
    if (at == nullptr) return false;
    std::memcpy(&into, at, sizeof(T));
    return true;
  }

 private:
  const std::byte* take(std::size_t size) {
    if (!ok_ || remaining() < size) {
      ok_ = false;
      return nullptr;
    }
    const std::byte* at = bytes_.data() + offset_;
    offset_ += size;
    return at;
  }

  Bytes bytes_;
  std::size_t offset_ = 0;
  bool ok_ = true;
};

// Growing byte buffer for encoders. Clearing keeps the capacity, so a warmed-up writer does not
// allocate. New bytes are not set before the caller writes them: zeroing what is about to be
// overwritten would cost as much as writing it.
class ByteWriter {
 public:
  ByteWriter() = default;
  ByteWriter(const ByteWriter& other) { bytes(other.view()); }
  ByteWriter& operator=(const ByteWriter& other) {
    if (this != &other) {
      clear();
      bytes(other.view());
    }
    return *this;
  }
  ByteWriter(ByteWriter&& other) noexcept { swap(other); }
  ByteWriter& operator=(ByteWriter&& other) noexcept {
    swap(other);
    return *this;
  }

  void clear() { size_ = 0; }
  void reserve(std::size_t size) {
    if (size > capacity_) grow(size);
  }
  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] bool empty() const { return size_ == 0; }
  [[nodiscard]] Bytes view() const { return {buffer_.get(), size_}; }
  [[nodiscard]] std::byte* data() { return buffer_.get(); }

  // `size` bytes at the end to be filled by the caller; valid until the next call.
  [[nodiscard]] std::byte* extend(std::size_t size) {
    if (capacity_ - size_ < size) [[unlikely]] {
      grow(size_ + size);
    }
    std::byte* at = buffer_.get() + size_;
    size_ += size;
    return at;
  }
  void bytes(Bytes from) {
    if (!from.empty()) std::memcpy(extend(from.size()), from.data(), from.size());
  }
  template <std::integral T>
  void little(T value) {
    store_little(extend(sizeof(T)), value);
  }
  template <std::integral T>
  void big(T value) {
    store_big(extend(sizeof(T)), value);
  }
  template <typename T>
  requires std::is_trivially_copyable_v<T>
  void object(const T& from) { std::memcpy(extend(sizeof(T)), &from, sizeof(T)); }

 private:
  // Out of line, so that what calls extend() stays small.
  [[gnu::noinline]] void grow(std::size_t at_least) {
    const std::size_t capacity = std::max(at_least, std::max<std::size_t>(64, 2 * capacity_));
    auto grown = std::make_unique_for_overwrite<std::byte[]>(capacity);
    if (size_ > 0) std::memcpy(grown.get(), buffer_.get(), size_);
    buffer_ = std::move(grown);
    capacity_ = capacity;
  }
  void swap(ByteWriter& other) noexcept {
    std::swap(buffer_, other.buffer_);
    std::swap(size_, other.size_);
    std::swap(capacity_, other.capacity_);
  }

  std::unique_ptr<std::byte[]> buffer_;
  std::size_t size_ = 0;
  std::size_t capacity_ = 0;
};

}  // namespace okiagari::base
