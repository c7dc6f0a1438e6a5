// The kernel's own messages (/dev/kmsg): what it says of disks, memory, network and processes that
// it had to kill. Where they cannot be read, nothing is said.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "watch/kernel_subject.h"
#include "watch/moment.h"
#include "watch/reporter.h"

namespace okiagari::watch {

struct KernelMessage {
  int level = 6;  // 0 emergency to 7 debug
  std::uint64_t number = 0;
  std::string_view text;
};
// A record as the device gives it: "6,1234,5678,-;text", continued by lines that are left out.
[[nodiscard]] std::optional<KernelMessage> parse_kernel_message(std::string_view record);

// Which signal the words are, if any.
[[nodiscard]] std::optional<std::string_view> signal_of_kernel_text(std::string_view text);

class KernelLog {
 public:
  KernelLog(std::string host, const std::string& device, Reporter& reporter);
  ~KernelLog();
  KernelLog(const KernelLog&) = delete;
  KernelLog& operator=(const KernelLog&) = delete;

  // Which parts of the market it may speak of.
  [[nodiscard]] KernelSubject& subject() { return subject_; }
  // Takes what has come since, so many records at most in one call.
  void tick(const Moment& moment);
  [[nodiscard]] bool is_readable() const { return file_ >= 0; }

 private:
  void take(std::string_view record, const Moment& moment);

  std::string host_;
  Reporter& reporter_;
  KernelSubject subject_;
  int file_ = -1;
};

}  // namespace okiagari::watch
