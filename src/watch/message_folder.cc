#include "watch/message_folder.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <utility>
#include <vector>

namespace okiagari::watch {

MessageFolder::MessageFolder(std::string path, Handler handler)
    : path_(std::move(path)), handler_(std::move(handler)) {
  if (!path_.empty()) look(false);
}

void MessageFolder::tick(const Moment& moment) {
  if (path_.empty() || moment.steady_ms < next_ms_) return;
  next_ms_ = moment.steady_ms + kIntervalMs;
  look(true);
}

void MessageFolder::look(bool tells) {
  std::error_code error;
  std::vector<std::string> files;
  for (std::filesystem::directory_iterator it(path_, error), end; !error && it != end;
       it.increment(error)) {
    if (it->path().extension() == ".xml") files.push_back(it->path().string());
    if (files.size() >= kFilesMax) break;
  }
  std::sort(files.begin(), files.end());
  for (const std::string& file : files) {
    struct stat found {};
    if (::stat(file.c_str(), &found) != 0 || found.st_size <= 0) continue;
    if (static_cast<std::size_t>(found.st_size) > kFileBytesMax) continue;
    const std::string key = fmt::format("{} {} {}.{}", file, found.st_size, found.st_mtim.tv_sec,
                                        found.st_mtim.tv_nsec);
    if (std::find(taken_.begin(), taken_.end(), key) != taken_.end()) continue;
    if (taken_.size() >= 2 * kFilesMax) taken_.pop_front();
    taken_.push_back(key);
    if (!tells) continue;
    std::ifstream stream(file, std::ios::binary);
    const std::string text{std::istreambuf_iterator<char>(stream), {}};
    handler_(text, file);
  }
}

}  // namespace okiagari::watch
