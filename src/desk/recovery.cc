#include "desk/recovery.h"

#include <algorithm>
#include <boost/json.hpp>

namespace okiagari::desk {

base::Status Recovery::apply(const Entry&, Context&) {
  return base::Error{"nobody says that it is over: it is seen"};
}

void Recovery::recovered(const std::string& incident, Place& place, Context& context) {
  place = {State::recovered, kNever};
  context.note(incident, "incident.recovered",
               {"orders are answered and no halt is in force: the market trades again",
                "注文に応答し、売買停止もない: 売買が再開した"});
}

void Recovery::works(const std::string& incident, Context& context) {
  const auto [at, is_new] = places_.try_emplace(incident);
  if (!is_new) return;
  if (halts_.is_any_in_force()) {
    at->second.tell_ns = context.now_ns + kSettleNs;
  } else {
    recovered(incident, at->second, context);
  }
}

void Recovery::heard(const TimelineItem& item, Context& context) {
  if (item.kind == "incident.path_observed" || item.kind == "incident.trading_restored") {
    works(item.incident, context);
  } else if (item.kind == "halt.none_in_force") {
    for (auto& [incident, place] : places_) {
      if (place.state != State::recovered) recovered(incident, place, context);
    }
  } else if (item.kind == "incident.trading_impaired" || item.kind == "incident.reopened" ||
             item.kind == "incident.resolved" || item.kind == "incident.merged") {
    // What broke again must be seen to work again; what is over needs nothing.
    places_.erase(item.incident);
  }
}

TimestampNs Recovery::next_due_ns() const {
  TimestampNs due = kNever;
  for (const auto& [incident, place] : places_) due = std::min(due, place.tell_ns);
  return due;
}

void Recovery::advance(Context& context) {
  for (auto& [incident, place] : places_) {
    if (place.tell_ns > context.now_ns) continue;
    place = {State::told_under_halt, kNever};
    context.note(incident, "incident.servers_work",
                 {"the servers work again, trading is still halted",
                  "サーバーは回復したが、売買は停止中である"});
  }
}

boost::json::value Recovery::view() const {
  boost::json::object places;
  for (const auto& [incident, place] : places_) {
    places[incident] = place.state == State::recovered ? "recovered" : "works_under_halt";
  }
  return places;
}

}  // namespace okiagari::desk
