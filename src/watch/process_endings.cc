#include "watch/process_endings.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <boost/json.hpp>
#include <cerrno>
#include <utility>

#include "watch/signal.h"

namespace okiagari::watch {

namespace json = boost::json;

namespace {

constexpr std::uint64_t kIntervalMs = 20;
constexpr std::size_t kWordsBytesMax = 500;

// Signals that a process brings upon itself: a bad access, a failed check.
bool is_own_fault(int signal) {
  constexpr std::array kOwn = {SIGSEGV, SIGABRT, SIGBUS, SIGILL, SIGFPE, SIGSYS, SIGTRAP};
  return std::find(kOwn.begin(), kOwn.end(), signal) != kOwn.end();
}

std::string name_of_signal(int number) {
  const char* name = ::sigabbrev_np(number);
  return name == nullptr ? std::to_string(number) : fmt::format("SIG{}", name);
}

std::string text_of(const json::object& object, std::string_view key) {
  const json::value* value = object.if_contains(key);
  if (value == nullptr || !value->is_string()) return {};
  return std::string(std::string_view(value->get_string()).substr(0, kWordsBytesMax));
}

std::int64_t number_of(const json::object& object, std::string_view key) {
  const json::value* value = object.if_contains(key);
  if (value == nullptr) return 0;
  boost::system::error_code error;
  const auto number = value->to_number<std::int64_t>(error);
  return error ? 0 : number;
}

struct Meaning {
  std::string_view signal;
  bool self_reported = false;
  EvidenceKind kind = EvidenceKind::event;
};

// What a process says by its exit code is its own word, where it speaks of what it found; that it
// ended, and how, is its parent's.
Meaning meaning_of(const ProcessEnding& ending) {
  if (ending.signal != 0 && is_own_fault(ending.signal)) return {signal::process_crashed};
  if (ending.signal != 0) return {signal::process_killed_by_signal};
  // It never ends by itself in order: somebody told it to.
  if (ending.exit_code == 0) return {signal::process_stopped, false, EvidenceKind::change};
  if (ending.reason == "usage" || ending.reason == "cannot_start" || ending.reason == "too_old") {
    return {signal::start_refused};
  }
  if (ending.reason == "journal_refused") return {signal::damage_found, true};
  if (ending.reason == "in_minority") return {signal::replica_diverged, true};
  if (ending.reason != "disk_failed") return {signal::process_gone};
  const bool is_full = ending.words.find("No space left") != std::string::npos;
  return {is_full ? signal::disk_full : signal::disk_error, true};
}

}  // namespace

std::string endings_path_in(const std::string& market_folder) {
  return market_folder + "/endings.log";
}

std::string to_line(const ProcessEnding& ending) {
  json::object object = {{"event", "process_ended"},
                         {"server", ending.entity},
                         {"pid", ending.pid},
                         {"at_ns", ending.at_ns}};
  if (ending.signal != 0) {
    object["signal"] = ending.signal;
  } else {
    object["exit_code"] = ending.exit_code;
    object["reason"] = ending.reason;
  }
  if (ending.was_asked) object["was_asked"] = true;
  if (!ending.words.empty()) object["words"] = ending.words.substr(0, kWordsBytesMax);
  return json::serialize(object) + "\n";
}

base::Status append_ending(const std::string& path, const ProcessEnding& ending) {
  const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
  if (file < 0) return base::Error{fmt::format("{}: {}", path, ::strerror(errno))};
  const std::string line = to_line(ending);
  const bool is_written =
      ::write(file, line.data(), line.size()) == static_cast<ssize_t>(line.size());
  const int error = errno;
  ::close(file);
  if (!is_written) return base::Error{fmt::format("{}: {}", path, ::strerror(error))};
  return {};
}

std::optional<ProcessEnding> parse_ending(std::string_view line) {
  boost::system::error_code error;
  const json::value value = json::parse({line.data(), line.size()}, error);
  if (error || !value.is_object()) return std::nullopt;
  const json::object& object = value.get_object();
  ProcessEnding ending;
  ending.entity = text_of(object, "server");
  if (ending.entity.empty() || text_of(object, "event") != "process_ended") return std::nullopt;
  ending.pid = number_of(object, "pid");
  ending.signal = static_cast<int>(std::clamp<std::int64_t>(number_of(object, "signal"), 0, 64));
  ending.exit_code =
      static_cast<int>(std::clamp<std::int64_t>(number_of(object, "exit_code"), 0, 255));
  ending.reason = text_of(object, "reason");
  const json::value* was_asked = object.if_contains("was_asked");
  ending.was_asked = was_asked != nullptr && was_asked->is_bool() && was_asked->get_bool();
  ending.words = text_of(object, "words");
  ending.at_ns = static_cast<TimestampNs>(std::max<std::int64_t>(0, number_of(object, "at_ns")));
  return ending;
}

ProcessEndings::ProcessEndings(const std::string& path, Reporter& reporter) : reporter_(reporter) {
  if (!path.empty()) tail_.emplace(path, false);
}

void ProcessEndings::tick(const Moment& moment) {
  if (!tail_ || moment.steady_ms < next_ms_) return;
  next_ms_ = moment.steady_ms + kIntervalMs;
  tail_->read([&](std::string_view line, std::uint64_t offset) {
    const auto ending = parse_ending(line);
    if (ending) judge(*ending, fmt::format("{}:{}", tail_->path(), offset), moment);
  });
}

void ProcessEndings::judge(const ProcessEnding& ending, const std::string& reference,
                           const Moment& moment) {
  const Meaning meaning = meaning_of(ending);
  Sentence how;
  if (ending.signal != 0) {
    how = said("was ended by {}", "{}で停止させられた", name_of_signal(ending.signal));
  } else if (ending.exit_code == 0) {
    how = {"ended in order, which it does only when it is told to",
           "正常に終了した（指示されたときにだけ起こる）"};
  } else {
    how = said("ended with exit code {} ({})", "終了コード{}（{}）で終了した", ending.exit_code,
               ending.reason);
  }
  if (ending.was_asked)
    how += {", by its supervisor with the whole market", "（監督プロセスが市場全体と共に）"};
  if (!ending.words.empty()) how += both(": " + ending.words);
  reporter_.report(
      moment, {.kind = meaning.kind,
               .entity = ending.entity,
               .signal = meaning.signal,
               .statement = said("process {} of {} {}", "{1}のプロセス{0}が{2}", ending.pid,
                                 ending.entity, how),
               .value = static_cast<double>(ending.signal != 0 ? ending.signal : ending.exit_code),
               .from_ns = ending.at_ns,
               .reference = reference,
               .self_reported = meaning.self_reported});
}

}  // namespace okiagari::watch
