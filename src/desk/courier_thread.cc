#include "desk/courier_thread.h"

#include <curl/curl.h>
#include <fmt/format.h>
#include <pthread.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>

#include "desk/courier_task.h"
#include "net/loop.h"

namespace okiagari::desk {

namespace {

constexpr int kTurnMs = 1'000;

// Who suffers when it hangs: the server of mails, the host of a URL, the siren.
std::string host_of(const Outgoing& outgoing) {
  if (std::holds_alternative<OutgoingMail>(outgoing)) return "mail";
  if (const auto* siren = std::get_if<SirenCommand>(&outgoing)) return siren->command[0];
  const std::string& url = std::get<HttpPost>(outgoing).url;
  const std::size_t begin = url.find("://");
  const std::size_t from = begin == std::string::npos ? 0 : begin + 3;
  return url.substr(from, url.find_first_of("/?#", from) - from);
}

// Once in a process, before any thread uses the library, and never undone.
void begin_library() {
  static const CURLcode kCode = curl_global_init(CURL_GLOBAL_DEFAULT);
  ASSERT(kCode == CURLE_OK, "libcurl: {}", curl_easy_strerror(kCode));
}

}  // namespace

CourierThread::CourierThread(CourierSettings settings, int event_descriptor)
    : settings_(std::move(settings)), event_descriptor_(event_descriptor) {
  begin_library();
  multi_ = curl_multi_init();
  ASSERT(multi_ != nullptr, "libcurl gives no multi handle");
  thread_ = std::thread([this] { run(); });
}

CourierThread::~CourierThread() {
  {
    const std::lock_guard lock(mutex_);
    is_stopping_ = true;
  }
  curl_multi_wakeup(multi_);
  thread_.join();
  curl_multi_cleanup(multi_);
}

void CourierThread::add(std::string key, Outgoing outgoing) {
  std::string host = host_of(outgoing);
  {
    const std::lock_guard lock(mutex_);
    added_.push_back({std::move(key), std::move(host), std::move(outgoing)});
  }
  curl_multi_wakeup(multi_);
}

void CourierThread::go_on(const std::string& key, bool may_end) {
  {
    const std::lock_guard lock(mutex_);
    words_.push_back({key, may_end});
  }
  curl_multi_wakeup(multi_);
}

std::vector<CourierEvent> CourierThread::take_events() {
  const std::lock_guard lock(mutex_);
  return std::exchange(events_, {});
}

void CourierThread::tell(CourierEvent event) {
  {
    const std::lock_guard lock(mutex_);
    events_.push_back(std::move(event));
  }
  const std::uint64_t one = 1;
  // Only a counter that is full refuses, and then it has been written.
  [[maybe_unused]] const auto written = ::write(event_descriptor_, &one, sizeof one);
}

void CourierThread::run() {
  // A receiver that is gone is an error of one transfer, not the end of the process.
  sigset_t pipe;
  sigemptyset(&pipe);
  sigaddset(&pipe, SIGPIPE);
  ::pthread_sigmask(SIG_BLOCK, &pipe, nullptr);
  while (!is_to_stop()) {
    take_orders();
    start_waiting();
    int running = 0;
    curl_multi_perform(multi_, &running);
    collect_transfers();
    const std::uint64_t now_ms = net::Loop::now_ms();
    end_late(now_ms);
    std::vector<curl_waitfd> processes;
    std::uint64_t wait_ms = kTurnMs;
    for (const auto& [key, task] : tasks_) {
      if (!task->is_process()) continue;
      if (task->descriptor() >= 0) processes.push_back({task->descriptor(), CURL_WAIT_POLLIN, 0});
      wait_ms = std::min(wait_ms, std::max(task->deadline_ms(), now_ms + 1) - now_ms);
    }
    // What one has left may start another at once.
    const auto could_start = [&](const Waiting& waiting) {
      return tasks_.size() < settings_.in_flight_max &&
             per_host_[waiting.host] < settings_.per_host_max;
    };
    if (std::any_of(waiting_.begin(), waiting_.end(), could_start)) continue;
    curl_multi_poll(multi_, processes.data(), static_cast<unsigned>(processes.size()),
                    static_cast<int>(wait_ms), nullptr);
  }
  tasks_.clear();
}

bool CourierThread::is_to_stop() {
  const std::lock_guard lock(mutex_);
  return is_stopping_;
}

void CourierThread::take_orders() {
  std::deque<Waiting> added;
  std::deque<Word> words;
  {
    const std::lock_guard lock(mutex_);
    added.swap(added_);
    words.swap(words_);
  }
  for (Waiting& waiting : added) waiting_.push_back(std::move(waiting));
  for (const Word& word : words) {
    const auto found = tasks_.find(word.key);
    if (found == tasks_.end()) continue;  // its time was over meanwhile
    if (word.may_end) {
      found->second->release();
    } else {
      finish(word.key, {word.key, CourierEvent::Kind::failed, "not begun: it may not", 0});
    }
  }
}

void CourierThread::start_waiting() {
  for (auto at = waiting_.begin(); at != waiting_.end();) {
    if (tasks_.size() >= settings_.in_flight_max) return;
    if (per_host_[at->host] >= settings_.per_host_max) {
      ++at;
      continue;
    }
    Waiting waiting = std::move(*at);
    at = waiting_.erase(at);
    start(std::move(waiting));
  }
}

void CourierThread::start(Waiting waiting) {
  const std::string key = waiting.key;
  ++per_host_[waiting.host];
  CourierTask& task =
      *tasks_
           .emplace(key, std::make_unique<CourierTask>(key, waiting.host,
                                                       std::move(waiting.outgoing), settings_))
           .first->second;
  const base::Status status = task.start(multi_, net::Loop::now_ms(), [this, key] {
    tell({key, CourierEvent::Kind::wants_to_begin, "", 0});
  });
  if (!status) finish(key, {key, CourierEvent::Kind::refused, status.error().message, 0});
}

void CourierThread::collect_transfers() {
  int left = 0;
  while (const CURLMsg* message = curl_multi_info_read(multi_, &left)) {
    if (message->msg != CURLMSG_DONE) continue;
    CourierTask* task = nullptr;
    curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &task);
    const std::string key = task->key();
    finish(key, task->end_of_transfer(message->data.result));
  }
}

void CourierThread::end_late(std::uint64_t now_ms) {
  std::vector<CourierEvent> ended;
  for (const auto& [key, task] : tasks_) {
    CourierEvent event;
    if (task->is_process() && task->poll_process(now_ms, event)) ended.push_back(std::move(event));
  }
  for (CourierEvent& event : ended) {
    const std::string key = event.key;
    finish(key, std::move(event));
  }
}

void CourierThread::finish(const std::string& key, CourierEvent event) {
  const auto found = tasks_.find(key);
  const std::string host = found->second->host();
  tasks_.erase(found);
  if (--per_host_[host] == 0) per_host_.erase(host);
  tell(std::move(event));
}

}  // namespace okiagari::desk
