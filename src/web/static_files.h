// Files of a folder, as they are: the built console. Read once at the start, so that what is served
// does not change under a reader and no path ever leaves the folder.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "base/result.h"
#include "net/http_message.h"

namespace okiagari::web {

class StaticFiles {
 public:
  static constexpr std::size_t kFilesMax = 500;
  static constexpr std::size_t kBytesMax = 20u << 20;

  StaticFiles() = default;
  // Errors name the file.
  [[nodiscard]] static base::Result<StaticFiles> load(const std::string& folder);

  // `path` below the folder; "" is index.html. 404 when there is none.
  [[nodiscard]] net::HttpResponse answer(const net::HttpRequest& request,
                                         std::string_view path) const;
  [[nodiscard]] bool empty() const { return files_.empty(); }

 private:
  struct File {
    std::string body;
    std::string type;
    std::string tag;        // for If-None-Match
    bool is_named_by_hash;  // never changes under its name
  };
  std::map<std::string, File, std::less<>> files_;
};

}  // namespace okiagari::web
