// How a released notice goes to all channels: every effect is added at the same place of the log.
#include <fmt/format.h>

#include <boost/json.hpp>

#include "desk/notices.h"
#include "desk/outbox.h"
#include "desk/subscriptions.h"

namespace okiagari::desk {

namespace {

// A notice that comes later than the second one after it only confuses.
constexpr TimestampNs kGiveUpNs = 2 * Notices::kUpdateEveryNs;

boost::json::object message_of(const Notice& notice) {
  return {{"notice", notice.id},           {"incident", notice.incident},
          {"number", notice.number},       {"status", notice.status},
          {"issued_ns", notice.issued_ns}, {"title", to_json(notice.subject)},
          {"words", to_json(notice.text)}, {"signed_text", notice.signed_text},
          {"signature", notice.signature}};
}

// The mail's text: the reader's language first, the other below, so that a forward serves both.
std::string both(const Words& words, const std::string& language) {
  return language == "ja" ? words.ja + "\n--\n" + words.en : words.en + "\n--\n" + words.ja;
}

}  // namespace

void Notices::add_delivery(Notice& notice, std::string channel, std::string kind,
                           boost::json::object what, Context& context) {
  Effect effect;
  effect.key = fmt::format("notice/{}/{}", notice.id, channel);
  effect.kind = std::move(kind);
  effect.owner = "notice";
  effect.incident = notice.incident;
  effect.repeat_is_safe = effect.kind != "mail";
  effect.give_up_ns = context.now_ns + kGiveUpNs;
  effect.what = std::move(what);
  by_effect_[effect.key] = by_id_.at(notice.id);
  Delivery delivery;
  delivery.channel = std::move(channel);
  notice.deliveries.push_back(std::move(delivery));
  context.outbox.add(std::move(effect), context);
}

void Notices::send(Notice& notice, Context& context) {
  for (const NoticeChannel& channel : channels_) {
    boost::json::object what = message_of(notice);
    for (const auto& member : channel.with) what[member.key()] = member.value();
    const std::string language = text_or(channel.with, "language", "ja");
    what["subject"] = language == "ja" ? notice.subject.ja : notice.subject.en;
    what["text"] = both(notice.text, language);
    add_delivery(notice, channel.id, channel.kind, std::move(what), context);
  }
  send_to_subscribers(notice, context);
}

void Notices::send_to_subscribers(Notice& notice, Context& context) {
  if (subscriptions_ == nullptr) return;
  const std::vector<std::string> components = texts_of(notice.facts, "components");
  for (const Subscription* subscriber : subscriptions_->concerned(components)) {
    boost::json::object what = message_of(notice);
    what["to"] = subscriber->target;
    what["language"] = subscriber->language;
    what["subject"] = subscriber->language == "ja" ? notice.subject.ja : notice.subject.en;
    what["text"] = both(notice.text, subscriber->language) + unsubscribe_footer(*subscriber);
    what["headers"] = unsubscribe_headers(*subscriber);
    what["subscription"] = subscriber->id;
    add_delivery(notice, fmt::format("{}/{}", subscriber->kind, subscriber->id), subscriber->kind,
                 std::move(what), context);
  }
}

void Notices::heard(const TimelineItem& item, Context& context) {
  if (subscriptions_ == nullptr || !item.kind.starts_with("maintenance.") ||
      item.kind == "maintenance.overdue") {
    return;
  }
  const std::string id = text_or(item.data, "maintenance");
  for (const Subscription* subscriber :
       subscriptions_->concerned(texts_of(item.data, "components"))) {
    Effect effect;
    effect.key = fmt::format("maintenance/{}/{}/{}", id, item.number, subscriber->id);
    effect.kind = subscriber->kind;
    effect.owner = "notice";
    effect.repeat_is_safe = effect.kind != "mail";
    effect.give_up_ns = context.now_ns + kGiveUpNs;
    effect.what = {
        {"to", subscriber->target},
        {"language", subscriber->language},
        {"maintenance", id},
        {"subject", subscriber->language == "ja" ? item.words.ja : item.words.en},
        {"text", both(item.words, subscriber->language) + unsubscribe_footer(*subscriber)},
        {"headers", unsubscribe_headers(*subscriber)},
        {"subscription", subscriber->id}};
    context.outbox.add(std::move(effect), context);
  }
}

}  // namespace okiagari::desk
