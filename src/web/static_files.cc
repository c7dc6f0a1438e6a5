#include "web/static_files.h"

#include <fmt/format.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "base/hash.h"
#include "net/problem.h"

namespace okiagari::web {

namespace {

std::string type_of(const std::filesystem::path& path) {
  static const std::map<std::string, std::string> kTypes = {
      {".html", "text/html; charset=utf-8"},
      {".js", "text/javascript; charset=utf-8"},
      {".css", "text/css; charset=utf-8"},
      {".svg", "image/svg+xml"},
      {".png", "image/png"},
      {".ico", "image/x-icon"},
      {".woff2", "font/woff2"},
      {".json", "application/json"},
      {".txt", "text/plain; charset=utf-8"}};
  const auto found = kTypes.find(path.extension().string());
  return found == kTypes.end() ? "application/octet-stream" : found->second;
}

}  // namespace

base::Result<StaticFiles> StaticFiles::load(const std::string& folder) {
  namespace fs = std::filesystem;
  StaticFiles files;
  std::size_t bytes = 0;
  std::error_code error;
  for (fs::recursive_directory_iterator at(folder, error), end; !error && at != end;
       at.increment(error)) {
    if (!at->is_regular_file(error) || at->is_symlink(error)) continue;
    std::ifstream in(at->path(), std::ios::binary);
    std::ostringstream text;
    text << in.rdbuf();
    if (!in) return base::Error{fmt::format("{} cannot be read", at->path().string())};
    File file;
    file.body = std::move(text).str();
    file.type = type_of(at->path());
    file.tag =
        fmt::format("\"{}\"", base::to_hex(base::digest(base::as_bytes(file.body))).substr(0, 32));
    const std::string name = fs::relative(at->path(), folder).generic_string();
    // The build names what it puts there by its contents.
    file.is_named_by_hash = name.starts_with("assets/");
    bytes += file.body.size();
    files.files_.emplace(name, std::move(file));
    if (files.files_.size() > kFilesMax || bytes > kBytesMax) {
      return base::Error{
          fmt::format("{} holds more than {} files or {} bytes", folder, kFilesMax, kBytesMax)};
    }
  }
  if (error) return base::Error{fmt::format("{}: {}", folder, error.message())};
  return files;
}

net::HttpResponse StaticFiles::answer(const net::HttpRequest& request,
                                      std::string_view path) const {
  const auto found = files_.find(path.empty() ? std::string_view("index.html") : path);
  if (found == files_.end()) return net::problem(404, "there is no such file");
  if (request.method != net::HttpMethod::get && request.method != net::HttpMethod::head) {
    net::HttpResponse response = net::problem(405, "files can only be read");
    response.headers.emplace_back("Allow", "GET, HEAD");
    return response;
  }
  const File& file = found->second;
  net::HttpResponse response;
  response.headers = {{"Content-Type", file.type},
                      {"ETag", file.tag},
                      {"Cache-Control",
                       file.is_named_by_hash ? "public, max-age=31536000, immutable" : "no-cache"}};
  if (request.header("if-none-match") == file.tag) {
    response.status = 304;
  } else {
    response.body = file.body;
  }
  return response;
}

}  // namespace okiagari::web
