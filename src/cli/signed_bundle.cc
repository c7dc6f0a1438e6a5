#include "cli/signed_bundle.h"

#include <fmt/format.h>
#include <lzma.h>
#include <sodium.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>
#include <map>

#include "base/hash.h"
#include "cause/packed_files.h"
#include "net/loop.h"

namespace okiagari::cli {

namespace {

constexpr std::size_t kBlockBytes = 512;
constexpr std::size_t kPathBytesMax = 99;
constexpr std::string_view kManifest = "MANIFEST.txt";
constexpr std::string_view kSignature = "MANIFEST.sig";
constexpr std::string_view kPublicKey = "PUBLIC_KEY.txt";

std::string sha256_of(std::string_view text) {
  std::array<unsigned char, crypto_hash_sha256_BYTES> hash{};
  crypto_hash_sha256(hash.data(), reinterpret_cast<const unsigned char*>(text.data()), text.size());
  return base::to_hex(std::as_bytes(std::span(hash)));
}

bool is_plain_path(std::string_view path) {
  const bool is_plain = std::all_of(path.begin(), path.end(), [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '-' || c == '_' || c == '.' ||
           c == '/';
  });
  return is_plain && !path.empty() && path.front() != '/' &&
         path.find("..") == std::string_view::npos;
}

// A header of the ustar format: names and numbers in octal, with a checksum.
struct TarHeader {
  std::array<char, kBlockBytes> block{};

  void put(std::size_t at, std::string_view text) {
    std::memcpy(block.data() + at, text.data(), text.size());
  }
  void put_octal(std::size_t at, std::size_t digits, std::uint64_t number) {
    put(at, fmt::format("{:0{}o}", number, digits));
  }
};

std::string tar_entry(const std::string& path, std::string_view text, std::uint64_t at_s) {
  TarHeader header;
  header.put(0, path);
  header.put_octal(100, 7, 0644);
  header.put_octal(108, 7, 0);
  header.put_octal(116, 7, 0);
  header.put_octal(124, 11, text.size());
  header.put_octal(136, 11, at_s);
  header.put(148, "        ");
  header.put(156, "0");
  header.put(257, std::string_view("ustar\0"
                                   "00",
                                   8));
  std::uint64_t sum = 0;
  for (const char c : header.block) sum += static_cast<unsigned char>(c);
  header.put(148, fmt::format("{:06o}", sum));
  header.block[154] = '\0';
  std::string entry(header.block.data(), header.block.size());
  entry += text;
  entry.resize((entry.size() + kBlockBytes - 1) / kBlockBytes * kBlockBytes, '\0');
  return entry;
}

base::Result<std::string> packed(const std::string& archive) {
  // Quick, and small enough: logs shrink to a tenth.
  constexpr std::uint32_t kPreset = 1;
  std::string out(lzma_stream_buffer_bound(archive.size()), '\0');
  std::size_t size = 0;
  const lzma_ret done = lzma_easy_buffer_encode(
      kPreset, LZMA_CHECK_CRC64, nullptr, reinterpret_cast<const std::uint8_t*>(archive.data()),
      archive.size(), reinterpret_cast<std::uint8_t*>(out.data()), &size, out.size());
  if (done != LZMA_OK) return base::Error{fmt::format("packing failed: {}", int{done})};
  out.resize(size);
  return out;
}

// One line of the manifest: "<64 hex digits>  <size>  <path>".
struct Listed {
  std::string hash;
  std::size_t size = 0;
};

std::string first_line(std::string_view text) {
  return std::string(text.substr(0, std::min(text.find('\n'), text.size())));
}

base::Result<std::map<std::string, Listed>> read_manifest(std::string_view text) {
  std::map<std::string, Listed> listed;
  while (!text.empty()) {
    const std::string line = first_line(text);
    text.remove_prefix(std::min(text.size(), line.size() + 1));
    const std::size_t second = line.find("  ", 66);
    Listed file;
    bool is_good = line.size() > 66 && line.substr(64, 2) == "  " && second != std::string::npos;
    if (is_good) {
      file.hash = line.substr(0, 64);
      const auto [end, failed] = std::from_chars(line.data() + 66, line.data() + second, file.size);
      is_good = failed == std::errc{} && end == line.data() + second;
    }
    if (!is_good) return base::Error{fmt::format("MANIFEST.txt: '{}' is no line of it", line)};
    if (!listed.emplace(line.substr(second + 2), file).second) {
      return base::Error{fmt::format("MANIFEST.txt: '{}' is there twice", line)};
    }
  }
  return listed;
}

void check_files(const std::map<std::string, std::string>& files,
                 const std::map<std::string, Listed>& listed, BundleCheck& check) {
  for (const auto& [path, file] : listed) {
    const auto found = files.find(path);
    if (found == files.end()) {
      check.problems.push_back(path + ": is missing");
    } else if (found->second.size() != file.size || sha256_of(found->second) != file.hash) {
      check.problems.push_back(path + ": is not what was signed");
    } else {
      ++check.files;
    }
  }
  for (const auto& [path, text] : files) {
    const bool is_own = path == kManifest || path == kSignature || path == kPublicKey;
    if (!is_own && !listed.contains(path)) check.problems.push_back(path + ": nobody signed it");
  }
}

}  // namespace

void SignedBundle::add(std::string path, std::string text) {
  if (!is_plain_path(path)) return note_cut(fmt::format("a file of the name '{}'", path));
  if (files_.size() >= kFilesMax || text.size() > kBytesMax - bytes_) {
    return note_cut(fmt::format("{}: {} bytes: the bundle is full", path, text.size()));
  }
  bytes_ += text.size();
  files_.push_back({std::move(path), std::move(text)});
}

void SignedBundle::note_cut(const std::string& what) { cut_ += what + "\n"; }

base::Result<std::string> SignedBundle::pack(const std::string& folder,
                                             const base::KeyPair& key) const {
  std::vector<BundledFile> all = files_;
  all.push_back({"CUT.txt", cut_.empty() ? "nothing was cut\n" : cut_});
  std::string manifest;
  for (const BundledFile& file : all) {
    manifest += fmt::format("{}  {}  {}\n", sha256_of(file.text), file.text.size(), file.path);
  }
  const base::Signature signature = base::sign(base::as_bytes(manifest), key.secret_key);
  all.push_back({std::string(kManifest), manifest});
  all.push_back({std::string(kSignature), base::to_hex(signature) + "\n"});
  all.push_back({std::string(kPublicKey), base::to_hex(key.public_key) + "\n"});
  const std::uint64_t now_s = net::Loop::wall_ns() / 1'000'000'000;
  std::string archive;
  for (const BundledFile& file : all) {
    const std::string path = folder + "/" + file.path;
    if (path.size() > kPathBytesMax) {
      return base::Error{fmt::format("{}: the path is too long for an archive", path)};
    }
    archive += tar_entry(path, file.text, now_s);
  }
  archive.append(2 * kBlockBytes, '\0');
  return packed(archive);
}

base::Result<BundleCheck> check_signed_bundle(const std::string& path,
                                              const std::string& public_key) {
  std::map<std::string, std::string> files;
  const cause::PackedLimits limits{SignedBundle::kBytesMax, SignedBundle::kFilesMax + 4};
  std::size_t bytes = 0;
  const base::Status read = cause::for_each_file(
      path,
      [&](const std::string& name, std::string_view text) {
        bytes += text.size();
        const std::size_t slash = name.find('/');
        files[slash == std::string::npos ? name : name.substr(slash + 1)] = std::string(text);
        return bytes <= 2 * SignedBundle::kBytesMax;
      },
      limits);
  if (!read) return read.error();
  for (const std::string_view own : {kManifest, kSignature, kPublicKey}) {
    if (!files.contains(std::string(own))) {
      return base::Error{fmt::format("{}: has no {}: it is no bundle", path, own)};
    }
  }
  BundleCheck check;
  const std::string& manifest = files[std::string(kManifest)];
  check.public_key = public_key.empty() ? first_line(files[std::string(kPublicKey)]) : public_key;
  base::PublicKey key{};
  base::Signature signature{};
  if (!base::from_hex(check.public_key, key)) {
    return base::Error{"a public key has 64 hex digits"};
  }
  if (!base::from_hex(first_line(files[std::string(kSignature)]), signature) ||
      !base::verify_signature(base::as_bytes(manifest), signature, key)) {
    check.problems.push_back("MANIFEST.sig: is no signature of that key over MANIFEST.txt");
  }
  auto listed = read_manifest(manifest);
  if (!listed) return listed.error();
  check_files(files, listed.value(), check);
  return check;
}

}  // namespace okiagari::cli
