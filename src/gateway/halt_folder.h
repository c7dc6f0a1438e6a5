// The folder into which signed halts are dropped, and the answers beside them: the path that is
// left when everything else is dead. A document is a file; its answer is the file of the same name
// with .answer behind it. A name that begins with a dot or ends in .new is somebody's unfinished
// file and is left alone.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "base/result.h"

namespace okiagari::gateway {

class HaltFolder {
 public:
  static constexpr std::size_t kNamesMax = 4'096;
  static constexpr std::string_view kAnswerEnding = ".answer";

  // Makes the folder.
  [[nodiscard]] static base::Result<HaltFolder> open(std::string path);

  // Hands every document that is new or changed to `judge` and writes what that returns beside it.
  void poll(
      const std::function<std::string(const std::string& name, std::string_view text)>& judge);

 private:
  // A file is another one when any of these is.
  struct Identity {
    std::int64_t changed_ns = 0;
    std::uint64_t size_bytes = 0;
    std::uint64_t inode = 0;
    bool operator==(const Identity&) const = default;
  };

  explicit HaltFolder(std::string path) : path_(std::move(path)) {}
  [[nodiscard]] static bool look_at(const std::string& path, Identity& identity);
  void take(const std::string& name,
            const std::function<std::string(const std::string&, std::string_view)>& judge);

  std::string path_;
  std::map<std::string, Identity> seen_;
};

}  // namespace okiagari::gateway
