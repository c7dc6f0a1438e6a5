#include "cli/journal_replay.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <spawn.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <fstream>
#include <new>
#include <optional>
#include <vector>

#include "base/hash.h"
#include "cli/command.h"
#include "cli/document_text.h"
#include "cli/sanitizer_finding.h"
#include "journal/posix_disk.h"
#include "net/loop.h"
#include "node/node.h"
#include "salvage/cold_node.h"
#include "venue/batch_reader.h"
#include "venue/names.h"

extern char** environ;

namespace okiagari::cli {

namespace {

constexpr std::uint64_t kTellEveryMs = 1'000;
// Of the time, how much goes into invariants: they take long on a full book.
constexpr std::uint64_t kInvariantShare = 4;
constexpr std::size_t kHexBytesMax = 256;
constexpr std::size_t kErrorBytesMax = 1u << 20;

class MappedPosition {
 public:
  static base::Result<std::unique_ptr<MappedPosition>> open(const std::string& path) {
    const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (file < 0) return base::Error{fmt::format("{}: cannot be made", path)};
    const bool is_sized = ::ftruncate(file, sizeof(ReplayPosition)) == 0;
    void* mapped = is_sized ? ::mmap(nullptr, sizeof(ReplayPosition), PROT_READ | PROT_WRITE,
                                     MAP_SHARED, file, 0)
                            : MAP_FAILED;
    ::close(file);
    if (mapped == MAP_FAILED) return base::Error{fmt::format("{}: cannot be mapped", path)};
    return std::unique_ptr<MappedPosition>(new MappedPosition(new (mapped) ReplayPosition()));
  }
  ~MappedPosition() { ::munmap(position_, sizeof(ReplayPosition)); }
  MappedPosition(const MappedPosition&) = delete;
  MappedPosition& operator=(const MappedPosition&) = delete;

  [[nodiscard]] ReplayPosition& operator*() { return *position_; }

 private:
  explicit MappedPosition(ReplayPosition* position) : position_(position) {}
  ReplayPosition* position_;
};

// One command, as people look for it: what it is, from whom, by which gateway, and its bytes.
std::string words_of(Sequence sequence, const venue::CommandHeader& header, base::Bytes raw) {
  std::string words = fmt::format("{} {}", sequence, venue::name_of(header.type));
  if (header.session != 0) {
    words += fmt::format(" of session {} (message {} of epoch {})", header.session,
                         header.stream_number, header.epoch);
  }
  if (header.gateway != 0) words += fmt::format(" by gateway {}", header.gateway);
  return words + "  " + base::to_hex(raw.first(std::min(raw.size(), kHexBytesMax)));
}

class Replaying {
 public:
  Replaying(const JournalReplay& replay, ReplayPosition& position)
      : replay_(replay), position_(position) {}

  void before(const journal::Entry& entry, const venue::Venue& market) {
    position_.index = entry.index;
    position_.term = entry.term;
    position_.first_sequence = market.last_sequence() + 1;
    if (entry.type != journal::EntryType::command) return;
    venue::BatchReader batch(entry.payload);
    if (!batch.is_whole()) return;
    position_.timestamp_ns = batch.header().timestamp_ns;
    is_watched_ = position_.timestamp_ns >= replay_.from_ns;
    if (!is_watched_ || !replay_.tells_commands) return;
    venue::CommandHeader header;
    base::Bytes raw;
    for (Sequence at = position_.first_sequence; batch.next(header, raw); ++at) {
      fmt::print("{}\n", words_of(at, header, raw));
    }
    std::fflush(stdout);
  }

  void after(const journal::Entry& entry, const venue::Venue& market) {
    const std::uint64_t now_ms = net::Loop::now_ms();
    if (now_ms >= tell_at_ms_) {
      tell_at_ms_ = now_ms + kTellEveryMs;
      say(fmt::format("entry {}, command {}, {}", entry.index, market.last_sequence(),
                      position_.timestamp_ns == 0 ? "before the first command"
                                                  : time_text(position_.timestamp_ns)));
    }
    if (!is_watched_) return;
    position_.commands += market.last_sequence() + 1 - position_.first_sequence;
    if (first_watched_ == 0) first_watched_ = position_.first_sequence;
    if (now_ms < check_at_ms_ || !fault_.empty()) return;
    ++checks_;
    if (base::Status status = market.check_invariants(); !status) {
      fault_ = fmt::format("entry {}, behind command {}: {}", entry.index, market.last_sequence(),
                           status.error().message);
    }
    const std::uint64_t took_ms = net::Loop::now_ms() - now_ms;
    check_at_ms_ = now_ms + took_ms * kInvariantShare;
  }

  void report(const salvage::ColdNode& node, base::Report& report) const {
    report.figure("first command watched", static_cast<double>(first_watched_), "");
    report.figure("commands watched", static_cast<double>(position_.commands), "commands");
    report.figure("invariants checked", static_cast<double>(checks_), "times");
    report.figure("last entry", static_cast<double>(node.last_index), "");
    report.check("commands were replayed from that time on", position_.commands > 0, true);
    report.check("invariants hold", fault_.empty(), true);
    report.figure("states that replicas recorded and this replay met",
                  static_cast<double>(node.attestations_equal), "states");
    report.check("states that differ", static_cast<std::int64_t>(node.attestations_different),
                 std::int64_t{0});
    report.check("snapshots that differ", static_cast<std::int64_t>(node.snapshots_different),
                 std::int64_t{0});
    report.check("checkpoints where money is missing",
                 static_cast<std::int64_t>(node.checkpoints_not_conserved), std::int64_t{0});
    if (!fault_.empty()) say(fault_);
    if (!node.first_difference.empty()) say(node.first_difference);
  }

 private:
  const JournalReplay& replay_;
  ReplayPosition& position_;
  bool is_watched_ = false;
  Sequence first_watched_ = 0;
  std::uint64_t checks_ = 0;
  std::uint64_t tell_at_ms_ = 0;
  std::uint64_t check_at_ms_ = 0;
  std::string fault_;
};

// The command of that sequence, as it stands in the entry.
base::Result<std::string> find_command(const std::string& folder, const ReplayPosition& position) {
  auto disk = journal::PosixDisk::open_folder(node::journal_folder(folder), false);
  if (!disk) return disk.error();
  auto log = journal::LogReader::open(*disk.value());
  if (!log) return log.error();
  journal::Entry entry;
  for (;;) {
    auto more = log.value()->next(entry);
    if (!more) return more.error();
    if (!more.value()) return base::Error{"the log has no such entry"};
    if (entry.index == position.index) break;
  }
  venue::BatchReader batch(entry.payload);
  if (!batch.is_whole()) return base::Error{"the entry is no whole batch"};
  venue::CommandHeader header;
  base::Bytes raw;
  for (Sequence at = position.first_sequence; batch.next(header, raw); ++at) {
    if (at == position.applying) return words_of(at, header, raw);
  }
  return base::Error{"the entry has no such command"};
}

struct ChildEnding {
  int status = 0;      // as of waitpid()
  std::string errors;  // the end of what it printed as errors
};

// Says what the child says, and keeps it: a sanitizer's words are its only testimony.
std::string pass_on(int file) {
  std::string kept;
  std::array<char, 4'096> part;
  for (;;) {
    const ssize_t size = ::read(file, part.data(), part.size());
    if (size < 0 && errno == EINTR) continue;
    if (size <= 0) return kept;
    const auto bytes = static_cast<std::size_t>(size);
    std::fwrite(part.data(), 1, bytes, stderr);
    kept.append(part.data(), bytes);
    if (kept.size() > kErrorBytesMax) kept.erase(0, kept.size() - kErrorBytesMax / 2);
  }
}

base::Result<ChildEnding> run_child(const std::string& program,
                                    const std::vector<std::string>& words) {
  std::vector<std::string> command = {program};
  command.insert(command.end(), words.begin(), words.end());
  std::vector<char*> arguments;
  for (std::string& word : command) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  std::array<int, 2> pipe{};
  if (::pipe2(pipe.data(), O_CLOEXEC) != 0) {
    return base::Error{fmt::format("{}: no pipe: {}", program, ::strerror(errno))};
  }
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_adddup2(&actions, pipe[1], STDERR_FILENO);
  pid_t child = 0;
  const int failed =
      ::posix_spawn(&child, program.c_str(), &actions, nullptr, arguments.data(), environ);
  ::posix_spawn_file_actions_destroy(&actions);
  ::close(pipe[1]);
  ChildEnding ending;
  if (failed == 0) ending.errors = pass_on(pipe[0]);
  ::close(pipe[0]);
  if (failed != 0) return base::Error{fmt::format("{}: {}", program, ::strerror(failed))};
  while (::waitpid(child, &ending.status, 0) < 0 && errno == EINTR) {
  }
  return ending;
}

std::optional<ReplayPosition> read_position(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  ReplayPosition position;
  if (!file.read(reinterpret_cast<char*>(&position), sizeof position)) return std::nullopt;
  if (position.magic != ReplayPosition::kMagic) return std::nullopt;
  return position;
}

int tell_fall(const JournalReplay& replay, int status) {
  const auto position = read_position(replay.position_path);
  const std::string how = WIFSIGNALED(status) ? fmt::format("signal {} ({})", WTERMSIG(status),
                                                            ::strsignal(WTERMSIG(status)))
                                              : fmt::format("exit status {}", WEXITSTATUS(status));
  if (!position) return failed(fmt::format("the replay ended with {} before it began", how));
  fmt::print("IT FELL OVER: {}\n", how);
  fmt::print("  entry {} (term {}), {}, after {} commands since {}\n", position->index,
             position->term, time_text(position->timestamp_ns), position->commands,
             time_text(replay.from_ns));
  if (position->applying == 0) {
    fmt::print("  between commands, behind command {}\n", position->first_sequence - 1);
    return kExitDoesNotHold;
  }
  const auto command = find_command(replay.folder, *position);
  fmt::print("  applying command {}\n",
             command ? command.value()
                     : fmt::format("{}: {}", position->applying, command.error().message));
  return kExitDoesNotHold;
}

}  // namespace

base::Result<base::Report> replay_journal(const JournalReplay& replay) {
  ReplayPosition unmapped;
  std::unique_ptr<MappedPosition> mapped;
  if (!replay.position_path.empty()) {
    auto opened = MappedPosition::open(replay.position_path);
    if (!opened) return opened.error();
    mapped = std::move(opened.value());
  }
  ReplayPosition& position = mapped ? **mapped : unmapped;
  Replaying replaying(replay, position);
  salvage::ColdReadHooks hooks;
  hooks.from_ns = replay.from_ns;
  hooks.word = &position.applying;
  hooks.before = [&](const auto& entry, const auto& market) { replaying.before(entry, market); };
  hooks.after = [&](const auto& entry, const auto& market) { replaying.after(entry, market); };
  auto node = salvage::read_cold_node(
      replay.folder, [](const std::string&) {}, hooks);
  if (!node) return node.error();
  position.is_done = 1;
  base::Report report("replay journal", 0);
  replaying.report(node.value(), report);
  return report;
}

int watch_journal_replay(const std::string& program, const JournalReplay& replay) {
  std::vector<std::string> words = {
      "replay",     "journal",           replay.folder, "--from-ns", std::to_string(replay.from_ns),
      "--position", replay.position_path};
  if (replay.tells_commands) words.emplace_back("--commands");
  const auto ending = run_child(program, words);
  if (!ending) return failed(ending.error().message);
  const auto position = read_position(replay.position_path);
  const int status = ending.value().status;
  const bool ran_through = position && position->is_done != 0 && WIFEXITED(status);
  const auto finding = find_sanitizer_finding(ending.value().errors);
  const int fall = ran_through ? 0 : tell_fall(replay, status);
  if (finding) {
    fmt::print("A SANITIZER FOUND: {}\n  {}\n", finding->what,
               finding->place.empty() ? "it does not say where" : finding->place);
    return kExitDoesNotHold;
  }
  if (!ran_through) return fall;
  const int code = WEXITSTATUS(status);
  fmt::print("{}\n", code == 0 ? "IT RAN THROUGH: the fault is not in these commands alone"
                               : "IT RAN THROUGH, but to a state that is not the recorded one");
  return code;
}

}  // namespace okiagari::cli
