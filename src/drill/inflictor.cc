#include "drill/inflictor.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <thread>

#include "client/order_entry.h"
#include "net/loop.h"
#include "wire/ouch.h"

namespace okiagari::drill {

namespace {

constexpr std::uint64_t kLastsMsMax = 120'000;

std::uint64_t number_of(const std::string& word) {
  std::uint64_t number = 0;
  (void)std::from_chars(word.data(), word.data() + word.size(), number);
  return number;
}

// Whatever else goes wrong, the kernel ends this process when its time is over.
void end_at(std::uint64_t lasts_ms) {
  itimerval timer{};
  timer.it_value.tv_sec = static_cast<time_t>(lasts_ms / 1'000);
  timer.it_value.tv_usec = static_cast<suseconds_t>(lasts_ms % 1'000 * 1'000) + 1;
  ::setitimer(ITIMER_REAL, &timer, nullptr);
}

[[noreturn]] void burn() {
  std::uint64_t number = 1;
  while (true) number = number * 6'364'136'223'846'793'005 + 1;
}

// What it has come to, for whoever looks whether the fault is there.
void print_line(const std::string& line) {
  fmt::print("{}\n", line);
  std::fflush(stdout);
}

// Once a second.
class Second {
 public:
  bool is_over() {
    if (net::Loop::now_ms() < next_ms_) return false;
    next_ms_ = net::Loop::now_ms() + 1'000;
    return true;
  }

 private:
  std::uint64_t next_ms_ = net::Loop::now_ms() + 1'000;
};

base::Status hog_processors(const std::vector<std::string>& words) {
  const std::uint64_t lasts_ms = number_of(words[1]);
  const std::uint64_t count = std::min<std::uint64_t>(
      number_of(words[2]) * std::max(1U, std::thread::hardware_concurrency()), 256);
  const int niceness = static_cast<int>(number_of(words[3])) - 20;
  // Not permitted to everybody; then at the usual priority.
  (void)::setpriority(PRIO_PROCESS, 0, niceness);
  print_line(
      fmt::format("{} busy processes at niceness {}", count, ::getpriority(PRIO_PROCESS, 0)));
  for (std::uint64_t i = 1; i < count; ++i) {
    const pid_t parent = ::getpid();
    if (::fork() != 0) continue;
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (::getppid() != parent) ::_exit(0);
    end_at(lasts_ms);  // timers are not inherited
    burn();
  }
  burn();
}

base::Status take_memory_of(const std::string& group, std::uint64_t limit_bytes,
                            std::uint64_t spared_bytes) {
  std::ofstream procs(group + "/cgroup.procs");
  procs << ::getpid();
  procs.close();
  if (!procs) return base::Error{fmt::format("{}: cannot be joined", group)};
  constexpr std::uint64_t kStepBytes = 4u << 20;
  std::uint64_t taken_bytes = 0;
  while (taken_bytes + kStepBytes + spared_bytes <= limit_bytes) {
    void* memory =
        ::mmap(nullptr, kStepBytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) break;
    std::memset(memory, 0x5A, kStepBytes);
    taken_bytes += kStepBytes;
  }
  print_line(fmt::format("holds {} MiB of the group's memory", taken_bytes >> 20));
  while (true) ::pause();
}

// While a killed server is not back yet, the one that holds the memory is all that the kernel finds
// to kill. This process is not of the group, and starts it again, as whoever runs a batch job does.
base::Status hog_memory(const std::vector<std::string>& words) {
  while (true) {
    const pid_t parent = ::getpid();
    const pid_t holder = ::fork();
    if (holder < 0) return base::Error{"no process can be started to hold the memory"};
    if (holder == 0) {
      ::prctl(PR_SET_PDEATHSIG, SIGKILL);
      if (::getppid() != parent) ::_exit(0);
      const base::Status failed =
          take_memory_of(words[2], number_of(words[3]), number_of(words[4]));
      print_line(failed.error().message);
      ::_exit(1);
    }
    int status = 0;
    while (::waitpid(holder, &status, 0) < 0 && errno == EINTR) {
    }
    if (!WIFSIGNALED(status)) return base::Error{"the group's memory cannot be taken"};
    print_line("the kernel has killed it; once more");
  }
}

int connect_from(const sockaddr_in& from, const sockaddr_in& to) {
  const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (socket < 0) return -1;
  const bool begun = ::bind(socket, reinterpret_cast<const sockaddr*>(&from), sizeof from) == 0 &&
                     (::connect(socket, reinterpret_cast<const sockaddr*>(&to), sizeof to) == 0 ||
                      errno == EINPROGRESS);
  if (begun) return socket;
  ::close(socket);
  return -1;
}

// True when the other side has ended it.
bool is_over(int socket) {
  char byte = 0;
  const ssize_t size = ::recv(socket, &byte, 1, MSG_DONTWAIT);
  return size == 0 || (size < 0 && errno != EAGAIN && errno != EINTR);
}

base::Status flood_connections(const std::vector<std::string>& words) {
  const auto to = net::parse_endpoint(words[2]);
  if (!to) return to.error();
  const std::size_t count = std::min<std::uint64_t>(number_of(words[3]), 50'000);
  const std::uint64_t addresses = std::clamp<std::uint64_t>(number_of(words[4]), 1, 200);
  const rlimit files{count + 100, count + 100};
  if (::setrlimit(RLIMIT_NOFILE, &files) != 0) {
    return base::Error{fmt::format("{} open sockets are not permitted", count)};
  }
  sockaddr_in target{};
  target.sin_family = AF_INET;
  target.sin_port = htons(to.value().port);
  ::inet_pton(AF_INET, to.value().host.c_str(), &target.sin_addr);
  std::vector<int> sockets(count, -1);
  std::uint64_t made = 0;
  Second second;
  // Whoever is thrown out comes again, as those who flood do.
  while (true) {
    for (std::size_t at = 0; at < count; ++at) {
      if (sockets[at] >= 0 && is_over(sockets[at])) {
        ::close(sockets[at]);
        sockets[at] = -1;
      }
      if (sockets[at] >= 0) continue;
      sockaddr_in from{};
      from.sin_family = AF_INET;
      from.sin_addr.s_addr = htonl(0x7F000064 + static_cast<std::uint32_t>(at % addresses));
      sockets[at] = connect_from(from, target);
      made += sockets[at] >= 0 ? 1 : 0;
    }
    if (second.is_over()) {
      const auto open = std::count_if(sockets.begin(), sockets.end(), [](int s) { return s >= 0; });
      print_line(fmt::format("{} connections are open, {} were made", open, made));
    }
    ::usleep(20'000);
  }
}

class Flood final : public client::OrderEntrySession::Listener {};

base::Status flood_orders(const std::vector<std::string>& words) {
  const auto to = net::parse_endpoint(words[2]);
  if (!to) return to.error();
  const std::uint64_t per_second = number_of(words[6]);
  net::Loop loop;
  Flood listener;
  client::SoupAccess access;
  access.name = words[3];
  access.token = words[4];
  access.servers = {to.value()};
  client::OrderEntrySession session(loop, listener, std::move(access));
  client::OrderTicket ticket;
  ticket.symbol = wire::alpha<8>(words[5]);
  ticket.quantity = 1;
  ticket.price_e4 = 1;
  ticket.time = client::OrderTicket::Time::immediate_or_cancel;
  std::uint64_t began_ms = 0;
  std::uint64_t sent = 0;
  Second second;
  while (true) {
    const std::uint64_t now_ms = net::Loop::now_ms();
    session.tick(now_ms);
    if (session.is_ready()) {
      if (began_ms == 0) began_ms = now_ms;
      const std::uint64_t due = (now_ms - began_ms) * per_second / 1'000;
      // What it could not send is not made up for in one burst.
      for (int burst = 0; burst < 2'000 && sent < due && session.enter(ticket) != 0; ++burst)
        ++sent;
      session.flush();
    }
    if (second.is_over()) {
      print_line(fmt::format("{} orders sent, {} without an answer", sent, session.unanswered()));
    }
    loop.turn(now_ms + 2);
  }
}

std::string exact(std::uint64_t number) { return fmt::format("{}", number); }

}  // namespace

std::vector<std::string> processor_hog_words(std::uint64_t lasts_ms, unsigned per_processor,
                                             int niceness) {
  // Niceness from 0 to 40, so that no word looks like an option.
  return {"processor-hog", exact(lasts_ms), exact(per_processor),
          exact(static_cast<std::uint64_t>(niceness + 20))};
}

std::vector<std::string> memory_hog_words(std::uint64_t lasts_ms, const std::string& group,
                                          std::uint64_t limit_bytes, std::uint64_t spared_bytes) {
  return {"memory-hog", exact(lasts_ms), group, exact(limit_bytes), exact(spared_bytes)};
}

std::vector<std::string> connection_flood_words(std::uint64_t lasts_ms, const net::Endpoint& to,
                                                std::size_t connections, std::size_t addresses) {
  return {"connection-flood", exact(lasts_ms), net::to_string(to), exact(connections),
          exact(addresses)};
}

std::vector<std::string> order_flood_words(std::uint64_t lasts_ms, const net::Endpoint& to,
                                           const std::string& session, const std::string& token,
                                           const std::string& symbol, std::uint32_t per_second) {
  return {"order-flood", exact(lasts_ms), net::to_string(to), session,
          token,         symbol,          exact(per_second)};
}

base::Status inflict_in_this_process(const std::vector<std::string>& words) {
  struct Kind {
    const char* name;
    std::size_t words;
    base::Status (*work)(const std::vector<std::string>&);
  };
  constexpr Kind kKinds[] = {{"processor-hog", 4, hog_processors},
                             {"memory-hog", 5, hog_memory},
                             {"connection-flood", 5, flood_connections},
                             {"order-flood", 7, flood_orders}};
  for (const Kind& kind : kKinds) {
    if (words.empty() || words[0] != kind.name || words.size() != kind.words) continue;
    const std::uint64_t lasts_ms = number_of(words[1]);
    if (lasts_ms == 0 || lasts_ms > kLastsMsMax) {
      return base::Error{fmt::format("a fault lasts from 1 to {} ms", kLastsMsMax)};
    }
    end_at(lasts_ms);
    // It is somebody else's, and no program of the market.
    ::prctl(PR_SET_NAME, "nightly-batch");
    return kind.work(words);
  }
  return base::Error{"no such fault is a process"};
}

}  // namespace okiagari::drill
