#include "watch/processor_users.h"

#include <dirent.h>
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstring>
#include <fstream>
#include <iterator>
#include <utility>

#include "watch/proc_readings.h"

namespace okiagari::watch {

namespace {
constexpr std::size_t kProcessesMax = 20'000;
constexpr std::size_t kUsersTold = 3;
}  // namespace

ProcessorUsers::Shares ProcessorUsers::take(const std::vector<Process>& processes,
                                            const std::map<pid_t, std::string>& market,
                                            std::uint64_t all_ticks) {
  Shares shares;
  const std::uint64_t before = std::exchange(all_ticks_, all_ticks);
  const std::map<pid_t, Known> known = std::exchange(known_, {});
  std::map<std::pair<std::string, std::string>, User> users;  // by name and entity
  for (const Process& process : processes) {
    known_[process.pid] = {process.started_ticks, process.ticks};
    if (before == 0 || all_ticks <= before) continue;
    const auto was = known.find(process.pid);
    // One that began since then has used all of its time since then.
    const bool is_same = was != known.end() && was->second.started_ticks == process.started_ticks;
    const std::uint64_t used =
        process.ticks - (is_same ? std::min(was->second.ticks, process.ticks) : 0);
    if (used == 0) continue;
    const double percent =
        100 * static_cast<double>(used) / static_cast<double>(all_ticks - before);
    const auto owner = market.find(process.pid);
    const std::string entity = owner == market.end() ? std::string() : owner->second;
    (entity.empty() ? shares.others_percent : shares.market_percent) += percent;
    User& user = users[{process.name, entity}];
    user.count = user.percent > 0 ? user.count + 1 : 1;
    user.name = process.name;
    user.entity = entity;
    user.percent += percent;
  }
  for (auto& [key, user] : users) shares.users.push_back(std::move(user));
  std::stable_sort(shares.users.begin(), shares.users.end(),
                   [](const User& a, const User& b) { return a.percent > b.percent; });
  if (shares.users.size() > kUsersTold) shares.users.resize(kUsersTold);
  return shares;
}

std::vector<ProcessorUsers::Process> read_processes(const std::string& proc) {
  std::vector<ProcessorUsers::Process> processes;
  DIR* folder = ::opendir(proc.c_str());
  if (folder == nullptr) return processes;
  while (const dirent* entry = ::readdir(folder)) {
    if (processes.size() >= kProcessesMax) break;
    ProcessorUsers::Process process;
    const char* end = entry->d_name + std::strlen(entry->d_name);
    const auto [rest, error] = std::from_chars(entry->d_name, end, process.pid);
    if (error != std::errc() || rest != end) continue;
    std::ifstream file(fmt::format("{}/{}/stat", proc, process.pid));
    const std::string text{std::istreambuf_iterator<char>(file), {}};
    const auto reading = parse_process(text);
    if (!reading) continue;
    process.name = reading->name;
    process.ticks = reading->ticks;
    process.started_ticks = reading->started_ticks;
    processes.push_back(std::move(process));
  }
  ::closedir(folder);
  return processes;
}

Sentence words_of(const ProcessorUsers::Shares& shares) {
  Sentence words;
  for (const ProcessorUsers::User& user : shares.users) {
    if (!words.en.empty()) words += {", ", "、"};
    words +=
        said("{}{}{} {:.0f} %", "{}{}{} {:.0f}%", user.name,
             user.entity.empty() ? Sentence() : said(" of {}", "（{}）", user.entity),
             user.count > 1 ? said(" ({} processes)", "（{}プロセス）", user.count) : Sentence(),
             user.percent);
  }
  return words;
}

}  // namespace okiagari::watch
