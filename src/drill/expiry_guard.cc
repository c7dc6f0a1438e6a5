#include "drill/expiry_guard.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <boost/json.hpp>
#include <cerrno>
#include <cstring>

#include "net/loop.h"

namespace okiagari::drill {

namespace {

constexpr std::size_t kMessageBytesMax = 64u << 10;
constexpr int kAnswerMs = 5'000;
constexpr int kTakeBackMs = 20'000;

// The guard's side. It runs in a process of its own, with nothing of its parent's but this socket.
class Guard {
 public:
  Guard(int socket, int log) : socket_(socket), log_(log) {}

  [[noreturn]] void run() {
    while (hear()) take_back_what_is_over();
    for (const auto& [number, list] : std::map(lists_)) take_back_list(number, "its parent ended");
    ::_exit(0);
  }

 private:
  struct List {
    std::uint64_t over_ms = 0;
    std::vector<Revert> reverts;
  };

  // False when the parent has gone.
  bool hear() {
    std::uint64_t next_ms = net::Loop::now_ms() + 60'000;
    for (const auto& [number, list] : lists_) next_ms = std::min(next_ms, list.over_ms);
    const std::uint64_t now_ms = net::Loop::now_ms();
    pollfd ready{socket_, POLLIN, 0};
    if (::poll(&ready, 1, next_ms > now_ms ? static_cast<int>(next_ms - now_ms) : 0) <= 0) {
      return true;
    }
    std::string message(kMessageBytesMax, '\0');
    const ssize_t size = ::recv(socket_, message.data(), message.size(), 0);
    if (size < 0 && errno == EINTR) return true;
    if (size <= 0) return false;
    message.resize(static_cast<std::size_t>(size));
    obey(message);
    return true;
  }

  void obey(const std::string& message) {
    boost::system::error_code error;
    const boost::json::value value = boost::json::parse(message, error);
    if (error || !value.is_object()) return;
    const boost::json::object& object = value.get_object();
    const auto number = object.at("number").to_number<std::uint32_t>();
    const boost::json::value* reverts = object.if_contains("reverts");
    if (reverts == nullptr) {
      if (lists_.contains(number)) take_back_list(number, "asked for");
      return;
    }
    auto read = reverts_from_json(boost::json::serialize(*reverts));
    if (!read) return;
    const auto lasts_ms = object.at("lasts_ms").to_number<std::uint64_t>();
    lists_[number] = {net::Loop::now_ms() + lasts_ms, std::move(read.value())};
    say({{"armed", number}});
  }

  void take_back_what_is_over() {
    for (const auto& [number, list] : std::map(lists_)) {
      if (net::Loop::now_ms() >= list.over_ms) take_back_list(number, "expired");
    }
  }

  void take_back_list(std::uint32_t number, const char* why) {
    std::string words;
    bool is_verified = true;
    for (const Revert& revert : lists_[number].reverts) {
      const base::Status status = take_back(revert);
      is_verified = is_verified && status.ok();
      words += (words.empty() ? "" : "; ") +
               (status.ok() ? verified_words(revert) : "LEFT: " + status.error().message);
    }
    lists_.erase(number);
    say({{"taken", number}, {"is_verified", is_verified}, {"why", why}, {"words", words}});
  }

  void say(boost::json::object object) const {
    object["at_ns"] = net::Loop::wall_ns();
    const std::string text = boost::json::serialize(object);
    (void)::send(socket_, text.data(), text.size(), MSG_NOSIGNAL);
    const std::string line = text + "\n";
    (void)!::write(log_, line.data(), line.size());
  }

  int socket_;
  int log_;
  std::map<std::uint32_t, List> lists_;
};

[[noreturn]] void become_guard(int socket, int log) {
  // Out of reach of Ctrl-C, and of everything that its parent has open.
  ::setsid();
  for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGPIPE}) ::signal(signal, SIG_IGN);
  ::prctl(PR_SET_NAME, "drill-guard");
  ::dup2(log, STDERR_FILENO);
  ::dup2(socket, STDIN_FILENO);
  const int nothing = ::open("/dev/null", O_WRONLY);
  ::dup2(nothing, STDOUT_FILENO);
  ::close_range(3, ~0U, 0);
  Guard(STDIN_FILENO, STDERR_FILENO).run();
}

}  // namespace

base::Result<std::unique_ptr<ExpiryGuard>> ExpiryGuard::start(const std::string& log_path) {
  const int log = ::open(log_path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
  if (log < 0) return base::Error{fmt::format("{}: {}", log_path, std::strerror(errno))};
  std::array<int, 2> sockets{};
  if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sockets.data()) != 0) {
    ::close(log);
    return base::Error{fmt::format("a socket pair cannot be made: {}", std::strerror(errno))};
  }
  const pid_t guard = ::fork();
  if (guard == 0) become_guard(sockets[1], log);
  ::close(log);
  ::close(sockets[1]);
  if (guard < 0) {
    ::close(sockets[0]);
    return base::Error{fmt::format("the guard cannot be started: {}", std::strerror(errno))};
  }
  return std::unique_ptr<ExpiryGuard>(new ExpiryGuard(guard, sockets[0]));
}

ExpiryGuard::~ExpiryGuard() {
  ::close(socket_);
  while (::waitpid(guard_, nullptr, 0) < 0 && errno == EINTR) {
  }
}

base::Status ExpiryGuard::tell(const std::string& message) {
  const ssize_t sent = ::send(socket_, message.data(), message.size(), MSG_NOSIGNAL);
  if (sent == static_cast<ssize_t>(message.size())) return {};
  return base::Error{fmt::format("the guard of the faults is gone: {}", std::strerror(errno))};
}

bool ExpiryGuard::hear(int wait_ms) {
  pollfd ready{socket_, POLLIN, 0};
  if (::poll(&ready, 1, wait_ms) <= 0) return false;
  std::string message(kMessageBytesMax, '\0');
  const ssize_t size = ::recv(socket_, message.data(), message.size(), 0);
  if (size <= 0) return false;
  message.resize(static_cast<std::size_t>(size));
  boost::system::error_code error;
  const boost::json::value value = boost::json::parse(message, error);
  if (error || !value.is_object()) return false;
  const boost::json::object& object = value.get_object();
  if (const boost::json::value* armed = object.if_contains("armed")) {
    armed_number_ = armed->to_number<std::uint32_t>();
  }
  if (const boost::json::value* taken = object.if_contains("taken")) {
    taken_[taken->to_number<std::uint32_t>()] = {object.at("is_verified").as_bool(),
                                                 std::string(object.at("words").as_string())};
  }
  return true;
}

base::Result<std::uint32_t> ExpiryGuard::arm(std::uint64_t lasts_ms,
                                             const std::vector<Revert>& reverts) {
  const std::uint32_t number = ++last_number_;
  base::Status told = tell(fmt::format(R"({{"number":{},"lasts_ms":{},"reverts":{}}})", number,
                                       lasts_ms, to_json(reverts)));
  if (!told) return told.error();
  while (armed_number_ != number && hear(kAnswerMs)) {
  }
  if (armed_number_ != number) return base::Error{"the guard of the faults does not answer"};
  return number;
}

std::optional<ExpiryGuard::Taken> ExpiryGuard::taken(std::uint32_t number) {
  while (hear(0)) {
  }
  const auto found = taken_.find(number);
  if (found == taken_.end()) return std::nullopt;
  return found->second;
}

base::Result<ExpiryGuard::Taken> ExpiryGuard::take_back(std::uint32_t number) {
  if (auto over = taken(number)) return *over;
  if (base::Status told = tell(fmt::format(R"({{"number":{}}})", number)); !told) {
    return told.error();
  }
  while (!taken_.contains(number) && hear(kTakeBackMs)) {
  }
  if (!taken_.contains(number)) return base::Error{"the guard of the faults does not answer"};
  return taken_[number];
}

}  // namespace okiagari::drill
