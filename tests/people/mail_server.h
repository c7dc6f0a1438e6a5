// A real mail server, Python's aiosmtpd, that keeps what it takes in a Maildir.
#pragma once

#include <signal.h>

#include <cstdint>
#include <string>
#include <vector>

#include "tests/people/foreign_server.h"

namespace okiagari::people {

struct StoredMail {
  std::string message_id;
  std::string all;
};

class MailServer {
 public:
  // It does not run yet; its port is free now.
  explicit MailServer(const std::string& folder);

  // Waits until it takes connections. False when it does not.
  bool start();
  // Its connections stay, and nobody answers on them.
  void freeze() { process_.send_signal(SIGSTOP); }
  void thaw() { process_.send_signal(SIGCONT); }
  [[nodiscard]] std::uint16_t port() const { return port_; }
  [[nodiscard]] std::vector<StoredMail> mails() const;

 private:
  std::string folder_;
  std::uint16_t port_ = 0;
  ForeignServer process_;
};

}  // namespace okiagari::people
