#include "cli/replay_tally.h"

#include <fmt/format.h>

#include "check/ouch.h"
#include "venue/names.h"
#include "wire/ouch_venue.h"

namespace okiagari::cli {

namespace {

// The venue's own word where it has one, else the gateway's.
std::string name_of_code(std::uint16_t code) {
  const auto reject = static_cast<wire::ouch::RejectCode>(code);
  const venue::Reason reason = wire::ouch::reason_of(reject);
  return std::string(reason == venue::Reason::none ? wire::ouch::describe(reject)
                                                   : venue::name_of(reason));
}

std::uint64_t sum_of(const std::map<std::string, std::uint64_t>& counts) {
  std::uint64_t sum = 0;
  for (const auto& [name, count] : counts) sum += count;
  return sum;
}

}  // namespace

void ReplayTally::take(const check::HistoryRecord& record) {
  using check::HistoryEvent;
  switch (record.event) {
    case HistoryEvent::begun:
      begun_.insert(record.source);
      return;
    case HistoryEvent::sent:
      ++sent_;
      if (static_cast<char>(record.bytes[0]) == 'O') {
        const auto reference = base::load_big<std::uint32_t>(&record.bytes[1]);
        sent_ns_.emplace(key_of(record, reference), record.time_ns);
      }
      return;
    case HistoryEvent::sent_again:
      ++sent_again_;
      return;
    case HistoryEvent::answered:
      if (begun_.contains(record.source)) take_answer(record);
      return;
    case HistoryEvent::refused: {
      check::OuchRefusal refusal;
      if (!check::decode_ouch_refusal(record.bytes, refusal)) return;
      ++refused_by_gateways_[name_of_code(refusal.reason)];
      sent_ns_.erase(key_of(record, refusal.user_reference));
      return;
    }
    case HistoryEvent::gave_up:
      ++lost_;
      return;
    case HistoryEvent::feed:
      ++feed_messages_;
      return;
    case HistoryEvent::connection_lost:
      connections_lost_ += begun_.contains(record.source) ? 1 : 0;
      return;
    default:
      return;
  }
}

void ReplayTally::take_first_answer(const check::HistoryRecord& record,
                                    std::uint32_t user_reference) {
  const auto order = sent_ns_.find(key_of(record, user_reference));
  if (order == sent_ns_.end()) return;
  latency_.add(record.time_ns - order->second);
  sent_ns_.erase(order);
}

void ReplayTally::take_answer(const check::HistoryRecord& record) {
  check::OuchAnswer answer;
  if (!check::decode_ouch(record.bytes, answer)) return;
  switch (answer.type) {
    case check::kOuchAccepted:
      ++acknowledged_;
      return take_first_answer(record, answer.user_reference);
    case check::kOuchRejected:
      ++refused_by_venue_[name_of_code(answer.reason)];
      return take_first_answer(record, answer.user_reference);
    case check::kOuchExecuted:
      trades_ += answer.liquidity == 'R' ? 1 : 0;
      return;
    case check::kOuchCanceled:
      ++cancels_done_;
      return;
    case check::kOuchCancelRejected:
      ++cancels_too_late_;
      return;
    default:
      return;
  }
}

void ReplayTally::report(base::Report& report) const {
  const auto count = [&](const std::string& name, std::uint64_t value, const char* unit) {
    report.figure(name, static_cast<double>(value), unit);
  };
  const auto ms = [&](const char* name, std::uint64_t ns) {
    report.figure(name, static_cast<double>(ns) / 1e6, "ms");
  };
  count("messages sent", sent_, "messages");
  count("orders acknowledged", acknowledged_, "orders");
  count("cancellations, also of what could not trade at once", cancels_done_, "orders");
  count("cancels that came too late", cancels_too_late_, "cancels");
  count("trades", trades_, "trades");
  count("feed messages", feed_messages_, "messages");
  count("connections lost", connections_lost_, "connections");
  count("messages sent again after that", sent_again_, "messages");
  for (const auto& [name, refused] : refused_by_venue_) {
    count("refused by the venue: " + name, refused, "orders");
  }
  for (const auto& [name, refused] : refused_by_gateways_) {
    count("refused by a gateway: " + name, refused, "messages");
  }
  if (latency_.count() > 0) {
    ms("order to acknowledgement, median", latency_.quantile_ns(0.5));
    ms("90th percentile", latency_.quantile_ns(0.9));
    ms("99th percentile", latency_.quantile_ns(0.99));
    ms("99.9th percentile", latency_.quantile_ns(0.999));
    ms("longest", latency_.max_ns());
  }
  const auto none = [&](const char* name, std::uint64_t value) {
    report.check(name, static_cast<std::int64_t>(value), std::int64_t{0});
  };
  none("lost: messages without an answer", lost_);
  none("orders refused by the venue", sum_of(refused_by_venue_));
  none("messages refused by gateways", sum_of(refused_by_gateways_));
}

}  // namespace okiagari::cli
