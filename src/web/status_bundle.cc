#include "web/status_bundle.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sodium.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>

#include "base/hash.h"
#include "desk/time_text.h"
#include "web/ed25519_pem.h"
#include "web/feeds.h"
#include "web/status_page.h"
#include "web/status_palette.h"
#include "web/statuspage_json.h"
#include "web/work_page.h"

namespace okiagari::web {

namespace {

namespace fs = std::filesystem;

constexpr std::string_view kManifest = "MANIFEST.txt";
constexpr std::string_view kSignature = "MANIFEST.sig";
constexpr std::size_t kIncidentsMax = 200;
constexpr std::size_t kFileBytesMax = 4u << 20;
constexpr std::size_t kFilesMax = 10'000;

std::string sha256_hex(std::string_view text) {
  std::array<std::byte, crypto_hash_sha256_BYTES> hash{};
  crypto_hash_sha256(reinterpret_cast<unsigned char*>(hash.data()),
                     reinterpret_cast<const unsigned char*>(text.data()), text.size());
  return base::to_hex(hash);
}

std::string blake2b_hex(std::string_view text) {
  return base::to_hex(base::digest(base::as_bytes(text)));
}

std::string raw(const base::Signature& signature) {
  return {reinterpret_cast<const char*>(signature.data()), signature.size()};
}

void add_pages(const PublicView& view, BundleFiles& files) {
  for (const Language language : {Language::ja, Language::en}) {
    const PageStyle style{language, {true}};
    const std::string name(to_string(language));
    files[name + ".html"] = status_page(view, style);
    files[name + "/history.html"] = history_page(view, style);
    files[name + "/maintenance.html"] = work_page(view, style);
    files[name + "/verify.html"] = verify_page(view, style);
    const std::size_t count = std::min(view.incidents.size(), kIncidentsMax);
    for (std::size_t at = 0; at < count; ++at) {
      const PublicIncident& incident = view.incidents[at];
      files[fmt::format("{}/incidents/{}.html", name, incident.id)] =
          incident_page(view, incident, style);
    }
  }
  files["index.html"] = files.at("ja.html");
}

void add_notices(const PublicView& view, BundleFiles& files) {
  for (const PublicIncident& incident : view.incidents) {
    for (const desk::Notice* notice : incident.notices) {
      files[fmt::format("notices/{}.txt", notice->id)] = notice->signed_text;
      base::Signature signature{};
      if (base::from_hex(notice->signature, signature)) {
        files[fmt::format("notices/{}.sig", notice->id)] = raw(signature);
      }
    }
  }
}

std::string instructions() {
  return "This folder is a copy of the public page of an exchange. To check it:\n\n"
         "  openssl pkeyutl -verify -pubin -inkey key.pem -rawin -in MANIFEST.txt -sigfile "
         "MANIFEST.sig\n"
         "  sed -n 's/^sha256 //p' MANIFEST.txt | sha256sum -c\n\n"
         "Compare key.pem with the exchange's key from another source first: whoever forges a "
         "copy also forges its key.\n";
}

std::string manifest_of(const PublicView& view, const BundleFiles& files) {
  std::string text = fmt::format("Okiagari status bundle\nurl: {}\nwritten: {}\nfiles: {}\n",
                                 view.settings.url, desk::rfc3339_text(view.now_ns), files.size());
  for (const auto& [path, content] : files) {
    text += fmt::format("sha256 {}  {}\n", sha256_hex(content), path);
  }
  for (const auto& [path, content] : files) {
    text += fmt::format("blake2b {}  {}\n", blake2b_hex(content), path);
  }
  return text;
}

base::Status write_file(const fs::path& path, std::string_view content) {
  const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  if (file < 0) return base::Error{fmt::format("{} cannot be written", path.string())};
  bool is_written = true;
  while (!content.empty() && is_written) {
    const ssize_t count = ::write(file, content.data(), content.size());
    is_written = count > 0;
    if (is_written) content.remove_prefix(static_cast<std::size_t>(count));
  }
  is_written = ::close(file) == 0 && is_written;
  if (is_written) return {};
  return base::Error{fmt::format("{} was not written whole: is the disk full?", path.string())};
}

base::Status point_to(const fs::path& folder, const std::string& name) {
  std::error_code error;
  const fs::path next = folder / "next";
  fs::remove(next, error);
  fs::create_symlink(name, next, error);
  if (!error) fs::rename(next, folder / "current", error);
  if (error) {
    return base::Error{
        fmt::format("{}/current cannot be turned: {}", folder.string(), error.message())};
  }
  return {};
}

void remove_old(const fs::path& folder, const std::set<std::string>& kept) {
  std::error_code error;
  for (const auto& item : fs::directory_iterator(folder, error)) {
    const std::string name = item.path().filename().string();
    if (name.starts_with("copy-") && item.is_directory() && !kept.contains(name)) {
      std::error_code ignored;  // it is tried again with the next copy
      fs::remove_all(item.path(), ignored);
    }
  }
}

base::Result<std::string> read_file(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return base::Error{fmt::format("{} cannot be read", path.string())};
  std::string text;
  std::array<char, 65'536> part{};
  while (file.read(part.data(), part.size()) || file.gcount() > 0) {
    text.append(part.data(), static_cast<std::size_t>(file.gcount()));
    if (text.size() > kFileBytesMax) {
      return base::Error{fmt::format("{} is larger than any file of a bundle", path.string())};
    }
  }
  return text;
}

// A byte that ends a name for the kernel would make it another file than it says.
bool is_inside(std::string_view path) {
  const bool is_plain = std::none_of(path.begin(), path.end(), [](char byte) {
    return static_cast<unsigned char>(byte) < 0x20 || byte == 0x7f;
  });
  return is_plain && !path.empty() && path.front() != '/' &&
         path.find("..") == std::string_view::npos && path.find('\\') == std::string_view::npos;
}

std::string line_value(std::string_view text, std::string_view key) {
  const std::string mark = fmt::format("\n{}: ", key);
  const std::size_t at = text.find(mark);
  if (at == std::string_view::npos) return {};
  const std::size_t begin = at + mark.size();
  return std::string(text.substr(begin, text.find('\n', begin) - begin));
}

// "-----BEGIN...": the last 32 bytes of what is inside.
std::string key_of_pem(std::string_view pem) {
  const std::size_t begin = pem.find('\n');
  if (begin == std::string_view::npos) return {};
  const std::string_view text = pem.substr(begin + 1, pem.find('\n', begin + 1) - begin - 1);
  std::array<unsigned char, 64> der{};
  std::size_t size = 0;
  if (sodium_base642bin(der.data(), der.size(), text.data(), text.size(), nullptr, &size, nullptr,
                        sodium_base64_VARIANT_ORIGINAL) != 0 ||
      size != 44) {
    return {};
  }
  return base::to_hex(std::as_bytes(std::span(der).subspan(12, 32)));
}

void check_line(const fs::path& folder, std::string_view line, std::set<std::string>& named,
                BundleVerdict& verdict) {
  const bool is_sha256 = line.starts_with("sha256 ");
  if (!is_sha256 && !line.starts_with("blake2b ")) return;
  const std::size_t begin = line.find(' ') + 1;
  const std::size_t end = line.find("  ", begin);
  if (end == std::string_view::npos || !is_inside(line.substr(end + 2))) {
    verdict.problems.push_back("the manifest has a line that names no file of the bundle");
    return;
  }
  const std::string path(line.substr(end + 2));
  const auto content = read_file(folder / path);
  if (!content) {
    if (is_sha256) verdict.problems.push_back(fmt::format("{}: missing", path));
    return;
  }
  const std::string hash = is_sha256 ? sha256_hex(content.value()) : blake2b_hex(content.value());
  if (hash != line.substr(begin, end - begin)) {
    verdict.problems.push_back(
        fmt::format("{}: its {} is another one", path, is_sha256 ? "SHA-256" : "BLAKE2b"));
  }
  if (named.insert(path).second) ++verdict.files;
}

}  // namespace

BundleFiles bundle_files(const PublicView& view, const base::KeyPair& key) {
  BundleFiles files;
  add_pages(view, files);
  add_notices(view, files);
  files["status.css"] = status_css();
  files["history.atom"] = atom_feed(view);
  files["history.rss"] = rss_feed(view);
  files["maintenance.ics"] = maintenance_calendar(view);
  for (const std::string& path : statuspage_paths()) {
    files["api/v2/" + path] = *statuspage_json(view, path);
  }
  files["key.pem"] = ed25519_pem(base::to_hex(key.public_key));
  files["HOW_TO_CHECK.txt"] = instructions();
  const std::string manifest = manifest_of(view, files);
  files[std::string(kSignature)] = raw(base::sign(base::as_bytes(manifest), key.secret_key));
  files[std::string(kManifest)] = manifest;
  return files;
}

base::Status write_bundle(const BundleFiles& files, const std::string& folder,
                          const std::string& name) {
  const fs::path root(folder);
  const std::string copy = "copy-" + name;
  std::error_code error;
  const std::string before = fs::read_symlink(root / "current", error).string();
  for (const auto& [path, content] : files) {
    const fs::path file = root / copy / path;
    fs::create_directories(file.parent_path(), error);
    if (base::Status status = write_file(file, content); !status) return status;
  }
  if (base::Status status = point_to(root, copy); !status) return status;
  remove_old(root, {copy, before});
  return {};
}

base::Result<BundleVerdict> verify_bundle(const std::string& folder,
                                          const std::string& public_key) {
  const fs::path root(folder);
  const auto manifest = read_file(root / kManifest);
  if (!manifest) return manifest.error();
  const auto signature_text = read_file(root / kSignature);
  if (!signature_text) return signature_text.error();
  BundleVerdict verdict;
  verdict.public_key = public_key;
  if (public_key.empty()) {
    const auto pem = read_file(root / "key.pem");
    if (!pem) return pem.error();
    verdict.public_key = key_of_pem(pem.value());
  }
  base::PublicKey key{};
  if (!base::from_hex(verdict.public_key, key)) {
    return base::Error{"the public key is not one of Ed25519: 64 hex digits"};
  }
  base::Signature signature{};
  const std::string_view text = manifest.value();
  bool is_signed = signature_text.value().size() == signature.size();
  if (is_signed) {
    std::copy_n(base::as_bytes(signature_text.value()).begin(), signature.size(),
                signature.begin());
    is_signed = base::verify_signature(base::as_bytes(text), signature, key);
  }
  if (!is_signed) verdict.problems.push_back("MANIFEST.txt: the signature is not of this key");
  verdict.written = line_value(text, "written");
  std::set<std::string> named;
  std::size_t lines = 0;
  for (std::size_t at = 0; at < text.size() && ++lines <= 2 * kFilesMax;) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    check_line(root, text.substr(at, end - at), named, verdict);
    at = end + 1;
  }
  return verdict;
}

}  // namespace okiagari::web
