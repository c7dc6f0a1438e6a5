#include "desk/subscriptions.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>
#include <cctype>

#include "desk/outbox.h"

namespace okiagari::desk {

namespace {

constexpr TimestampNs kMinuteNs = 60'000'000'000;
constexpr std::size_t kTargetBytesMax = 254;

bool is_printable(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < 0x7f; });
}

}  // namespace

boost::json::object unsubscribe_headers(const Subscription& subscription) {
  return {{"List-Unsubscribe", fmt::format("<{}>", subscription.unsubscribe_url)},
          {"List-Unsubscribe-Post", "List-Unsubscribe=One-Click"}};
}

std::string unsubscribe_footer(const Subscription& subscription) {
  return fmt::format("\n--\n配信停止 / Unsubscribe: {}\n", subscription.unsubscribe_url);
}

bool is_mail_target(std::string_view text) {
  const std::size_t at = text.find('@');
  return text.size() <= kTargetBytesMax && is_printable(text) && at != std::string_view::npos &&
         at > 0 && at == text.rfind('@') && text.find('.', at) != std::string_view::npos &&
         !text.ends_with('.') && text[at + 1] != '.' &&
         text.find_first_of("<>,;:\"()[]\\") == std::string_view::npos;
}

bool is_webhook_target(std::string_view text) {
  constexpr std::string_view kScheme = "https://";
  if (!text.starts_with(kScheme) || text.size() > kTargetBytesMax || !is_printable(text)) {
    return false;
  }
  const std::string_view rest = text.substr(kScheme.size());
  const std::string_view host = rest.substr(0, rest.find_first_of("/?#"));
  const std::string_view name = host.substr(0, host.find(':'));
  // A name of the public internet, not an address: who resolves it refuses private addresses.
  const std::size_t dot = name.rfind('.');
  return dot != std::string_view::npos && dot > 0 && dot + 1 < name.size() &&
         host.find('@') == std::string_view::npos && host.find('[') == std::string_view::npos &&
         std::isalpha(static_cast<unsigned char>(name[dot + 1])) != 0;
}

const Subscription* Subscriptions::find(std::string_view id) const {
  const auto found = subscriptions_.find(id);
  return found == subscriptions_.end() ? nullptr : &found->second;
}

std::vector<const Subscription*> Subscriptions::concerned(
    const std::vector<std::string>& components) const {
  std::vector<const Subscription*> found;
  for (const auto& [id, subscription] : subscriptions_) {
    if (!subscription.is_confirmed) continue;
    const std::vector<std::string>& of = subscription.components;
    const bool is_concerned =
        of.empty() || components.empty() ||
        std::any_of(of.begin(), of.end(), [&](const std::string& component) {
          return std::find(components.begin(), components.end(), component) != components.end();
        });
    if (is_concerned) found.push_back(&subscription);
  }
  return found;
}

base::Status Subscriptions::apply(const Entry& entry, Context& context) {
  if (entry.what() == "request") return request(entry, context);
  if (entry.what() == "confirm") return confirm(entry, context);
  if (entry.what() == "leave") return leave(entry, context);
  if (entry.what() == "effect") return {};
  return base::Error{fmt::format("there is no entry '{}'", entry.type)};
}

base::Status Subscriptions::check_request(const Subscription& wanted, const Context& context) {
  const bool is_good = (wanted.kind == "mail" && is_mail_target(wanted.target)) ||
                       (wanted.kind == "webhook" && is_webhook_target(wanted.target));
  if (wanted.id.empty() || !is_good) {
    return base::Error{"'target' is a mail address, or a webhook's URL that begins with https://"};
  }
  if (wanted.wanted_components.size() > kComponentsMax) {
    return base::Error{fmt::format("more than {} components", kComponentsMax)};
  }
  while (!requests_.empty() && requests_.front() + kMinuteNs <= context.now_ns) {
    requests_.pop_front();
  }
  if (requests_.size() >= kRequestsPerMinuteMax) {
    return base::Error{"too many requests in this minute; try again later"};
  }
  const Subscription* known = find(wanted.id);
  if (known != nullptr && known->asked_ns + kAskAgainAfterNs > context.now_ns) {
    return base::Error{"a confirmation was sent less than ten minutes ago"};
  }
  if (known == nullptr && (subscriptions_.size() >= kMost || unconfirmed_ >= kUnconfirmedMax)) {
    return base::Error{"no more subscriptions are taken at present"};
  }
  return {};
}

base::Status Subscriptions::request(const Entry& entry, Context& context) {
  Subscription wanted;
  wanted.id = text_or(entry.body, "id");
  wanted.kind = text_or(entry.body, "kind");
  wanted.target = text_or(entry.body, "target");
  wanted.wanted_language = text_or(entry.body, "language") == "en" ? "en" : "ja";
  wanted.wanted_components = texts_of(entry.body, "components");
  wanted.unsubscribe_url = text_or(entry.body, "unsubscribe_url");
  const std::string confirm_url = text_or(entry.body, "confirm_url");
  if (confirm_url.empty() || wanted.unsubscribe_url.empty()) {
    return base::Error{"'confirm_url' and 'unsubscribe_url' are needed"};
  }
  if (base::Status status = check_request(wanted, context); !status) return status;
  requests_.push_back(context.now_ns);
  const auto [at, is_new] = subscriptions_.try_emplace(wanted.id, wanted);
  Subscription& kept = at->second;
  if (is_new) ++unconfirmed_;
  kept.wanted_components = wanted.wanted_components;
  kept.wanted_language = wanted.wanted_language;
  kept.asked_ns = context.now_ns;
  ++kept.asked;
  ask(kept, confirm_url, context);
  return {};
}

void Subscriptions::ask(const Subscription& subscription, const std::string& confirm_url,
                        Context& context) {
  Effect effect;
  effect.key = fmt::format("subscription/{}/{}", subscription.id, subscription.asked);
  effect.kind = subscription.kind;
  effect.owner = "subscription";
  effect.repeat_is_safe = subscription.kind != "mail";
  effect.give_up_ns = context.now_ns + kAskAgainAfterNs;
  const std::string ja = fmt::format(
      "障害情報の配信登録を受け付けました。登録を有効にするには、次のページを開いて確認してください"
      ":\n"
      "{}\n心当たりがない場合は何もする必要はありません。\n",
      confirm_url);
  const std::string en = fmt::format(
      "Somebody asked for notices of outages to this address. To confirm it, open:\n{}\nIf it was "
      "not you, there is nothing to do.\n",
      confirm_url);
  const bool is_japanese = subscription.wanted_language == "ja";
  effect.what = {{"to", subscription.target},
                 {"subscription", subscription.id},
                 {"confirm_url", confirm_url},
                 {"language", subscription.wanted_language},
                 {"subject", is_japanese ? "配信登録の確認" : "Confirm your subscription"},
                 {"text", is_japanese ? ja + "\n--\n" + en : en + "\n--\n" + ja},
                 {"headers", unsubscribe_headers(subscription)}};
  context.outbox.add(std::move(effect), context);
}

base::Status Subscriptions::confirm(const Entry& entry, Context& context) {
  const auto found = subscriptions_.find(text_or(entry.body, "id"));
  if (found == subscriptions_.end()) {
    return base::Error{"there is no such subscription; ask for a new one"};
  }
  Subscription& kept = found->second;
  if (!kept.is_confirmed) --unconfirmed_;
  kept.is_confirmed = true;
  kept.confirmed_ns = context.now_ns;
  kept.components = kept.wanted_components;
  kept.language = kept.wanted_language;
  return {};
}

base::Status Subscriptions::leave(const Entry& entry, Context&) {
  const auto found = subscriptions_.find(text_or(entry.body, "id"));
  if (found == subscriptions_.end()) return {};  // left already: what was wanted is so
  if (!found->second.is_confirmed) --unconfirmed_;
  subscriptions_.erase(found);
  return {};
}

TimestampNs Subscriptions::next_due_ns() const {
  TimestampNs due = kNever;
  if (unconfirmed_ == 0) return due;
  for (const auto& [id, subscription] : subscriptions_) {
    if (!subscription.is_confirmed) due = std::min(due, subscription.asked_ns + kConfirmWithinNs);
  }
  return due;
}

void Subscriptions::advance(Context& context) {
  unconfirmed_ -= std::erase_if(subscriptions_, [&](const auto& item) {
    return !item.second.is_confirmed && item.second.asked_ns + kConfirmWithinNs <= context.now_ns;
  });
}

boost::json::value Subscriptions::view() const {
  boost::json::array array;
  for (const auto& [id, subscription] : subscriptions_) {
    boost::json::array components(subscription.components.begin(), subscription.components.end());
    array.push_back({{"id", id},
                     {"kind", subscription.kind},
                     {"target", subscription.target},
                     {"language", subscription.language},
                     {"components", std::move(components)},
                     {"confirmed", subscription.is_confirmed},
                     {"asked_ns", subscription.asked_ns}});
  }
  return array;
}

}  // namespace okiagari::desk
