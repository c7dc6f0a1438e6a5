// Which part of the market a message of the kernel is about: by the device that holds a server's
// folder, or by the number of its process. What names neither is about the host.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace okiagari::watch {

class KernelSubject {
 public:
  // Numbers of processes that are remembered: the kernel may speak of one that has just ended.
  static constexpr std::size_t kProcessesMax = 1'000;

  void device(const std::string& name, const std::string& entity) { devices_[name] = entity; }
  void process(pid_t pid, const std::string& entity);

  [[nodiscard]] std::optional<std::string> find(std::string_view text) const;
  // Whether the text names a process at all, be it the market's or not.
  [[nodiscard]] static std::optional<pid_t> process_in(std::string_view text);
  // And whether a disk.
  [[nodiscard]] static bool has_device(std::string_view text);

 private:
  std::map<std::string, std::string> devices_;
  std::deque<std::pair<pid_t, std::string>> processes_;  // newest last
};

// The name of the block device that a folder stands on, as the kernel's messages have it ("loop0",
// "sda1"), from the text of /proc/self/mountinfo; empty when it stands on none.
[[nodiscard]] std::string device_of(std::string_view mountinfo, std::string_view folder);

}  // namespace okiagari::watch
