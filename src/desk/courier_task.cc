#include "desk/courier_task.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>

namespace okiagari::desk {

namespace {

constexpr std::size_t kAnswerBytesMax = 4'096;
constexpr std::size_t kOutcomeBytesMax = 300;
// Held back until the desk has logged that the mail was begun: without them and the lone dot behind
// them no server takes it.
constexpr std::size_t kHeldBytes = 2;

// One line of what a receiver said, whatever it was.
std::string short_line(std::string_view text) {
  std::string line;
  for (const char c : text.substr(0, kOutcomeBytesMax)) line += c >= ' ' && c < 0x7f ? c : ' ';
  while (!line.empty() && line.back() == ' ') line.pop_back();
  return line;
}

// What trying again cannot mend.
bool is_for_good(CURLcode code) {
  return code == CURLE_URL_MALFORMAT || code == CURLE_UNSUPPORTED_PROTOCOL ||
         code == CURLE_PEER_FAILED_VERIFICATION || code == CURLE_USE_SSL_FAILED;
}

}  // namespace

CourierTask::~CourierTask() {
  if (easy_ != nullptr) {
    cut_off();
    if (multi_ != nullptr) curl_multi_remove_handle(multi_, easy_);
    curl_easy_cleanup(easy_);
  }
  curl_slist_free_all(list_);
  if (pid_ > 0) {
    ::kill(-pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }
  if (pid_descriptor_ >= 0) ::close(pid_descriptor_);
}

void CourierTask::cut_off() {
  for (const curl_socket_t socket : sockets_) ::shutdown(socket, SHUT_RDWR);
}

curl_socket_t CourierTask::open_socket(void* self, curlsocktype, curl_sockaddr* address) {
  const curl_socket_t socket =
      ::socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
  if (socket >= 0) static_cast<CourierTask*>(self)->sockets_.push_back(socket);
  return socket;
}

int CourierTask::close_socket(void* self, curl_socket_t socket) {
  std::erase(static_cast<CourierTask*>(self)->sockets_, socket);
  return ::close(socket);
}

base::Status CourierTask::start(CURLM* multi, std::uint64_t now_ms, std::function<void()> on_held) {
  on_held_ = std::move(on_held);
  if (const auto* siren = std::get_if<SirenCommand>(&outgoing_)) return start_siren(*siren, now_ms);
  easy_ = curl_easy_init();
  if (easy_ == nullptr) return base::Error{"no memory for a transfer"};
  set_common();
  base::Status status;
  if (const auto* post = std::get_if<HttpPost>(&outgoing_)) {
    status = start_post(*post);
  } else {
    status = start_mail(std::get<OutgoingMail>(outgoing_));
  }
  if (!status) return status;
  if (curl_multi_add_handle(multi, easy_) != CURLM_OK) return base::Error{"no further transfer"};
  multi_ = multi;
  return {};
}

void CourierTask::set_common() {
  curl_easy_setopt(easy_, CURLOPT_PRIVATE, this);
  curl_easy_setopt(easy_, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(easy_, CURLOPT_CONNECTTIMEOUT_MS, long{settings_.connect_timeout_ms});
  curl_easy_setopt(easy_, CURLOPT_SSL_VERIFYPEER, 1L);
  curl_easy_setopt(easy_, CURLOPT_SSL_VERIFYHOST, 2L);
  curl_easy_setopt(easy_, CURLOPT_SSLVERSION, long{CURL_SSLVERSION_TLSv1_2});
  if (!settings_.ca_file.empty()) {
    curl_easy_setopt(easy_, CURLOPT_CAINFO, settings_.ca_file.c_str());
  }
  // Set in any case: a variable of the environment must not lead calls astray.
  curl_easy_setopt(easy_, CURLOPT_PROXY, settings_.proxy.c_str());
  curl_easy_setopt(easy_, CURLOPT_WRITEFUNCTION, &CourierTask::take_body);
  curl_easy_setopt(easy_, CURLOPT_WRITEDATA, this);
}

base::Status CourierTask::start_post(const HttpPost& post) {
  curl_easy_setopt(easy_, CURLOPT_URL, post.url.c_str());
  curl_easy_setopt(easy_, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(easy_, CURLOPT_FOLLOWLOCATION, 0L);
  curl_easy_setopt(easy_, CURLOPT_TIMEOUT_MS, long{settings_.http_timeout_ms});
  curl_easy_setopt(easy_, CURLOPT_USERAGENT, "okiagari");
  curl_easy_setopt(easy_, CURLOPT_POST, 1L);
  curl_easy_setopt(easy_, CURLOPT_POSTFIELDS, post.body.c_str());
  curl_easy_setopt(easy_, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(post.body.size()));
  for (const std::string& header : post.headers) list_ = curl_slist_append(list_, header.c_str());
  list_ = curl_slist_append(list_, "Expect:");
  curl_easy_setopt(easy_, CURLOPT_HTTPHEADER, list_);
  return {};
}

base::Status CourierTask::start_mail(const OutgoingMail& mail) {
  const MailSettings& server = settings_.mail;
  const bool is_tls = server.security == MailSecurity::tls;
  const std::string url = fmt::format("{}://{}:{}/{}", is_tls ? "smtps" : "smtp", server.host,
                                      server.port, mail.from.substr(mail.from.find('@') + 1));
  curl_easy_setopt(easy_, CURLOPT_URL, url.c_str());
  curl_easy_setopt(easy_, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
  curl_easy_setopt(easy_, CURLOPT_TIMEOUT_MS, long{settings_.mail_timeout_ms});
  const bool is_plain = server.security == MailSecurity::none;
  curl_easy_setopt(easy_, CURLOPT_USE_SSL, long{is_plain ? CURLUSESSL_NONE : CURLUSESSL_ALL});
  if (!server.user.empty()) {
    curl_easy_setopt(easy_, CURLOPT_USERNAME, server.user.c_str());
    curl_easy_setopt(easy_, CURLOPT_PASSWORD, server.password.c_str());
  }
  curl_easy_setopt(easy_, CURLOPT_MAIL_FROM, ("<" + mail.from + ">").c_str());
  list_ = curl_slist_append(list_, ("<" + mail.to + ">").c_str());
  curl_easy_setopt(easy_, CURLOPT_MAIL_RCPT, list_);
  curl_easy_setopt(easy_, CURLOPT_UPLOAD, 1L);
  curl_easy_setopt(easy_, CURLOPT_READFUNCTION, &CourierTask::read_some);
  curl_easy_setopt(easy_, CURLOPT_READDATA, this);
  curl_easy_setopt(easy_, CURLOPT_HEADERFUNCTION, &CourierTask::take_line);
  curl_easy_setopt(easy_, CURLOPT_HEADERDATA, this);
  curl_easy_setopt(easy_, CURLOPT_OPENSOCKETFUNCTION, &CourierTask::open_socket);
  curl_easy_setopt(easy_, CURLOPT_OPENSOCKETDATA, this);
  curl_easy_setopt(easy_, CURLOPT_CLOSESOCKETFUNCTION, &CourierTask::close_socket);
  curl_easy_setopt(easy_, CURLOPT_CLOSESOCKETDATA, this);
  // A connection that was left over may be dead, and the library would then begin anew by itself.
  curl_easy_setopt(easy_, CURLOPT_FRESH_CONNECT, 1L);
  curl_easy_setopt(easy_, CURLOPT_FORBID_REUSE, 1L);
  return {};
}

std::size_t CourierTask::read_some(char* into, std::size_t size, std::size_t count, void* self) {
  return static_cast<CourierTask*>(self)->give(into, size * count);
}

std::size_t CourierTask::give(char* into, std::size_t room) {
  const std::string& message = std::get<OutgoingMail>(outgoing_).message;
  const std::size_t end = may_end_ ? message.size() : message.size() - kHeldBytes;
  if (given_bytes_ == end && !may_end_) {
    if (!std::exchange(is_held_, true)) on_held_();
    return CURL_READFUNC_PAUSE;
  }
  const std::size_t bytes = std::min(room, end - given_bytes_);
  std::memcpy(into, message.data() + given_bytes_, bytes);
  given_bytes_ += bytes;
  return bytes;
}

void CourierTask::release() {
  may_end_ = true;
  curl_easy_pause(easy_, CURLPAUSE_CONT);
}

std::size_t CourierTask::take_body(char* bytes, std::size_t size, std::size_t count, void* self) {
  std::string& answer = static_cast<CourierTask*>(self)->answer_;
  // More than that is read and thrown away.
  answer.append(bytes, std::min(size * count, kAnswerBytesMax - answer.size()));
  return size * count;
}

std::size_t CourierTask::take_line(char* bytes, std::size_t size, std::size_t count, void* self) {
  const std::string_view line(bytes, std::min(size * count, kAnswerBytesMax));
  CourierTask& task = *static_cast<CourierTask*>(self);
  // What was answered to the mail is not overwritten by the answer to our good-bye.
  if (line.size() < 4 || line[3] != ' ' || line.starts_with("221")) return size * count;
  task.answer_ = line;
  task.mail_status_ = std::strtol(task.answer_.c_str(), nullptr, 10);
  return size * count;
}

CourierEvent CourierTask::end_of_transfer(CURLcode code) const {
  if (std::holds_alternative<OutgoingMail>(outgoing_)) return end_of_mail(code, mail_status_);
  long status = 0;
  curl_easy_getinfo(easy_, CURLINFO_RESPONSE_CODE, &status);
  CourierEvent event{key_, CourierEvent::Kind::failed, "", status};
  if (code != CURLE_OK) {
    event.outcome = curl_easy_strerror(code);
    if (is_for_good(code)) event.kind = CourierEvent::Kind::refused;
    return event;
  }
  event.outcome = short_line(fmt::format("{} {}", status, answer_));
  switch (fate_of_status(status)) {
    case Fate::done:
      event.kind = CourierEvent::Kind::done;
      break;
    case Fate::try_again:
      break;
    case Fate::refused:
      event.kind = CourierEvent::Kind::refused;
      break;
  }
  return event;
}

CourierEvent CourierTask::end_of_mail(CURLcode code, long status) const {
  CourierEvent event{key_, CourierEvent::Kind::failed, short_line(answer_), status};
  if (code == CURLE_OK) {
    event.kind = CourierEvent::Kind::done;
    return event;
  }
  const bool is_refused = status >= 400 && status < 600;
  if (!is_refused) event.outcome = curl_easy_strerror(code);
  if (status >= 500 && is_refused) event.kind = CourierEvent::Kind::refused;
  if (is_for_good(code)) event.kind = CourierEvent::Kind::refused;
  // The last bytes were given away, and the server has not said what became of them.
  if (may_end_ && !is_refused) event.kind = CourierEvent::Kind::unknown;
  return event;
}

base::Status CourierTask::start_siren(const SirenCommand& siren, std::uint64_t now_ms) {
  std::vector<char*> arguments;
  for (const std::string& word : siren.command) {
    arguments.push_back(const_cast<char*>(word.c_str()));
  }
  arguments.push_back(nullptr);
  std::vector<char*> environment;
  for (const std::string& word : siren.environment) {
    environment.push_back(const_cast<char*>(word.c_str()));
  }
  environment.push_back(nullptr);
  posix_spawn_file_actions_t files;
  posix_spawn_file_actions_init(&files);
  posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_addopen(&files, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
  posix_spawn_file_actions_addopen(&files, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  sigset_t none;
  sigemptyset(&none);
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setpgroup(&attributes, 0);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETPGROUP);
  pid_t pid = 0;
  const int error =
      ::posix_spawn(&pid, arguments[0], &files, &attributes, arguments.data(), environment.data());
  posix_spawn_file_actions_destroy(&files);
  posix_spawnattr_destroy(&attributes);
  if (error != 0) {
    return base::Error{
        fmt::format("{} cannot be started: {}", siren.command[0], std::strerror(error))};
  }
  pid_ = pid;
  // glibc's own declaration of it is for C alone.
  pid_descriptor_ = static_cast<int>(::syscall(SYS_pidfd_open, pid, 0));
  deadline_ms_ = now_ms + settings_.siren_timeout_ms;
  return {};
}

bool CourierTask::poll_process(std::uint64_t now_ms, CourierEvent& event) {
  int status = 0;
  if (::waitpid(pid_, &status, WNOHANG) == pid_) {
    pid_ = 0;
    const bool is_good = WIFEXITED(status) && WEXITSTATUS(status) == 0;
    event = {key_, is_good ? CourierEvent::Kind::done : CourierEvent::Kind::failed,
             WIFEXITED(status) ? fmt::format("exit status {}", WEXITSTATUS(status))
                               : fmt::format("ended by signal {}", WTERMSIG(status)),
             0};
    return true;
  }
  if (now_ms < deadline_ms_) return false;
  event = {key_, CourierEvent::Kind::refused,
           fmt::format("killed: it did not end within {} ms", settings_.siren_timeout_ms), 0};
  return true;
}

}  // namespace okiagari::desk
