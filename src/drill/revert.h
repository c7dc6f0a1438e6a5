// How faults are taken back: written down as data before the fault is inflicted, so that another
// process can do it when this one is dead, and checked afterwards.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace okiagari::drill {

struct Revert {
  enum class Kind : std::uint8_t {
    end_process,   // kill it; it is that process only if it began at that time
    let_continue,  // SIGCONT
    remove_file,
    restore_file,   // from `other`, a copy made before
    delete_filter,  // the nftables table of that name
    unmount,        // the file system mounted there
    remove_folder,  // an empty one: a control group
  };
  Kind kind{};
  std::string subject;  // path or name
  std::string other;
  pid_t process = 0;
  std::uint64_t began_ticks = 0;  // as /proc/PID/stat says
};

[[nodiscard]] Revert end_process(pid_t process);
[[nodiscard]] Revert let_continue(pid_t process);
[[nodiscard]] Revert remove_file(std::string path);
[[nodiscard]] Revert restore_file(std::string path, std::string copy);
[[nodiscard]] Revert delete_filter(std::string table);
[[nodiscard]] Revert unmount(std::string path);
[[nodiscard]] Revert remove_folder(std::string path);

// Takes back and looks whether it is so. The error says what is left and how to remove it by hand.
// What is gone already is taken back.
[[nodiscard]] base::Status take_back(const Revert& revert);
// What was looked at, in words.
[[nodiscard]] std::string verified_words(const Revert& revert);

[[nodiscard]] std::string to_json(const std::vector<Revert>& reverts);
[[nodiscard]] base::Result<std::vector<Revert>> reverts_from_json(std::string_view text);

// When a process began, in the kernel's ticks, and its state; 0 and '?' when there is none.
struct ProcessState {
  char state = '?';
  std::uint64_t began_ticks = 0;
};
[[nodiscard]] ProcessState look_at_process(pid_t process);

}  // namespace okiagari::drill
