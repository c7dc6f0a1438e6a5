// Everything that the public sees of the desk, by path: pages, JSON, feeds, the calendar, signed
// texts, and the forms of subscribers. No log-in leads here and none is needed.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "desk/desk_port.h"
#include "desk/subscriptions.h"
#include "net/http_message.h"
#include "web/public_view.h"
#include "web/status_page.h"
#include "web/subscription_tokens.h"

namespace okiagari::web {

class PublicSite {
 public:
  // What one address may ask for in a minute: forms only, reading is free.
  static constexpr std::size_t kFormsPerMinuteMax = 5;
  static constexpr std::size_t kPeersMax = 10'000;

  // `port` is borrowed. `clock` is the wall clock, for the stamp on the pages.
  PublicSite(desk::DeskPort& port, PublicSettings settings, const SubscriptionTokens& tokens,
             std::function<TimestampNs()> clock)
      : port_(port), settings_(std::move(settings)), tokens_(tokens), clock_(std::move(clock)) {}

  // Nothing: the path is not the public's.
  [[nodiscard]] std::optional<net::HttpResponse> serve(const net::HttpRequest& request);

 private:
  [[nodiscard]] PublicView view() const;
  [[nodiscard]] std::optional<net::HttpResponse> page(const net::HttpRequest& request) const;
  [[nodiscard]] std::optional<net::HttpResponse> file(std::string_view path) const;
  [[nodiscard]] std::optional<net::HttpResponse> notice_file(std::string_view path) const;
  std::optional<net::HttpResponse> form(const net::HttpRequest& request);
  net::HttpResponse subscribe(const net::HttpParameters& form, Language language);
  net::HttpResponse answer_link(const net::HttpRequest& request, bool is_leaving,
                                Language language);
  [[nodiscard]] bool is_token_good(const net::HttpParameters& query, bool is_leaving) const;
  [[nodiscard]] net::HttpResponse answered(int status, const AnswerPage& answer,
                                           Language language) const;
  bool may_send_form(const std::string& peer);
  void submit(std::string type, boost::json::object body);

  desk::DeskPort& port_;
  PublicSettings settings_;
  SubscriptionTokens tokens_;
  std::function<TimestampNs()> clock_;
  std::map<std::string, std::size_t> forms_;  // by peer, in this minute
  TimestampNs minute_ = 0;
};

}  // namespace okiagari::web
