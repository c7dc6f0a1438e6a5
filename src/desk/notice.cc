#include "desk/notice.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/json.hpp>

#include "base/hash.h"
#include "desk/entry.h"
#include "desk/read_words.h"
#include "desk/time_text.h"

namespace okiagari::desk {

namespace {

constexpr std::array<std::string_view, 4> kStateNames = {"draft", "signing", "released",
                                                         "rejected"};
constexpr std::array<std::string_view, 16> kPublicKeys = {
    "severity",      "began_ns",          "title",          "what_happened",
    "affected",      "not_affected",      "components",     "can_trade",
    "trading_state", "order_disposition", "trade_validity", "outage_position",
    "next_action",   "expected",          "resume",         "contact"};

// The market's own words for its states, in words for everybody.
const std::map<std::string, Words, std::less<>>& trading_states() {
  static const std::map<std::string, Words, std::less<>> kStates = {
      {"halted", {"stopped; no orders, no cancels", "停止中（注文・取消とも受付停止）"}},
      {"cancel_only", {"stopped; cancels are taken", "停止中（取消のみ受付）"}},
      {"auction_call", {"orders are taken for an auction", "注文受付中（板寄せ前）"}},
      {"auction", {"orders are taken for an auction", "注文受付中（板寄せ前）"}},
      {"limit_only", {"open for limit orders", "指値注文のみ売買可"}},
      {"post_only", {"orders that rest are taken", "指値注文の受付のみ"}},
      {"continuous", {"open", "通常どおり売買可"}},
      {"open", {"open", "通常どおり売買可"}},
      {"impaired", {"orders are not matched", "売買ができない状態"}},
      {"unknown", {"unknown", "不明"}}};
  return kStates;
}

}  // namespace

std::string_view to_string(NoticeState state) {
  return kStateNames.at(static_cast<std::size_t>(state));
}

boost::json::object public_facts(const boost::json::object& body) {
  boost::json::object facts;
  for (const std::string_view key : kPublicKeys) {
    const boost::json::value* value = body.if_contains(key);
    if (value == nullptr || value->is_null()) continue;
    facts[key] = *value;
    if (key == "trading_state" && value->is_string()) {
      const auto known = trading_states().find(text_or(body, key));
      if (known != trading_states().end()) facts[key] = to_json(known->second);
    }
  }
  return facts;
}

boost::json::object with_facts(boost::json::object base, const boost::json::object& added) {
  for (const auto& fact : added) base[fact.key()] = fact.value();
  return base;
}

std::string signed_text_of(const Notice& notice) {
  std::string text = fmt::format(
      "Okiagari notice\nid: {}\nincident: {}\nnumber: {}\nstatus: {}\nissued: {}\n", notice.id,
      notice.incident, notice.number, notice.status, rfc3339_text(notice.issued_ns));
  if (notice.next_update_by_ns != 0) {
    text += fmt::format("next-update-by: {}\n", rfc3339_text(notice.next_update_by_ns));
  }
  if (notice.supersedes != 0) text += fmt::format("supersedes: {}\n", notice.supersedes);
  text += fmt::format("\n{}\n\n{}\n", notice.subject.ja, notice.text.ja);
  text += fmt::format("----\n{}\n\n{}\n", notice.subject.en, notice.text.en);
  return text;
}

std::int64_t spread_s(const Notice& notice) {
  TimestampNs first = 0;
  TimestampNs last = 0;
  for (const Delivery& delivery : notice.deliveries) {
    if (delivery.state != "done") continue;
    first = first == 0 ? delivery.ended_ns : std::min(first, delivery.ended_ns);
    last = std::max(last, delivery.ended_ns);
  }
  if (first == 0) return -1;
  return static_cast<std::int64_t>((last - first + 999'999'999) / 1'000'000'000);
}

boost::json::object to_json(const Notice& notice) {
  boost::json::array deliveries;
  for (const Delivery& delivery : notice.deliveries) {
    deliveries.push_back({{"channel", delivery.channel},
                          {"state", delivery.state},
                          {"ended_ns", delivery.ended_ns},
                          {"outcome", delivery.outcome}});
  }
  const base::Digest digest = base::digest(base::as_bytes(notice.signed_text));
  return {{"id", notice.id},
          {"incident", notice.incident},
          {"template", notice.template_id},
          {"status", notice.status},
          {"state", to_string(notice.state)},
          {"facts", notice.facts},
          {"subject", to_json(notice.subject)},
          {"text", to_json(notice.text)},
          {"by", notice.by},
          {"approved_by", notice.approved_by},
          {"drafted_ns", notice.drafted_ns},
          {"issued_ns", notice.issued_ns},
          {"released_ns", notice.released_ns},
          {"number", notice.number},
          {"released_index", notice.released_index},
          {"previous", notice.previous},
          {"supersedes", notice.supersedes},
          {"superseded_by", notice.superseded_by},
          {"correction_reason", to_json(notice.correction_reason)},
          {"next_update_by_ns", notice.next_update_by_ns},
          {"text_hash", notice.signed_text.empty() ? "" : base::to_hex(digest)},
          {"signed_text", notice.signed_text},
          {"signature", notice.signature},
          {"deliveries", std::move(deliveries)},
          {"spread_s", spread_s(notice)}};
}

}  // namespace okiagari::desk
