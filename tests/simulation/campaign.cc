#include "tests/simulation/campaign.h"

#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <deque>
#include <memory>
#include <utility>

#include "base/assert.h"
#include "tests/simulation/simulation.h"

namespace okiagari::simulation {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::uint64_t kBatchSeeds = 50;
constexpr std::chrono::seconds kHangs{120};

struct Range {
  std::uint64_t first = 0;
  std::uint64_t end = 0;
};

// What a worker says through its pipe: before a seed, and after it with the tally and the
// violation.
struct Report {
  std::uint64_t seed = 0;
  std::uint32_t is_done = 0;
  std::uint32_t text_bytes = 0;
  Tally tally;
};

void write_all(int pipe, const void* from, std::size_t size) {
  const char* at = static_cast<const char*>(from);
  while (size > 0) {
    const ssize_t written = write(pipe, at, size);
    if (written <= 0) _exit(3);
    at += written;
    size -= static_cast<std::size_t>(written);
  }
}

// One process that runs the seeds of a range, and what has come of it.
class Worker {
 public:
  Worker(Range range, const ScenarioMaker& make) : range_(range), next_(range.first) {
    int ends[2];
    ASSERT(pipe(ends) == 0, "no pipe");
    errors_ = std::tmpfile();
    ASSERT(errors_ != nullptr, "no file for what a worker complains of");
    std::fflush(stdout);
    process_ = fork();
    ASSERT(process_ >= 0, "no process");
    if (process_ == 0) {
      close(ends[0]);
      work(ends[1], make);
    }
    close(ends[1]);
    pipe_ = ends[0];
    heard_ = Clock::now();
  }
  ~Worker() {
    close(pipe_);
    std::fclose(errors_);
  }
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  [[nodiscard]] int pipe_end() const { return pipe_; }

  // Takes what it says; false when it has ended.
  bool listen(CampaignResult& result) {
    char buffer[1 << 16];
    const ssize_t size = read(pipe_, buffer, sizeof buffer);
    if (size <= 0) return false;
    heard_ = Clock::now();
    said_.append(buffer, static_cast<std::size_t>(size));
    std::size_t at = 0;
    while (said_.size() - at >= sizeof(Report)) {
      Report report;
      std::memcpy(&report, said_.data() + at, sizeof report);
      if (said_.size() - at < sizeof report + report.text_bytes) break;
      const std::string text = said_.substr(at + sizeof report, report.text_bytes);
      at += sizeof report + report.text_bytes;
      if (report.is_done == 0) continue;
      next_ = report.seed + 1;
      ++result.seeds;
      result.tally.add(report.tally);
      if (!text.empty()) result.failures.push_back({report.seed, text});
    }
    said_.erase(0, at);
    return true;
  }

  void stop() { kill(process_, SIGKILL); }
  void stop_if_hung() {
    if (Clock::now() - heard_ < kHangs) return;
    hung_ = true;
    stop();
  }

  // After its end: the seed that ended it is a failure, and the rest of its range is left.
  Range rest(CampaignResult& result) {
    int status = 0;
    waitpid(process_, &status, 0);
    if (next_ >= range_.end) return {};
    const std::string why = hung_ ? "it hung"
                            : WIFSIGNALED(status)
                                ? fmt::format("signal {}", WTERMSIG(status))
                                : fmt::format("exit status {}", WEXITSTATUS(status));
    result.failures.push_back({next_, fmt::format("ended by {}: {}", why, complaints())});
    ++result.seeds;
    return {next_ + 1, range_.end};
  }

 private:
  [[noreturn]] void work(int pipe_out, const ScenarioMaker& make) {
    const rlimit none{};
    setrlimit(RLIMIT_CORE, &none);
    dup2(fileno(errors_), STDERR_FILENO);
    for (std::uint64_t seed = range_.first; seed < range_.end; ++seed) {
      Report report{.seed = seed, .is_done = 0, .text_bytes = 0, .tally = {}};
      write_all(pipe_out, &report, sizeof report);
      const Scenario scenario = make(seed);
      const Outcome outcome = simulate(scenario, report.tally, false);
      report.is_done = 1;
      std::string text;
      if (!outcome.violation.empty()) {
        text = fmt::format("at {} us: {}", outcome.at_us, outcome.violation);
      }
      report.text_bytes = static_cast<std::uint32_t>(text.size());
      write_all(pipe_out, &report, sizeof report);
      write_all(pipe_out, text.data(), text.size());
    }
    _exit(0);
  }

  [[nodiscard]] std::string complaints() {
    std::string text;
    std::rewind(errors_);
    char buffer[4096];
    for (std::size_t n = 0; (n = std::fread(buffer, 1, sizeof buffer, errors_)) > 0;) {
      text.append(buffer, n);
    }
    constexpr std::size_t kLast = 2'000;
    return text.size() > kLast ? text.substr(text.size() - kLast) : text;
  }

  Range range_;
  std::uint64_t next_;  // the first seed that is not done
  pid_t process_ = -1;
  int pipe_ = -1;
  std::FILE* errors_ = nullptr;
  std::string said_;
  Clock::time_point heard_;
  bool hung_ = false;
};

// Of all workers that have ended so far.
double processor_seconds() {
  rusage used{};
  getrusage(RUSAGE_CHILDREN, &used);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  return seconds(used.ru_utime) + seconds(used.ru_stime);
}

using Workers = std::vector<std::unique_ptr<Worker>>;

void listen_to_all(Workers& workers, CampaignResult& result, std::deque<Range>& ranges) {
  std::vector<pollfd> polled;
  for (const auto& worker : workers) polled.push_back({worker->pipe_end(), POLLIN, 0});
  poll(polled.data(), polled.size(), 1'000);
  for (std::size_t i = workers.size(); i-- > 0;) {
    Worker& worker = *workers[i];
    if (polled[i].revents == 0) {
      worker.stop_if_hung();
      continue;
    }
    if (worker.listen(result)) continue;
    const Range rest = worker.rest(result);
    if (rest.first < rest.end) ranges.push_front(rest);
    workers.erase(workers.begin() + static_cast<std::ptrdiff_t>(i));
  }
}

}  // namespace

CampaignResult run_campaign(const CampaignOptions& options, const ScenarioMaker& make) {
  const Clock::time_point begin = Clock::now();
  const double processor_before = processor_seconds();
  CampaignResult result;
  std::deque<Range> ranges;
  const std::uint64_t end = options.first_seed + options.seeds;
  for (std::uint64_t seed = options.first_seed; seed < end; seed += kBatchSeeds) {
    ranges.push_back({seed, std::min(seed + kBatchSeeds, end)});
  }
  Workers workers;
  while (!ranges.empty() || !workers.empty()) {
    if (result.failures.size() >= options.failures_max) {
      ranges.clear();
      for (const auto& worker : workers) worker->stop();
      CampaignResult ignored;
      while (!workers.empty()) {
        ranges.clear();
        listen_to_all(workers, ignored, ranges);
      }
      break;
    }
    while (workers.size() < options.jobs && !ranges.empty()) {
      workers.push_back(std::make_unique<Worker>(ranges.front(), make));
      ranges.pop_front();
    }
    listen_to_all(workers, result, ranges);
  }
  std::sort(result.failures.begin(), result.failures.end(),
            [](const Failure& a, const Failure& b) { return a.seed < b.seed; });
  result.processor_seconds = processor_seconds() - processor_before;
  result.seconds = std::chrono::duration<double>(Clock::now() - begin).count();
  return result;
}

int exit_status(const CampaignOptions& options, const CampaignResult& result) {
  if (!result.failures.empty()) return 1;
  const bool must_be_complete =
      options.seeds >= kSeedsForAll && options.work_around_off == 0 && !options.tries_some_only;
  return must_be_complete && !result.tally.is_complete() ? 1 : 0;
}

std::string run_apart(const Scenario& scenario) {
  const CampaignResult result = run_campaign({.first_seed = scenario.seed, .seeds = 1},
                                             [&](std::uint64_t) { return scenario; });
  return result.failures.empty() ? std::string{} : result.failures.front().what;
}

}  // namespace okiagari::simulation
