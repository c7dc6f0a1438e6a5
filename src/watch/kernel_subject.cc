#include "watch/kernel_subject.h"

#include <array>
#include <charconv>

namespace okiagari::watch {

namespace {

bool is_word(char letter) {
  return (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z') ||
         (letter >= '0' && letter <= '9');
}

bool has_word(std::string_view text, std::string_view word) {
  for (std::size_t at = text.find(word); at != std::string_view::npos;
       at = text.find(word, at + 1)) {
    const std::size_t end = at + word.size();
    const bool begins = at == 0 || !is_word(text[at - 1]);
    const bool ends = end == text.size() || !is_word(text[end]);
    if (begins && ends) return true;
  }
  return false;
}

// "sda" of "sda1", "nvme0n1" of "nvme0n1p2": errors are told of the whole disk.
std::string_view whole_disk_of(std::string_view device) {
  std::size_t end = device.size();
  while (end > 0 && device[end - 1] >= '0' && device[end - 1] <= '9') --end;
  if (end == device.size() || end < 2 || device.starts_with("loop") || device.starts_with("dm-")) {
    return device;
  }
  const bool is_numbered =
      device[end - 1] == 'p' && device[end - 2] >= '0' && device[end - 2] <= '9';
  if (is_numbered) return device.substr(0, end - 1);
  return device.starts_with("nvme") || device.starts_with("md") ? device : device.substr(0, end);
}

std::string_view cut_word(std::string_view& rest) {
  const std::size_t end = rest.find(' ');
  const std::string_view word = rest.substr(0, end);
  rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 1);
  return word;
}

}  // namespace

void KernelSubject::process(pid_t pid, const std::string& entity) {
  if (pid <= 0) return;
  for (const auto& [known, name] : processes_) {
    if (known == pid && name == entity) return;
  }
  if (processes_.size() >= kProcessesMax) processes_.pop_front();
  processes_.emplace_back(pid, entity);
}

// "Killed process 4711 (okiagari)", "task=okiagari,pid=4711,uid=0", "okiagari[4711]: segfault at",
// "task okiagari:4711 blocked for more than 120 seconds"
std::optional<pid_t> KernelSubject::process_in(std::string_view text) {
  constexpr std::array<std::string_view, 4> kBefore = {"process ", "pid=", "[", ":"};
  for (const std::string_view before : kBefore) {
    for (std::size_t at = text.find(before); at != std::string_view::npos;
         at = text.find(before, at + 1)) {
      const char* begin = text.data() + at + before.size();
      pid_t pid = 0;
      const auto [end, error] = std::from_chars(begin, text.data() + text.size(), pid);
      if (error == std::errc() && end != begin && pid > 0) return pid;
    }
  }
  return std::nullopt;
}

bool KernelSubject::has_device(std::string_view text) {
  for (const std::string_view before : {"dev ", "device ", "XFS (", "EXT4-fs (", "-fs error ("}) {
    if (text.find(before) != std::string_view::npos) return true;
  }
  return false;
}

std::optional<std::string> KernelSubject::find(std::string_view text) const {
  for (const auto& [device, entity] : devices_) {
    if (has_word(text, device) || has_word(text, whole_disk_of(device))) return entity;
  }
  const auto pid = process_in(text);
  if (!pid) return std::nullopt;
  for (auto one = processes_.rbegin(); one != processes_.rend(); ++one) {
    if (one->first == *pid) return one->second;
  }
  return std::nullopt;
}

// "36 35 98:0 /root /mnt/point rw,noatime master:1 - ext4 /dev/root rw": the mount point is the
// fifth word, the source the second behind the dash. The longest mount point around the folder
// holds it.
std::string device_of(std::string_view mountinfo, std::string_view folder) {
  std::size_t longest = 0;
  std::string device;
  while (!mountinfo.empty()) {
    const std::size_t end = mountinfo.find('\n');
    std::string_view line = mountinfo.substr(0, end);
    mountinfo = end == std::string_view::npos ? std::string_view() : mountinfo.substr(end + 1);
    const std::size_t dash = line.find(" - ");
    if (dash == std::string_view::npos) continue;
    std::string_view behind = line.substr(dash + 3);
    for (int i = 0; i < 4; ++i) (void)cut_word(line);
    const std::string_view point = cut_word(line);
    (void)cut_word(behind);
    const std::string_view source = cut_word(behind);
    const bool holds =
        folder == point || point == "/" ||
        (folder.starts_with(point) && folder.size() > point.size() && folder[point.size()] == '/');
    if (!holds || point.size() < longest) continue;
    longest = point.size();
    const std::size_t slash = source.rfind('/');
    device = source.starts_with("/dev/") ? std::string(source.substr(slash + 1)) : std::string();
  }
  return device;
}

}  // namespace okiagari::watch
