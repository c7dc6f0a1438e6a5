// A real mail server on this machine for as long as a run or test lasts: Debian's aiosmtpd, which
// puts what it accepts into a Maildir. And reading that back.
#pragma once

#include <string>
#include <vector>

#include "base/child_process.h"
#include "base/result.h"
#include "net/tcp.h"

namespace okiagari::cli {

struct ReceivedMail {
  std::string message_id;
  std::string to;
  std::string subject;  // as it stands in the header, encoded
};

class MailReceiver {
 public:
  // Waits until the server takes connections. The error says that the package is missing, or why it
  // does not start.
  static base::Result<MailReceiver> start(const std::string& folder);

  [[nodiscard]] const net::Endpoint& endpoint() const { return endpoint_; }
  [[nodiscard]] const std::string& maildir() const { return maildir_; }
  void stop() { server_ = base::ChildProcess(); }

 private:
  MailReceiver() = default;
  base::ChildProcess server_;
  net::Endpoint endpoint_;
  std::string maildir_;
};

// All mails in a Maildir, in no particular order.
[[nodiscard]] std::vector<ReceivedMail> read_maildir(const std::string& maildir);

}  // namespace okiagari::cli
