// Who wants to be told, of which components, by mail or by webhook. Nothing is sent to an address
// whose owner has not confirmed it; leaving takes one click (RFC 8058). Who holds the tokens' key
// (web/subscription_tokens.h) checks the tokens before it makes an entry, so no secret is in here
// but the links that were sent.
//
// Entries: subscription.request {id, kind, target, components, language, confirm_url,
// unsubscribe_url}; subscription.confirm {id}; subscription.leave {id}; subscription.effect from
// the outbox.
#pragma once

#include <boost/json/object.hpp>
#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "desk/part.h"

namespace okiagari::desk {

struct Subscription {
  std::string id;    // a keyed hash of the target: one for each target
  std::string kind;  // "mail", "webhook"
  std::string target;
  std::string language;                 // "ja", "en"
  std::vector<std::string> components;  // empty: all
  std::string unsubscribe_url;
  bool is_confirmed = false;
  // What was asked for and is not confirmed yet, also by someone who is not the owner.
  std::vector<std::string> wanted_components;
  std::string wanted_language;
  TimestampNs asked_ns = 0;  // last
  std::uint64_t asked = 0;   // times
  TimestampNs confirmed_ns = 0;
};

// "List-Unsubscribe" and "List-Unsubscribe-Post".
[[nodiscard]] boost::json::object unsubscribe_headers(const Subscription& subscription);
[[nodiscard]] std::string unsubscribe_footer(const Subscription& subscription);
[[nodiscard]] bool is_mail_target(std::string_view text);
[[nodiscard]] bool is_webhook_target(std::string_view text);  // https only

class Subscriptions final : public Part {
 public:
  static constexpr std::size_t kMost = 20'000;
  static constexpr std::size_t kUnconfirmedMax = 2'000;
  static constexpr std::size_t kComponentsMax = 100;
  // All requests together, so that nobody makes the desk write mail to the whole world.
  static constexpr std::size_t kRequestsPerMinuteMax = 60;
  static constexpr TimestampNs kAskAgainAfterNs = 600'000'000'000;
  static constexpr TimestampNs kConfirmWithinNs = 86'400'000'000'000;

  [[nodiscard]] const Subscription* find(std::string_view id) const;
  // Confirmed ones that want to know of any of these components; no component concerns everybody.
  [[nodiscard]] std::vector<const Subscription*> concerned(
      const std::vector<std::string>& components) const;
  [[nodiscard]] std::size_t size() const { return subscriptions_.size(); }

  [[nodiscard]] std::vector<std::string_view> words() const override { return {"subscription"}; }
  base::Status apply(const Entry& entry, Context& context) override;
  void advance(Context& context) override;
  [[nodiscard]] TimestampNs next_due_ns() const override;
  [[nodiscard]] boost::json::value view() const override;

 private:
  base::Status request(const Entry& entry, Context& context);
  base::Status check_request(const Subscription& wanted, const Context& context);
  void ask(const Subscription& subscription, const std::string& confirm_url, Context& context);
  base::Status confirm(const Entry& entry, Context& context);
  base::Status leave(const Entry& entry, Context& context);

  std::map<std::string, Subscription, std::less<>> subscriptions_;
  std::size_t unconfirmed_ = 0;
  std::deque<TimestampNs> requests_;  // of the last minute
};

}  // namespace okiagari::desk
