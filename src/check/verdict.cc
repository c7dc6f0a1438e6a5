#include "check/verdict.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <unordered_map>
#include <utility>

#include "base/hash.h"
#include "check/agreed_log.h"
#include "check/itch.h"
#include "check/itch_items.h"
#include "check/market_model.h"
#include "check/sent_and_logged.h"
#include "check/session_history.h"
#include "check/told_messages.h"

namespace okiagari::check {
namespace {

Item item_of(const OuchAnswer& answer) {
  base::ByteWriter about;
  about.little(answer.type);
  about.little(answer.user_reference);
  about.little(answer.match);
  base::ByteWriter all;
  all.bytes(about.view());
  all.little(answer.time_ns);
  all.little(answer.original_user_reference);
  all.little(answer.side);
  all.little(answer.quantity);
  all.object(answer.symbol);
  all.little(answer.price_e4);
  all.little(answer.time_in_force);
  all.little(answer.display);
  all.little(answer.order_reference);
  all.little(answer.capacity);
  all.little(answer.sweep);
  all.little(answer.cross);
  all.little(answer.order_state);
  all.object(answer.client_order_id);
  all.little(answer.liquidity);
  all.little(answer.reason);
  all.little(answer.scope);
  all.little(answer.state);
  all.little(answer.state_reason);
  all.bytes(base::as_bytes(answer.appendage));
  return {base::hash64(about.view()), base::hash64(all.view())};
}

template <typename Message>
std::vector<Item> items_of(const std::vector<Message>& messages) {
  std::vector<Item> items;
  items.reserve(messages.size());
  for (const Message& message : messages) items.push_back(item_of(message));
  return items;
}

std::vector<Item> raw_items(const std::vector<Answered>& answers) {
  std::vector<Item> items;
  for (const Answered& answered : answers) {
    items.push_back({item_of(answered.answer).identity, base::hash64(answered.message)});
  }
  return items;
}

std::vector<OuchAnswer> readable(const std::vector<Answered>& answers, const std::string& where,
                                 Findings& findings) {
  std::vector<OuchAnswer> messages;
  for (const Answered& answered : answers) {
    if (!answered.is_readable) {
      findings.add(Wrong::contradicted, fmt::format("{}: a message of no known kind: {}", where,
                                                    base::to_hex(answered.message)));
    }
    messages.push_back(answered.answer);
  }
  return messages;
}

template <typename Message>
void compare_messages(const std::vector<Message>& expected, const std::vector<Message>& actual,
                      const std::string& where, Findings& findings) {
  compare_sequences(
      items_of(expected), items_of(actual), where,
      [&](std::size_t at) { return describe(expected[at]); },
      [&](std::size_t at) { return describe(actual[at]); }, findings);
}

class Judgement {
 public:
  explicit Judgement(const Evidence& evidence)
      : evidence_(evidence), sorted_(sort_history(*evidence.history)) {}

  Verdict run() {
    judge_evidence();
    compare_live_with_replays();
    compare_trades(sorted_.sessions, sorted_.feed.live, findings());
    judge_journal();
    OpenOrders on_feed = open_by_feed(sorted_.feed.live, findings());
    for (const std::uint64_t reference : open_by_others_) on_feed.erase(reference);
    compare_open_orders(open_by_members(sorted_.sessions, findings()), on_feed, findings());
    measure();
    return std::move(verdict_);
  }

 private:
  Findings& findings() { return verdict_.findings; }

  // What is missing to judge by is unknown, not well.
  void judge_evidence() {
    if (sorted_.quiet_ns == 0) {
      findings().add(Wrong::unknown, "the run did not come to rest: something stayed unanswered");
    }
    for (const std::string& words : evidence_.unreadable_journals) {
      findings().add(Wrong::unknown, words);
    }
    for (const std::string& words : evidence_.troubles) findings().add(Wrong::unknown, words);
    for (const auto& [session, why] : sorted_.failed_replays) {
      findings().add(Wrong::unknown, fmt::format("session {}: no replay: {}", session, why));
    }
    for (const auto& [node, why] : sorted_.feed.failures) {
      findings().add(Wrong::unknown, fmt::format("node {}: no replay of the feed: {}", node, why));
    }
  }

  void compare_live_with_replays() {
    for (const auto& one : sorted_.sessions) {
      const auto& id = one.first;
      const auto& session = one.second;
      for (std::size_t replay = 0; replay < session.replays.size(); ++replay) {
        compare_sequences(
            raw_items(session.live), raw_items(session.replays[replay]),
            fmt::format("session {}, received live against replay {}", id, replay + 1),
            [&](std::size_t at) { return describe(session.live[at].answer); },
            [&](std::size_t at) { return describe(session.replays[replay][at].answer); },
            findings());
      }
    }
    for (const auto& [node, replay] : sorted_.feed.replays) compare_feed(node, replay);
  }

  void compare_feed(std::uint16_t node, const std::vector<base::Bytes>& replay) {
    const auto raw = [](const std::vector<base::Bytes>& messages) {
      std::vector<Item> items;
      for (const base::Bytes message : messages) {
        ItchMessage decoded;
        (void)decode_itch(message, decoded);
        items.push_back({item_of(decoded).identity, base::hash64(message)});
      }
      return items;
    };
    const auto say = [](const std::vector<base::Bytes>& messages, std::size_t at) {
      ItchMessage decoded;
      (void)decode_itch(messages[at], decoded);
      return describe(decoded);
    };
    compare_sequences(
        raw(sorted_.feed.live), raw(replay),
        fmt::format("feed, received live against replay of node {}", node),
        [&](std::size_t at) { return say(sorted_.feed.live, at); },
        [&](std::size_t at) { return say(replay, at); }, findings());
  }

  void judge_journal() {
    const Journal* survivor = evidence_.survivor ? &*evidence_.survivor : nullptr;
    const AgreedLog log = agree_on_log(evidence_.journals, evidence_.nodes(), survivor, findings());
    if (log.entries.empty()) return;
    judge_times_and_doubles(log);
    MarketModel model(refusals_for_funds());
    LoggedBySession logged;
    InstrumentIds instruments;
    bool is_rebuilt = log.rebuilt_after == 0;
    for (const AgreedEntry& entry : log.entries) {
      if (entry.index > log.rebuilt_after && !std::exchange(is_rebuilt, true)) {
        model.hold_for_founding(log.rebuilt_after);
      }
      std::vector<Disposition> dispositions;
      model.apply(entry.batch, dispositions);
      take_logged(entry, dispositions, logged, instruments);
    }
    verdict_.figures.refusals_for_funds = model.refusals_taken();
    model.books().for_each([this](const ModelOrder& order) {
      const auto session = static_cast<std::uint16_t>(order.key >> 32);
      if (evidence_.other_sessions.contains(session)) open_by_others_.insert(order.reference);
    });
    for (const auto& [id, session] : sorted_.sessions) {
      compare_sent_and_logged(id, session, logged[id], instruments, model, findings());
      const std::string where = fmt::format("session {}, journal against received live", id);
      compare_messages(model.answers(id), readable(session.live, where, findings()), where,
                       findings());
    }
    for (const auto& [id, commands] : logged) {
      if (sorted_.sessions.contains(id) || commands.empty()) continue;
      if (evidence_.other_sessions.contains(id)) continue;
      findings().add(Wrong::contradicted,
                     fmt::format("session {}: {} commands in the journal, sent by nobody", id,
                                 commands.size()));
    }
    compare_messages(model.feed(), feed_messages(), "feed, journal against received live",
                     findings());
  }

  void take_logged(const AgreedEntry& entry, const std::vector<Disposition>& dispositions,
                   LoggedBySession& logged, InstrumentIds& instruments) {
    for (std::size_t at = 0; at < entry.batch.commands.size(); ++at) {
      const LoggedCommand& command = entry.batch.commands[at];
      ++verdict_.figures.logged_commands;
      if (command.type == LoggedType::add_instrument) {
        instruments.emplace(command.symbol, command.instrument);
      }
      if (!command.is_from_session()) continue;
      if (dispositions[at] != Disposition::applied) ++verdict_.figures.repeats_in_journal;
      logged[command.session].push_back({command, dispositions[at]});
    }
  }

  // A gateway sends again what it does not know to be decided, but only to another leader, or when
  // it has lost its connection to this one and come back. Without that one term holds a message of
  // a stream once, unless what came first was refused for a gap.
  void judge_times_and_doubles(const AgreedLog& log) {
    std::uint64_t time_ns = 0;
    struct Sent {
      std::uint64_t next = 0;
      std::uint64_t next_again = 0;  // of what is being sent again; 0: nothing is
      std::uint64_t returns = 0;
    };
    std::map<std::pair<std::uint64_t, std::uint64_t>, Sent> sent_by_stream;
    for (const AgreedEntry& entry : log.entries) {
      if (entry.batch.timestamp_ns < time_ns) {
        findings().add(Wrong::contradicted,
                       fmt::format("journal, index {}: time runs backwards", entry.index));
      }
      time_ns = entry.batch.timestamp_ns;
      for (const LoggedCommand& command : entry.batch.commands) {
        if (!command.is_from_session()) continue;
        const std::uint64_t stream = std::uint64_t{command.session} << 32 | command.epoch;
        Sent& sent = sent_by_stream[{entry.term, stream}];
        const std::uint64_t next = command.stream_number + std::uint64_t{1};
        if (command.stream_number >= sent.next) {
          if (sent.next == 0 || command.stream_number == sent.next) sent.next = next;
          sent.next_again = 0;
          continue;
        }
        if (command.stream_number != sent.next_again) ++sent.returns;
        sent.next_again = next;
        if (sent.returns > returns_in(entry.term)) {
          findings().add(Wrong::doubled, fmt::format("journal, index {}: once more in one term: {}",
                                                     entry.index, describe(command)));
        }
      }
    }
  }

  std::uint64_t returns_in(std::uint64_t term) const {
    const auto found = evidence_.returns.find(term);
    return found == evidence_.returns.end() ? 0 : found->second;
  }

  FundsRefusals refusals_for_funds() const {
    FundsRefusals refusals;
    const auto take = [&](std::uint16_t id, const std::vector<Answered>& answers) {
      for (const Answered& answered : answers) {
        const OuchAnswer& answer = answered.answer;
        if (answer.type != kOuchRejected || !is_about_funds(answer.reason)) continue;
        refusals.emplace(std::pair{id, answer.user_reference}, answer.reason);
      }
    };
    for (const auto& [id, session] : sorted_.sessions) {
      take(id, session.live);
      for (const auto& replay : session.replays) take(id, replay);
    }
    return refusals;
  }

  std::vector<ItchMessage> feed_messages() const {
    std::vector<ItchMessage> messages;
    for (const base::Bytes bytes : sorted_.feed.live) {
      ItchMessage& message = messages.emplace_back();
      (void)decode_itch(bytes, message);
    }
    return messages;
  }

  void measure() {
    VerdictFigures& figures = verdict_.figures;
    std::vector<std::uint64_t> acknowledged_ns;
    std::vector<std::uint64_t> latencies_ns;
    for (const auto& [id, session] : sorted_.sessions) {
      std::unordered_map<std::uint32_t, std::uint64_t> sent_ns;
      for (const Sent& sent : session.sent) {
        if (sent.type != 'X') sent_ns[sent.user_reference] = sent.time_ns;
        if (sent.refused) ++figures.refused_by_gateways;
      }
      figures.messages_sent += session.sent.size();
      figures.answers += session.live.size();
      for (const auto& replay : session.replays) figures.replayed_answers += replay.size();
      for (const Answered& answered : session.live) {
        const char type = answered.answer.type;
        if (type == kOuchExecuted && answered.answer.liquidity == 'R') ++figures.trades;
        if (type != kOuchAccepted && type != kOuchReplaced) continue;
        acknowledged_ns.push_back(answered.time_ns);
        const auto found = sent_ns.find(answered.answer.user_reference);
        if (found != sent_ns.end()) latencies_ns.push_back(answered.time_ns - found->second);
      }
    }
    figures.orders_acknowledged = acknowledged_ns.size();
    figures.feed_messages = sorted_.feed.live.size();
    figures.connections_lost = count_lost_connections();
    measure_gap(acknowledged_ns);
    figures.ack_us_p50 = percentile_us(latencies_ns, 50);
    figures.ack_us_p99 = percentile_us(latencies_ns, 99);
  }

  std::uint64_t count_lost_connections() const {
    std::uint64_t count = 0;
    const History& history = *evidence_.history;
    for (std::size_t at = 0; at < history.size(); ++at) {
      if (history[at].event == HistoryEvent::connection_lost) ++count;
    }
    return count;
  }

  void measure_gap(std::vector<std::uint64_t>& times_ns) {
    std::sort(times_ns.begin(), times_ns.end());
    std::uint64_t longest_ns = 0;
    for (std::size_t at = 1; at < times_ns.size(); ++at) {
      longest_ns = std::max(longest_ns, times_ns[at] - times_ns[at - 1]);
    }
    verdict_.figures.ack_gap_ms_max = static_cast<double>(longest_ns) / 1e6;
  }

  static double percentile_us(std::vector<std::uint64_t>& values_ns, std::size_t percent) {
    if (values_ns.empty()) return 0;
    const std::size_t place = std::min(values_ns.size() - 1, values_ns.size() * percent / 100);
    std::nth_element(values_ns.begin(), values_ns.begin() + static_cast<std::ptrdiff_t>(place),
                     values_ns.end());
    return static_cast<double>(values_ns[place]) / 1e3;
  }

  const Evidence& evidence_;
  SortedHistory sorted_;
  Verdict verdict_;
  // On the feed by sessions that are not judged, and by the journal open.
  std::set<std::uint64_t> open_by_others_;
};

}  // namespace

Verdict judge(const Evidence& evidence) { return Judgement(evidence).run(); }

}  // namespace okiagari::check
