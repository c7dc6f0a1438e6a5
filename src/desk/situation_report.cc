#include "desk/situation_report.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>
#include <set>
#include <string>
#include <string_view>

namespace okiagari::desk {

namespace {

constexpr std::size_t kObservationsMax = 12;

// By the clocks that hang beside the screen, Japan's, and for others by their own count.
Words clock_time(TimestampNs at_ns) {
  constexpr std::time_t kJapanAheadS = 9 * 3'600;
  const auto seconds = static_cast<std::time_t>(at_ns / 1'000'000'000);
  const auto part = at_ns / 1'000'000 % 1'000;
  const std::string japan =
      fmt::format("{:%H:%M:%S}.{:03} JST", fmt::gmtime(seconds + kJapanAheadS), part);
  return {fmt::format("{} ({:%H:%M:%S} UTC)", japan, fmt::gmtime(seconds)), japan};
}

void say(boost::json::array& into, std::string en, std::string ja,
         boost::json::array evidence = {}) {
  into.push_back({{"en", std::move(en)}, {"ja", std::move(ja)}, {"evidence", std::move(evidence)}});
}

std::string joined(const boost::json::object& facts, std::string_view key) {
  std::string text;
  for (const std::string& name : texts_of(facts, key)) {
    if (!text.empty()) text += ", ";
    text += name;
  }
  return text;
}

// What was seen, each thing once, in order of time.
void say_observations(boost::json::array& into, const Incidents& incidents,
                      const Incident& incident, const cause::CauseTable& table) {
  std::vector<const watch::Evidence*> items = incidents.evidence_of(incident);
  std::stable_sort(items.begin(), items.end(),
                   [](const auto* a, const auto* b) { return a->from_ns < b->from_ns; });
  std::set<std::pair<std::string, std::string>> said;
  std::size_t count = 0;
  for (const watch::Evidence* item : items) {
    if (item->self_reported || !said.emplace(item->signal, item->entity).second) continue;
    if (++count > kObservationsMax) break;
    const cause::Bilingual* words = table.signal_text(item->signal);
    std::string ja = item->statement_ja;
    if (ja.empty()) ja = words == nullptr ? item->statement : words->ja;
    const Words at = clock_time(item->from_ns);
    say(into, fmt::format("{}, {}: {}.", at.en, item->entity, item->statement),
        fmt::format("{}、{}: {}。", at.ja, item->entity, ja), {item->id});
  }
  if (count <= kObservationsMax) return;
  say(into, "There is more; the timeline has all of it.", "このほかの事象は時系列を参照。");
}

// Halted on purpose is neither trading nor a fault.
Words trading_words(const boost::json::object& facts) {
  const std::string state = text_or(facts, "trading_state");
  if (state == "cancel_only") {
    return {"Trading is halted on purpose; cancels are taken.",
            "売買は意図的に停止中である（取消のみ受付）。"};
  }
  if (state == "halted") {
    return {"Trading is halted; neither orders nor cancels are taken.",
            "売買は停止中である（注文・取消とも受付停止）。"};
  }
  if (flag_or(facts, "can_trade", true)) return {"The market trades.", "売買は可能である。"};
  return {"The market cannot trade.", "売買ができない状態である。"};
}

void say_scope(boost::json::array& into, const Incident& incident) {
  const boost::json::object& facts = incident.facts;
  const bool can_trade = flag_or(facts, "can_trade", true);
  const std::string hit = joined(facts, "affected");
  const std::string not_hit = joined(facts, "not_affected");
  Words trading = trading_words(facts);
  say(into, std::move(trading.en), std::move(trading.ja));
  say(into,
      fmt::format("Hit: {}. Not hit: {}.", hit.empty() ? "nothing at this moment" : hit,
                  not_hit.empty() ? "nothing" : not_hit),
      fmt::format("影響あり: {}。影響なし: {}。", hit.empty() ? "現時点でなし" : hit,
                  not_hit.empty() ? "なし" : not_hit));
  const std::int64_t alive = number_or(facts, "servers_alive", 0);
  const std::int64_t total = number_or(facts, "servers_total", 0);
  const std::int64_t spare = number_or(facts, "servers_spare", 0);
  const bool last_stand = can_trade && spare == 0;
  say(into,
      fmt::format("{} of {} servers are alive{}.", alive, total,
                  last_stand ? "; the loss of one more stops the market" : ""),
      fmt::format("サーバー {} 台中 {} 台が稼働{}。", total, alive,
                  last_stand ? "。あと1台失うと市場は停止する" : ""));
  say(into,
      fmt::format(
          "Instruments without trading: {} of {}. Members cut off: {} of {}. Orders without "
          "an answer at the last look: {}.",
          number_or(facts, "instruments_hit_count", 0), number_or(facts, "instruments_total", 0),
          number_or(facts, "members_hit_count", 0), number_or(facts, "members_total", 0),
          number_or(facts, "orders_in_flight", 0)),
      fmt::format("売買できない銘柄: {} / {}。接続できない会員: {} / {}。直近の未応答注文: {}。",
                  number_or(facts, "instruments_hit_count", 0),
                  number_or(facts, "instruments_total", 0),
                  number_or(facts, "members_hit_count", 0), number_or(facts, "members_total", 0),
                  number_or(facts, "orders_in_flight", 0)));
}

void say_members(boost::json::array& into, const Incident& incident) {
  const boost::json::value* members = incident.facts.if_contains("members_hit");
  if (members == nullptr || !members->is_array() || members->get_array().empty()) return;
  std::string names;
  for (const boost::json::value& member : members->get_array()) {
    if (!member.is_object()) continue;
    if (!names.empty()) names += ", ";
    names += text_or(member.get_object(), "name");
  }
  say(into, fmt::format("Members cut off, by name: {}.", names),
      fmt::format("接続できない会員: {}。", names));
}

void say_cause(boost::json::array& into, const Incident& incident) {
  const boost::json::object* first = nullptr;
  if (!incident.hypotheses.empty()) first = incident.hypotheses.front().if_object();
  if (first == nullptr || !flag_or(*first, "is_confident", false)) {
    say(into, "The cause is not known yet.", "原因は現時点で不明である。");
    return;
  }
  boost::json::array evidence;
  for (const std::string& id : texts_of(*first, "evidence")) evidence.emplace_back(id);
  const boost::json::value* title = first->if_contains("title");
  if (title == nullptr || !title->is_object()) return;
  say(into, fmt::format("Likely cause: {}.", text_or(title->get_object(), "en")),
      fmt::format("推定原因: {}。", text_or(title->get_object(), "ja")), std::move(evidence));
}

}  // namespace

boost::json::array situation_report(const Incidents& incidents, const Incident& incident,
                                    const cause::CauseTable& table,
                                    const boost::json::array& thoughts) {
  boost::json::array sentences;
  const Words began = clock_time(incident.began_ns);
  say(sentences,
      fmt::format("Severity {}: {}, since {}.", incident.severity, incident.title.en, began.en),
      fmt::format("重大度 {}: {}（{} から）。", incident.severity, incident.title.ja, began.ja));
  say_observations(sentences, incidents, incident, table);
  say_scope(sentences, incident);
  say_members(sentences, incident);
  say_cause(sentences, incident);
  for (const boost::json::value& thought : thoughts) sentences.push_back(thought);
  return sentences;
}

}  // namespace okiagari::desk
