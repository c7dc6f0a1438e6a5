#include "client/key_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sodium.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <vector>

#include "base/assert.h"
#include "base/hash.h"
#include "base/settings.h"
#include "wire/operator_keys.h"

namespace okiagari::client {

namespace {

constexpr std::uint64_t kVersion = 1;
constexpr std::uint64_t kMemoryBytesMax = 1ull << 30;
constexpr std::uint64_t kOperationsMax = 16;
constexpr std::size_t kSealedBytes = 32 + crypto_secretbox_MACBYTES;

using Presence = base::Settings::Presence;
using Seed = std::array<std::byte, 32>;

unsigned char* raw(std::byte* bytes) { return reinterpret_cast<unsigned char*>(bytes); }
const unsigned char* raw(const std::byte* bytes) {
  return reinterpret_cast<const unsigned char*>(bytes);
}

struct Seal {
  std::array<std::byte, crypto_pwhash_SALTBYTES> salt{};
  std::array<std::byte, crypto_secretbox_NONCEBYTES> nonce{};
  std::array<std::byte, kSealedBytes> box{};
  std::uint64_t operations = crypto_pwhash_OPSLIMIT_MODERATE;
  std::uint64_t memory_bytes = crypto_pwhash_MEMLIMIT_MODERATE;
};

struct Content {
  KeyFile file;
  Seed seed{};
  Seal seal;
};

bool derive(const Seal& seal, std::string_view passphrase, std::array<std::byte, 32>& key) {
  return crypto_pwhash(raw(key.data()), key.size(), passphrase.data(), passphrase.size(),
                       raw(seal.salt.data()), seal.operations, seal.memory_bytes,
                       crypto_pwhash_ALG_ARGON2ID13) == 0;
}

base::Status write_new(const std::string& path, const std::string& text) {
  const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (file < 0) {
    return base::Error{fmt::format(
        "{}: {}", path,
        errno == EEXIST ? "is there already; a key is never written over" : std::strerror(errno))};
  }
  const bool done = ::write(file, text.data(), text.size()) == static_cast<ssize_t>(text.size()) &&
                    ::fsync(file) == 0;
  ::close(file);
  if (done) return {};
  ::unlink(path.c_str());
  return base::Error{fmt::format("{}: cannot be written; is the disk full?", path)};
}

void read_hex(base::Settings& from, std::string_view key, base::MutableBytes into) {
  std::string hex;
  from.text(key, hex, Presence::required);
  if (!base::from_hex(hex, into)) {
    from.refuse(key, fmt::format("'{}' must have {} hexadecimal digits", key, 2 * into.size()));
  }
}

base::Result<Content> read(const std::string& path) {
  auto settings = base::Settings::load(path);
  if (!settings) return settings.error();
  base::Settings& root = settings.value();
  Content content;
  std::uint64_t version = 0;
  root.integer("okiagari_key", version, kVersion, kVersion, Presence::required);
  root.text("name", content.file.name, Presence::required);
  read_hex(root, "public_key", content.file.public_key);
  root.flag("sealed", content.file.is_sealed);
  if (content.file.is_sealed) {
    read_hex(root, "salt", content.seal.salt);
    read_hex(root, "nonce", content.seal.nonce);
    read_hex(root, "box", content.seal.box);
    root.integer("operations", content.seal.operations, 1, kOperationsMax, Presence::required);
    root.integer("memory_bytes", content.seal.memory_bytes, crypto_pwhash_MEMLIMIT_MIN,
                 kMemoryBytesMax, Presence::required);
  } else {
    read_hex(root, "seed", content.seed);
  }
  if (base::Status status = root.finish(); !status) return status.error();
  return content;
}

}  // namespace

base::Result<KeyFile> make_key_file(const std::string& path, const std::string& name,
                                    std::string_view passphrase) {
  ASSERT(sodium_init() >= 0, "libsodium does not start");
  if (!wire::is_operator_name(name)) {
    return base::Error{fmt::format("a key's name has 1 to {} printable characters, no quotes",
                                   wire::kOperatorNameCharactersMax)};
  }
  Seed seed;
  randombytes_buf(seed.data(), seed.size());
  const base::KeyPair pair = base::key_pair_from_seed(seed);
  KeyFile made{name, pair.public_key, !passphrase.empty()};
  std::string text = fmt::format(
      "# A signing key. Who has it can stop the market in its owner's name.\n"
      "okiagari_key = {}\nname = \"{}\"\npublic_key = \"{}\"\nsealed = {}\n",
      kVersion, name, base::to_hex(pair.public_key), made.is_sealed);
  if (made.is_sealed) {
    Seal seal;
    randombytes_buf(seal.salt.data(), seal.salt.size());
    randombytes_buf(seal.nonce.data(), seal.nonce.size());
    std::array<std::byte, 32> key;
    if (!derive(seal, passphrase, key)) return base::Error{"no memory for the passphrase's key"};
    crypto_secretbox_easy(raw(seal.box.data()), raw(seed.data()), seed.size(),
                          raw(seal.nonce.data()), raw(key.data()));
    sodium_memzero(key.data(), key.size());
    text += fmt::format(
        "salt = \"{}\"\nnonce = \"{}\"\nbox = \"{}\"\noperations = {}\nmemory_bytes = {}\n",
        base::to_hex(seal.salt), base::to_hex(seal.nonce), base::to_hex(seal.box), seal.operations,
        seal.memory_bytes);
  } else {
    text += fmt::format("seed = \"{}\"\n", base::to_hex(seed));
  }
  sodium_memzero(seed.data(), seed.size());
  base::Status written = write_new(path, text);
  sodium_memzero(text.data(), text.size());
  if (!written.ok()) return written.error();
  return made;
}

base::Result<KeyFile> read_key_file(const std::string& path) {
  auto content = read(path);
  if (!content.ok()) return content.error();
  return content.value().file;
}

base::Result<base::KeyPair> load_key(const std::string& path, std::string_view passphrase) {
  ASSERT(sodium_init() >= 0, "libsodium does not start");
  struct stat found {};
  constexpr mode_t kOthers = S_IRWXG | S_IRWXO;
  if (::stat(path.c_str(), &found) == 0 && (found.st_mode & kOthers) != 0) {
    return base::Error{
        fmt::format("{}: others may read it; `chmod 600 {}`, and consider whether "
                    "somebody has",
                    path, path)};
  }
  auto read_content = read(path);
  if (!read_content.ok()) return read_content.error();
  Content& content = read_content.value();
  if (content.file.is_sealed) {
    if (passphrase.empty()) {
      return base::Error{fmt::format("{}: is sealed; --passphrase-file says with what", path)};
    }
    std::array<std::byte, 32> key;
    const bool is_derived = derive(content.seal, passphrase, key);
    const bool is_open =
        is_derived && crypto_secretbox_open_easy(
                          raw(content.seed.data()), raw(content.seal.box.data()), kSealedBytes,
                          raw(content.seal.nonce.data()), raw(key.data())) == 0;
    sodium_memzero(key.data(), key.size());
    if (!is_open) {
      return base::Error{fmt::format("{}: the passphrase does not open it", path)};
    }
  }
  const base::KeyPair pair = base::key_pair_from_seed(content.seed);
  sodium_memzero(content.seed.data(), content.seed.size());
  if (pair.public_key != content.file.public_key) {
    return base::Error{fmt::format("{}: damaged: its halves do not belong together", path)};
  }
  return pair;
}

}  // namespace okiagari::client
