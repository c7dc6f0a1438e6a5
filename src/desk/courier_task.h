// One effect while it is carried: a transfer of libcurl's, or a process. Used by the courier's
// thread alone.
#pragma once

#include <curl/curl.h>
#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "desk/courier_thread.h"

namespace okiagari::desk {

class CourierTask {
 public:
  CourierTask(std::string key, std::string host, Outgoing outgoing, const CourierSettings& settings)
      : key_(std::move(key)),
        host_(std::move(host)),
        outgoing_(std::move(outgoing)),
        settings_(settings) {}
  // Cuts off what is under way; a process is killed with all that it has started.
  ~CourierTask();
  CourierTask(const CourierTask&) = delete;
  CourierTask& operator=(const CourierTask&) = delete;

  // An error ends it: it has not begun.
  base::Status start(CURLM* multi, std::uint64_t now_ms, std::function<void()> on_held);
  // The last bytes may go.
  void release();
  [[nodiscard]] CourierEvent end_of_transfer(CURLcode code) const;

  // The process: nothing while it runs in its time.
  [[nodiscard]] bool is_process() const { return pid_ > 0; }
  [[nodiscard]] int descriptor() const { return pid_descriptor_; }
  [[nodiscard]] std::uint64_t deadline_ms() const { return deadline_ms_; }
  bool poll_process(std::uint64_t now_ms, CourierEvent& event);

  [[nodiscard]] const std::string& key() const { return key_; }
  [[nodiscard]] const std::string& host() const { return host_; }

 private:
  base::Status start_post(const HttpPost& post);
  base::Status start_mail(const OutgoingMail& mail);
  base::Status start_siren(const SirenCommand& siren, std::uint64_t now_ms);
  void set_common();
  std::size_t give(char* into, std::size_t room);
  CourierEvent end_of_mail(CURLcode code, long status) const;
  // The library would end a mail that is taken from it by itself, as if it were whole: its
  // connection is cut before.
  void cut_off();
  static curl_socket_t open_socket(void* self, curlsocktype, curl_sockaddr* address);
  static int close_socket(void* self, curl_socket_t socket);
  static std::size_t read_some(char* into, std::size_t size, std::size_t count, void* self);
  static std::size_t take_body(char* bytes, std::size_t size, std::size_t count, void* self);
  static std::size_t take_line(char* bytes, std::size_t size, std::size_t count, void* self);

  const std::string key_;
  const std::string host_;
  const Outgoing outgoing_;
  const CourierSettings& settings_;

  CURLM* multi_ = nullptr;
  CURL* easy_ = nullptr;
  curl_slist* list_ = nullptr;  // of headers or of receivers
  std::string answer_;          // the beginning of a body; the last line of a mail server
  std::function<void()> on_held_;
  std::size_t given_bytes_ = 0;
  bool is_held_ = false;
  bool may_end_ = false;
  long mail_status_ = 0;  // of the mail server's last answer but its good-bye
  std::vector<curl_socket_t> sockets_;

  pid_t pid_ = 0;
  int pid_descriptor_ = -1;
  std::uint64_t deadline_ms_ = 0;
};

}  // namespace okiagari::desk
