// The page behind the link in a call: who opens it sees what it is about and one button. Looking
// acknowledges nothing, since mail scanners look at links too; the button does.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "desk/desk_port.h"
#include "net/http_server.h"

namespace okiagari::web {

struct AckLink {
  std::string incident;
  std::string person;
};
// The error is for whoever opened the link.
using ReadAckToken = std::function<base::Result<AckLink>(std::string_view token)>;

class AcknowledgePage {
 public:
  // `port` is borrowed.
  AcknowledgePage(desk::DeskPort& port, ReadAckToken read) : port_(port), read_(std::move(read)) {}

  void handle(const net::HttpRequest& request, net::HttpReply reply);

 private:
  void acknowledge(const AckLink& link, const std::string& token, bool is_tls,
                   net::HttpReply reply);

  desk::DeskPort& port_;
  ReadAckToken read_;
};

}  // namespace okiagari::web
