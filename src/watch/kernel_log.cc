#include "watch/kernel_log.h"

#include <errno.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <charconv>
#include <utility>

#include "watch/signal.h"

namespace okiagari::watch {

namespace {

constexpr std::size_t kRecordsPerTurn = 64;
constexpr std::size_t kTextBytesMax = 500;

struct Words {
  std::string_view text;
  std::string_view signal;
};
// The first that is found counts; lower case, like what they are looked for in.
constexpr std::array kWords = {
    Words{"out of memory: kill", signal::out_of_memory_kill},
    Words{"oom-kill:", signal::out_of_memory_kill},
    Words{"machine check", signal::memory_error},
    Words{"hardware error", signal::memory_error},
    Words{"edac", signal::memory_error},
    Words{"uncorrected error", signal::memory_error},
    Words{"i/o error", signal::disk_error},
    Words{"critical medium error", signal::disk_error},
    Words{"remounting filesystem read-only", signal::disk_error},
    Words{"ext4-fs error", signal::disk_error},
    Words{"xfs_do_force_shutdown", signal::disk_error},
    Words{"metadata corruption", signal::disk_error},
    Words{"controller is down", signal::disk_error},
    Words{"failed command:", signal::disk_error},
    Words{"netdev watchdog", signal::network_error},
    Words{"link is down", signal::network_error},
    Words{"carrier lost", signal::network_error},
    Words{"segfault at", signal::process_crashed},
    Words{"general protection fault", signal::process_crashed},
    Words{"blocked for more than", signal::process_frozen},
    Words{"temperature above threshold", signal::temperature_high},
    Words{"possible syn flooding", signal::connections_high},
};

}  // namespace

std::optional<KernelMessage> parse_kernel_message(std::string_view record) {
  const std::size_t semicolon = record.find(';');
  if (semicolon == std::string_view::npos) return std::nullopt;
  std::string_view head = record.substr(0, semicolon);
  std::uint64_t numbers[2] = {};
  for (std::uint64_t& number : numbers) {
    const std::size_t comma = head.find(',');
    if (comma == std::string_view::npos) return std::nullopt;
    const auto [end, error] = std::from_chars(head.data(), head.data() + comma, number);
    if (error != std::errc() || end != head.data() + comma) return std::nullopt;
    head = head.substr(comma + 1);
  }
  KernelMessage message;
  message.level = static_cast<int>(numbers[0] & 7u);
  message.number = numbers[1];
  message.text = record.substr(semicolon + 1);
  message.text = message.text.substr(0, message.text.find('\n'));
  return message;
}

std::optional<std::string_view> signal_of_kernel_text(std::string_view text) {
  std::string lower(text.substr(0, kTextBytesMax));
  for (char& letter : lower) {
    if (letter >= 'A' && letter <= 'Z') letter = static_cast<char>(letter - 'A' + 'a');
  }
  for (const Words& words : kWords) {
    if (lower.find(words.text) != std::string::npos) return words.signal;
  }
  return std::nullopt;
}

KernelLog::KernelLog(std::string host, const std::string& device, Reporter& reporter)
    : host_(std::move(host)),
      reporter_(reporter),
      file_(::open(device.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC)) {
  // What happened before the watch began is no news.
  if (file_ >= 0) (void)::lseek(file_, 0, SEEK_END);
}

KernelLog::~KernelLog() {
  if (file_ >= 0) ::close(file_);
}

void KernelLog::tick(const Moment& moment) {
  char record[8'192];
  for (std::size_t i = 0; file_ >= 0 && i < kRecordsPerTurn; ++i) {
    const ssize_t size = ::read(file_, record, sizeof record);
    // EPIPE: some were overwritten before they were read; the next is the oldest still there.
    if (size < 0 && errno == EPIPE) continue;
    if (size <= 0) return;
    take({record, static_cast<std::size_t>(size)}, moment);
  }
}

void KernelLog::take(std::string_view record, const Moment& moment) {
  const auto message = parse_kernel_message(record);
  if (!message) return;
  const auto signal = signal_of_kernel_text(message->text);
  if (!signal) return;
  const auto part = subject_.find(message->text);
  // What happens to somebody else's process or disk is none of the market's affairs, unless the
  // host itself has no memory left.
  const bool is_of_process =
      *signal == signal::process_crashed || *signal == signal::process_frozen;
  const bool is_of_group = *signal == signal::out_of_memory_kill &&
                           (message->text.find("emory cgroup") != std::string_view::npos ||
                            message->text.find("CONSTRAINT_MEMCG") != std::string_view::npos);
  const bool is_of_disk = *signal == signal::disk_error;
  const bool has_process = KernelSubject::process_in(message->text).has_value();
  const bool has_device = KernelSubject::has_device(message->text);
  if (!part && has_process && (is_of_process || is_of_group)) return;
  if (!part && has_device && is_of_disk) return;
  reporter_.report(
      moment, {.entity = part.value_or("host " + host_),
               .signal = *signal,
               .statement = said("the kernel of host {} says: {}", "ホスト{}のカーネルの記録: {}",
                                 host_, message->text.substr(0, kTextBytesMax)),
               .value = static_cast<double>(message->level),
               .reference = fmt::format("/dev/kmsg {}", message->number)});
}

}  // namespace okiagari::watch
