#include "gateway/halt_folder.h"

#include <dirent.h>
#include <fmt/format.h>
#include <spdlog/spdlog.h>
#include <sys/stat.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <vector>

#include "wire/halt_document.h"

namespace okiagari::gateway {

namespace {

// One byte more than a document may have, so that one that is too large is seen to be.
std::string read_file(const std::string& path) {
  std::string text(wire::kHaltDocumentBytesMax + 1, '\0');
  std::ifstream file(path, std::ios::binary);
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(std::max<std::streamsize>(0, file.gcount())));
  return text;
}

bool is_document(std::string_view name) {
  return !name.starts_with('.') && !name.ends_with(HaltFolder::kAnswerEnding) &&
         !name.ends_with(".new");
}

std::vector<std::string> names_in(const std::string& path) {
  std::vector<std::string> names;
  DIR* folder = ::opendir(path.c_str());
  if (folder == nullptr) return names;
  while (const dirent* entry = ::readdir(folder)) {
    if (!is_document(entry->d_name)) continue;
    if (names.size() >= HaltFolder::kNamesMax) break;
    names.emplace_back(entry->d_name);
  }
  ::closedir(folder);
  // Documents that come together are taken by name, not by the chance of the folder's order.
  std::sort(names.begin(), names.end());
  return names;
}

}  // namespace

base::Result<HaltFolder> HaltFolder::open(std::string path) {
  std::error_code error;
  std::filesystem::create_directories(path, error);
  if (error) return base::Error{fmt::format("{}: cannot be made: {}", path, error.message())};
  return HaltFolder(std::move(path));
}

bool HaltFolder::look_at(const std::string& path, Identity& identity) {
  struct stat found {};
  if (::stat(path.c_str(), &found) != 0 || !S_ISREG(found.st_mode)) return false;
  constexpr std::int64_t kSecond_ns = 1'000'000'000;
  identity = {found.st_mtim.tv_sec * kSecond_ns + found.st_mtim.tv_nsec,
              static_cast<std::uint64_t>(found.st_size), found.st_ino};
  return true;
}

void HaltFolder::poll(
    const std::function<std::string(const std::string& name, std::string_view text)>& judge) {
  const std::vector<std::string> names = names_in(path_);
  for (const std::string& name : names) take(name, judge);
  std::erase_if(seen_, [&](const auto& known) {
    return !std::binary_search(names.begin(), names.end(), known.first);
  });
}

// One that was answered before this process began is left alone, unless it was changed since.
void HaltFolder::take(
    const std::string& name,
    const std::function<std::string(const std::string&, std::string_view)>& judge) {
  const std::string path = path_ + "/" + name;
  const std::string answer_path = path + std::string(kAnswerEnding);
  Identity now;
  if (!look_at(path, now)) return;
  const auto known = seen_.find(name);
  if (known != seen_.end() && known->second == now) return;
  Identity answered;
  const bool is_new_here = known == seen_.end();
  seen_[name] = now;
  if (is_new_here && look_at(answer_path, answered) && answered.changed_ns > now.changed_ns) return;
  const std::string answer = judge(name, read_file(path));
  const std::string fresh = path_ + "/." + name + ".new";
  std::ofstream file(fresh, std::ios::trunc);
  file << answer;
  file.close();
  if (!file || std::rename(fresh.c_str(), answer_path.c_str()) != 0) {
    spdlog::error("{}: cannot be written; the answer was: {}", answer_path, answer);
  }
}

}  // namespace okiagari::gateway
