// How long an order is good, and the end of a day, in the model: docs/venue.md a second time.
#include <algorithm>
#include <tuple>

#include "check/day_count.h"
#include "check/market_model.h"

namespace okiagari::check {
namespace {

constexpr std::uint16_t kNone = 0;
constexpr std::uint16_t kStateForbids = 0x07;
constexpr std::uint16_t kUnknownInstrument = 0x17;
constexpr std::uint16_t kMalformed = 0x112;
constexpr std::uint16_t kDayHasEnded = 0x126;
constexpr std::uint8_t kAuctionCall = 3;
constexpr char kDayOver = 'T';
constexpr std::uint32_t kLooksAtOnce = 4'096;
// Waiting buys with a trigger that stays, those that follow the price, sells likewise, bids, asks.
constexpr int kShelves = 6;
constexpr int kShelvesThatWait = 4;
constexpr std::uint8_t kAsBefore = 255;

}  // namespace

// The letter; what it cannot say goes into the appendage.
char MarketModel::say_time_in_force(const ModelOrder& order, std::string& appendage) {
  switch (order.time_in_force) {
    case 1:
      append_field(appendage, kTagGoodTillCancel, base::as_bytes("Y"));
      break;
    case 3:
      append_number(appendage, kTagMinimumQuantity, order.open);
      break;
    case kAtAuction:
      append_field(appendage, kTagAtAuction, base::as_bytes("Y"));
      break;
    case kGoodTillDate:
      append_number(appendage, kTagLastDay, date_of(order.last_day));
      break;
    default:
      break;
  }
  return order.time_in_force == 2 || order.time_in_force == 3 ? '3' : '0';
}

LoggedCommand MarketModel::with_time_of(const LoggedCommand& replacement,
                                        const ModelOrder& original) {
  LoggedCommand command = replacement;
  if (command.time_in_force != kAsBefore) return command;
  command.time_in_force = original.time_in_force;
  command.last_day = original.last_day;
  return command;
}

// An order for the auction alone needs an open call, one with a date a day that is to come.
std::uint16_t MarketModel::check_time(const LoggedCommand& command, std::uint16_t id) const {
  if (command.time_in_force == kGoodTillDate) {
    if (command.last_day == 0) return kMalformed;
    return command.last_day <= day_end_.day ? kDayHasEnded : kNone;
  }
  if (command.time_in_force != kAtAuction) return kNone;
  const auto found = instruments_.find(id);
  if (found == instruments_.end()) return kUnknownInstrument;
  if (!found->second.has_rules) return kMalformed;
  return found->second.state == kAuctionCall ? kNone : kStateForbids;
}

bool MarketModel::is_day_to_end(std::uint32_t date) const { return days_of(date) > day_end_.day; }

void MarketModel::begin_day_end(std::uint32_t date) {
  day_end_ = {};
  day_end_.day = days_of(date);
  day_end_.is_running = !instruments_.empty();
  day_end_.instrument = 1;
  day_end_.newest = reference_;
}

void MarketModel::end_day(const LoggedCommand& command) {
  if (day_end_.is_running || !is_day_to_end(command.date)) return;
  if (command.number <= control_number_) return;
  if (approvers_of(command).to_start < 2) return;
  control_number_ = command.number;
  begin_day_end(command.date);
  go_on_with_day_end();
}

bool MarketModel::is_over(const ModelOrder& order) const {
  if (!day_end_.is_running || order.reference > day_end_.newest) return false;
  if (order.time_in_force == kGoodTillDate) return order.last_day <= day_end_.day;
  return order.time_in_force != 1;
}

// Of the shelf at which the search is, in the order in which it is searched, what is still to come.
std::vector<MarketModel::Shelved> MarketModel::rest_of_shelf() const {
  std::vector<Shelved> all;
  if (day_end_.shelf < kShelvesThatWait) {
    const bool is_buy = day_end_.shelf < 2;
    const bool follows = day_end_.shelf % 2 == 1;
    for (const ModelStop& stop : stops_.all()) {
      if (stop.order.instrument != day_end_.instrument || (stop.order.side == 0) != is_buy)
        continue;
      if ((stop.distance_ticks != 0) != follows) continue;
      const std::int64_t by_trigger = std::int64_t{stop.trigger_ticks} * (is_buy ? 1 : -1);
      all.push_back({follows ? std::int64_t{stop.distance_ticks} : by_trigger, stop.order});
    }
  } else {
    const bool is_buy = day_end_.shelf == kShelvesThatWait;
    for (const ModelOrder& order : books_.orders_of(day_end_.instrument)) {
      if ((order.side == 0) != is_buy) continue;
      all.push_back({std::int64_t{order.price_ticks} * (is_buy ? -1 : 1), order});
    }
  }
  if (day_end_.reference != 0) {
    std::erase_if(all, [&](const Shelved& one) {
      return std::tie(one.rank, one.order.reference) <= std::tie(day_end_.rank, day_end_.reference);
    });
  }
  std::sort(all.begin(), all.end(), [](const Shelved& a, const Shelved& b) {
    return std::tie(a.rank, a.order.reference) < std::tie(b.rank, b.order.reference);
  });
  return all;
}

void MarketModel::go_on_with_day_end() {
  std::uint32_t looks = 0;
  while (day_end_.is_running) {
    for (const Shelved& one : rest_of_shelf()) {
      if (looks == kLooksAtOnce) return;
      ++looks;
      day_end_.rank = one.rank;
      day_end_.reference = one.order.reference;
      if (!is_over(one.order)) continue;
      if (day_end_.shelf >= kShelvesThatWait) {
        take_out(one.order, kDayOver);
      } else {
        say_canceled(sessions_.at(static_cast<std::uint16_t>(one.order.key >> 32)),
                     static_cast<std::uint32_t>(one.order.key), one.order.open, kDayOver);
        stops_.remove(one.order.key);
      }
    }
    // It does not know yet that nothing is behind.
    if (looks == kLooksAtOnce) return;
    day_end_.reference = 0;
    if (++day_end_.shelf < kShelves) continue;
    day_end_.shelf = 0;
    if (++day_end_.instrument > instruments_.size()) day_end_.is_running = false;
  }
}

}  // namespace okiagari::check
