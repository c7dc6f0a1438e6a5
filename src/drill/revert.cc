#include "drill/revert.h"

#include <fmt/format.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <boost/json.hpp>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>

#include "drill/program.h"

namespace okiagari::drill {

namespace {

namespace fs = std::filesystem;

constexpr int kLooks = 400;
constexpr long kLookNs = 5'000'000;

constexpr std::array<std::string_view, 7> kKinds = {"end_process",  "let_continue",  "remove_file",
                                                    "restore_file", "delete_filter", "unmount",
                                                    "remove_folder"};

// Looks again and again for two seconds: the kernel does some things a moment later.
template <typename Condition>
bool becomes(const Condition& condition) {
  for (int look = 0; look < kLooks; ++look) {
    if (condition()) return true;
    const timespec wait{0, kLookNs};
    ::nanosleep(&wait, nullptr);
  }
  return condition();
}

bool is_same(const Revert& revert) {
  return look_at_process(revert.process).began_ticks == revert.began_ticks;
}

bool has_ended(const Revert& revert) {
  const ProcessState state = look_at_process(revert.process);
  return state.began_ticks != revert.began_ticks || state.state == 'Z';
}

std::string content_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

bool is_mounted(const std::string& path) {
  std::ifstream file("/proc/self/mounts");
  std::string device;
  std::string at;
  std::string rest;
  while (file >> device >> at && std::getline(file, rest)) {
    if (at == path) return true;
  }
  return false;
}

base::Status restore(const Revert& revert) {
  const std::string content = content_of(revert.other);
  const std::string temporary = revert.subject + ".restored";
  std::ofstream(temporary, std::ios::binary | std::ios::trunc) << content;
  std::error_code error;
  fs::rename(temporary, revert.subject, error);
  if (error || content.empty() || content_of(revert.subject) != content) {
    return base::Error{
        fmt::format("{}: is not as it was; copy {} over it", revert.subject, revert.other)};
  }
  return {};
}

base::Status end(const Revert& revert) {
  if (!has_ended(revert)) ::kill(revert.process, SIGKILL);
  if (becomes([&] { return has_ended(revert); })) return {};
  return base::Error{fmt::format("process {} still runs; kill it", revert.process)};
}

base::Status go_on(const Revert& revert) {
  if (is_same(revert)) ::kill(revert.process, SIGCONT);
  if (becomes([&] { return has_ended(revert) || look_at_process(revert.process).state != 'T'; })) {
    return {};
  }
  return base::Error{fmt::format("process {} is still stopped; kill -CONT it", revert.process)};
}

base::Status unmount_now(const Revert& revert) {
  if (!is_mounted(revert.subject)) return {};
  if (::umount2(revert.subject.c_str(), 0) != 0) {
    ::umount2(revert.subject.c_str(), MNT_DETACH);
  }
  if (becomes([&] { return !is_mounted(revert.subject); })) return {};
  return base::Error{fmt::format("{}: is still mounted; umount it", revert.subject)};
}

}  // namespace

ProcessState look_at_process(pid_t process) {
  // pid (name) state ppid ...; the name may have anything in it, but ends at the last bracket.
  const std::string text = content_of(fmt::format("/proc/{}/stat", process));
  const auto bracket = text.rfind(')');
  if (bracket == std::string::npos) return {};
  std::istringstream words(text.substr(bracket + 1));
  ProcessState state;
  words >> state.state;
  constexpr int kFieldsBetween = 18;
  std::string skipped;
  for (int field = 0; field < kFieldsBetween; ++field) words >> skipped;
  words >> state.began_ticks;
  return words ? state : ProcessState{};
}

Revert end_process(pid_t process) {
  return {Revert::Kind::end_process, {}, {}, process, look_at_process(process).began_ticks};
}
Revert let_continue(pid_t process) {
  return {Revert::Kind::let_continue, {}, {}, process, look_at_process(process).began_ticks};
}
Revert remove_file(std::string path) { return {Revert::Kind::remove_file, std::move(path), {}}; }
Revert restore_file(std::string path, std::string copy) {
  return {Revert::Kind::restore_file, std::move(path), std::move(copy)};
}
Revert delete_filter(std::string table) {
  return {Revert::Kind::delete_filter, std::move(table), {}};
}
Revert unmount(std::string path) { return {Revert::Kind::unmount, std::move(path), {}}; }
Revert remove_folder(std::string path) {
  return {Revert::Kind::remove_folder, std::move(path), {}};
}

base::Status take_back(const Revert& revert) {
  std::error_code error;
  switch (revert.kind) {
    case Revert::Kind::end_process:
      return end(revert);
    case Revert::Kind::let_continue:
      return go_on(revert);
    case Revert::Kind::remove_file:
      fs::remove(revert.subject, error);
      if (!fs::exists(revert.subject, error)) return {};
      return base::Error{fmt::format("{}: is still there; remove it", revert.subject)};
    case Revert::Kind::restore_file:
      return restore(revert);
    case Revert::Kind::delete_filter:
      (void)run_program({"nft", "delete", "table", "inet", revert.subject});
      if (!run_program({"nft", "list", "table", "inet", revert.subject})) return {};
      return base::Error{fmt::format("nft delete table inet {}", revert.subject)};
    case Revert::Kind::unmount:
      return unmount_now(revert);
    case Revert::Kind::remove_folder:
      if (becomes([&] { return ::rmdir(revert.subject.c_str()) == 0 || errno == ENOENT; })) {
        return {};
      }
      return base::Error{fmt::format("{}: {}; rmdir it", revert.subject, std::strerror(errno))};
  }
  return {};
}

std::string verified_words(const Revert& revert) {
  switch (revert.kind) {
    case Revert::Kind::end_process:
      return fmt::format("process {} has ended", revert.process);
    case Revert::Kind::let_continue:
      return fmt::format("process {} is not stopped", revert.process);
    case Revert::Kind::remove_file:
      return fmt::format("{} is gone", revert.subject);
    case Revert::Kind::restore_file:
      return fmt::format("{} is as it was, byte for byte", revert.subject);
    case Revert::Kind::delete_filter:
      return fmt::format("nft has no table {}", revert.subject);
    case Revert::Kind::unmount:
      return fmt::format("{} is not mounted", revert.subject);
    case Revert::Kind::remove_folder:
      return fmt::format("{} is gone", revert.subject);
  }
  return {};
}

std::string to_json(const std::vector<Revert>& reverts) {
  boost::json::array array;
  for (const Revert& revert : reverts) {
    array.push_back({{"kind", kKinds[static_cast<std::size_t>(revert.kind)]},
                     {"subject", revert.subject},
                     {"other", revert.other},
                     {"process", revert.process},
                     {"began_ticks", revert.began_ticks}});
  }
  return boost::json::serialize(array);
}

base::Result<std::vector<Revert>> reverts_from_json(std::string_view text) {
  boost::system::error_code error;
  const boost::json::value value = boost::json::parse(text, error);
  if (error || !value.is_array()) return base::Error{"reverts: are no list"};
  std::vector<Revert> reverts;
  try {
    for (const boost::json::value& one : value.get_array()) {
      Revert& revert = reverts.emplace_back();
      const std::string_view kind = one.at("kind").as_string();
      const auto* const found = std::find(kKinds.begin(), kKinds.end(), kind);
      if (found == kKinds.end()) return base::Error{fmt::format("reverts: no kind '{}'", kind)};
      revert.kind = static_cast<Revert::Kind>(found - kKinds.begin());
      revert.subject = one.at("subject").as_string();
      revert.other = one.at("other").as_string();
      revert.process = one.at("process").to_number<pid_t>();
      revert.began_ticks = one.at("began_ticks").to_number<std::uint64_t>();
    }
  } catch (const std::exception& wrong) {
    return base::Error{fmt::format("reverts: cannot be read: {}", wrong.what())};
  }
  return reverts;
}

}  // namespace okiagari::drill
