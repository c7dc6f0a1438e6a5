// One desk's whole web: the API, the console, the page that acknowledges a call, and the public
// pages, each under its path.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "net/http_server.h"
#include "web/acknowledge_page.h"
#include "web/api.h"
#include "web/static_files.h"

namespace okiagari::web {

struct SiteOptions {
  ApiOptions api;
  StaticFiles console;
  ReadAckToken read_ack_token;  // empty: there are no such links
  // Everything else; true when it has taken the reply.
  std::function<bool(const net::HttpRequest&, net::HttpReply&)> public_pages;
};

class Site {
 public:
  // `port` is borrowed.
  Site(desk::DeskPort& port, SiteOptions options);

  void handle(const net::HttpRequest& request, net::HttpReply reply);
  // The answer is when it wants the next turn, in monotonic milliseconds.
  std::uint64_t tick(std::uint64_t now_ms) { return api_.tick(now_ms); }

 private:
  desk::DeskPort& port_;
  Api api_;
  StaticFiles console_;
  AcknowledgePage acknowledge_;
  std::function<bool(const net::HttpRequest&, net::HttpReply&)> public_pages_;
};

}  // namespace okiagari::web
