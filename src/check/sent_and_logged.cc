#include "check/sent_and_logged.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <string>

#include "base/hash.h"
#include "check/day_count.h"

namespace okiagari::check {
namespace {

constexpr std::uint8_t kBothSides = 2;

// What is said nowhere: of a new order a day's, of a replacement what the order was good for.
std::uint8_t time_in_force_of(char letter, base::Bytes appendage, std::uint8_t unsaid) {
  if (letter == '3') return appendage_field(appendage, kTagMinimumQuantity).empty() ? 2 : 3;
  const base::Bytes at_auction = appendage_field(appendage, kTagAtAuction);
  const base::Bytes till_cancel = appendage_field(appendage, kTagGoodTillCancel);
  if (base::as_text(at_auction) == "Y") return 4;
  if (base::as_text(till_cancel) == "Y") return 1;
  if (!appendage_field(appendage, kTagLastDay).empty()) return 5;
  return at_auction.empty() && till_cancel.empty() ? unsaid : 0;
}

std::uint16_t last_day_of(base::Bytes appendage) {
  const base::Bytes date = appendage_field(appendage, kTagLastDay);
  return date.size() == 4 ? days_of(base::load_big<std::uint32_t>(date.data())) : std::uint16_t{0};
}

base::Bytes read_appendage(base::ByteReader& reader) {
  const auto size = reader.big<std::uint16_t>();
  return reader.bytes(size);
}

std::uint16_t find_instrument(const InstrumentIds& instruments, const Symbol& symbol) {
  const auto found = instruments.find(symbol);
  return found == instruments.end() ? std::uint16_t{0} : found->second;
}

std::uint8_t post_only_of(base::Bytes appendage) {
  return base::as_text(appendage_field(appendage, kTagPostOnly)) == "P" ? 1 : 0;
}

// False when it does not wait for one.
bool read_trigger(base::Bytes appendage, LoggedCommand& command) {
  const base::Bytes trigger = appendage_field(appendage, kTagTrigger);
  if (trigger.size() != 8) return false;
  command.trigger_e4 = base::load_big<std::uint64_t>(trigger.data());
  return true;
}

// False when it follows no price.
bool read_trail(base::Bytes appendage, LoggedCommand& command) {
  const base::Bytes trail = appendage_field(appendage, kTagTrail);
  if (trail.size() != 8) return false;
  command.distance_e4 = base::load_big<std::uint64_t>(trail.data());
  return true;
}

// False when it says nothing of it.
bool read_floor(base::Bytes appendage, LoggedCommand& command) {
  const base::Bytes floor = appendage_field(appendage, kTagMaxFloor);
  if (floor.size() != 4) return false;
  command.display = base::load_big<std::uint32_t>(floor.data());
  return true;
}

void read_enter(base::ByteReader& reader, const InstrumentIds& instruments,
                LoggedCommand& command) {
  command.type = LoggedType::new_order;
  command.user_reference = reader.big<std::uint32_t>();
  command.side = reader.little<char>() == 'B' ? 0 : 1;
  command.quantity = reader.big<std::uint32_t>();
  Symbol symbol{};
  (void)reader.object(symbol);
  command.instrument = find_instrument(instruments, symbol);
  const auto price_e4 = reader.big<std::uint64_t>();
  command.price_type = price_e4 == kOuchMarketPrice ? 1 : 0;
  command.price_e4 = command.price_type == 1 ? 0 : price_e4;
  const char time_in_force = reader.little<char>();
  (void)reader.bytes(4);
  (void)reader.object(command.client_order_id);
  const base::Bytes appendage = read_appendage(reader);
  command.time_in_force = time_in_force_of(time_in_force, appendage, 0);
  command.last_day = last_day_of(appendage);
  command.post_only = post_only_of(appendage);
  const base::Bytes self_trade = appendage_field(appendage, kTagSelfTrade);
  if (self_trade.size() == 1) {
    command.self_trade = static_cast<std::uint8_t>(static_cast<char>(self_trade[0]) - '0');
  }
  const base::Bytes account = appendage_field(appendage, kTagAccount);
  if (account.size() == 4) command.account = base::load_big<std::uint32_t>(account.data());
  if (read_trigger(appendage, command)) command.type = LoggedType::new_stop;
  if (read_trail(appendage, command)) command.type = LoggedType::new_trailing_stop;
  if (read_floor(appendage, command) && command.display != 0) {
    command.type = LoggedType::new_iceberg;
  }
}

void read_replace(base::ByteReader& reader, LoggedCommand& command) {
  command.type = LoggedType::replace_order;
  command.original_user_reference = reader.big<std::uint32_t>();
  command.user_reference = reader.big<std::uint32_t>();
  command.quantity = reader.big<std::uint32_t>();
  command.price_e4 = reader.big<std::uint64_t>();
  const char time_in_force = reader.little<char>();
  (void)reader.bytes(2);
  (void)reader.object(command.client_order_id);
  const base::Bytes appendage = read_appendage(reader);
  command.time_in_force = time_in_force_of(time_in_force, appendage, 255);
  command.last_day = last_day_of(appendage);
  command.post_only = post_only_of(appendage);
  if (read_floor(appendage, command)) command.type = LoggedType::replace_iceberg;
  if (read_trigger(appendage, command)) {
    command.type = LoggedType::replace_stop;
  } else if (read_trail(appendage, command)) {
    command.type = LoggedType::replace_trailing_stop;
  } else {
    return;
  }
  if (command.price_e4 != kOuchMarketPrice) return;
  command.price_type = 1;
  command.price_e4 = 0;
}

void read_mass_cancel(base::ByteReader& reader, const InstrumentIds& instruments,
                      LoggedCommand& command) {
  command.type = LoggedType::mass_cancel;
  command.user_reference = reader.big<std::uint32_t>();
  (void)reader.bytes(4);
  Symbol symbol{};
  (void)reader.object(symbol);
  command.instrument = find_instrument(instruments, symbol);
  const std::string_view side = base::as_text(appendage_field(read_appendage(reader), kTagSide));
  command.side = side == "B" ? 0 : side == "S" ? 1 : kBothSides;
}

std::uint64_t content_of(const LoggedCommand& command) {
  return base::hash64(base::as_bytes(fmt::format(
      "{} {} {} {} {} {} {} {} {} {} {} {} {} {} {} {} {}", static_cast<int>(command.type),
      command.user_reference, command.original_user_reference, command.quantity, command.price_e4,
      command.account, command.instrument, command.side, command.price_type, command.time_in_force,
      command.last_day, command.self_trade, command.post_only, command.trigger_e4,
      command.distance_e4, command.display,
      std::string_view(command.client_order_id.data(),
                       command.client_order_id[0] == '\0' ? 0 : command.client_order_id.size()))));
}

bool is_cancel(const LoggedCommand& command) { return command.type == LoggedType::cancel_order; }

class Comparison {
 public:
  Comparison(std::uint16_t session, const SessionHistory& history,
             const std::vector<LoggedOfSession>& logged, const InstrumentIds& instruments,
             const MarketModel& model, Findings& findings)
      : where_(fmt::format("session {}, sent against journal", session)),
        session_(session),
        history_(history),
        logged_(of_this_run(logged, history.first_user_reference)),
        model_(model),
        findings_(findings) {
    for (const Sent& sent : history.sent) {
      LoggedCommand command;
      is_command_.push_back(command_of(sent.message, instruments, command));
      commands_.push_back(command);
    }
  }

  void run() {
    count_cancels();
    for (const auto& [content, count] : cancels_) judge_cancel(count);
    compare_orders();
  }

 private:
  // A session's first message in a run is an order; what the journal holds before it is older.
  static std::vector<LoggedOfSession> of_this_run(const std::vector<LoggedOfSession>& logged,
                                                  std::uint32_t first_user_reference) {
    const auto begin = std::find_if(logged.begin(), logged.end(), [&](const auto& one) {
      return !is_cancel(one.command) && one.command.user_reference >= first_user_reference;
    });
    return {begin, logged.end()};
  }

  std::string say_sent(std::size_t at) const { return describe(commands_[at]); }

  // Orders, replaces and mass cancels carry a number that works once. Cancels that came once take
  // part, so that the order among all of them is held.
  void compare_orders() {
    std::set<std::uint32_t> refused_numbers;
    std::vector<Item> actual;
    std::vector<std::size_t> actual_places;
    for (std::size_t at = 0; at < logged_.size(); ++at) {
      const LoggedOfSession& logged = logged_[at];
      if (is_cancel(logged.command) && !came_once(content_of(logged.command))) continue;
      if (logged.disposition == Disposition::refused_number) {
        refused_numbers.insert(logged.command.user_reference);
      } else if (logged.disposition == Disposition::applied) {
        actual.push_back(item_of(logged.command));
        actual_places.push_back(at);
      }
    }
    std::vector<Item> expected;
    std::vector<std::size_t> expected_places;
    const std::set<std::uint64_t> carried_out = identities_of(actual);
    for (std::size_t at = 0; at < commands_.size(); ++at) {
      if (!must_be_logged(at, refused_numbers, carried_out)) continue;
      expected.push_back(item_of(commands_[at]));
      expected_places.push_back(at);
    }
    compare_sequences(
        expected, actual, where_, [&](std::size_t at) { return say_sent(expected_places[at]); },
        [&](std::size_t at) { return describe(logged_[actual_places[at]].command); }, findings_);
  }

  static std::set<std::uint64_t> identities_of(const std::vector<Item>& items) {
    std::set<std::uint64_t> identities;
    for (const Item& item : items) identities.insert(item.identity);
    return identities;
  }

  static Item item_of(const LoggedCommand& command) {
    const std::uint64_t content = content_of(command);
    return {is_cancel(command) ? content : command.user_reference, content};
  }

  [[nodiscard]] bool came_once(std::uint64_t cancel) const {
    const auto found = cancels_.find(cancel);
    return found != cancels_.end() && found->second.sent == 1 && found->second.again == 0 &&
           found->second.applied == 1;
  }

  // Adds a finding itself when nobody can tell what became of the message.
  bool must_be_logged(std::size_t at, const std::set<std::uint32_t>& refused_numbers,
                      const std::set<std::uint64_t>& carried_out) {
    const Sent& sent = history_.sent[at];
    if (!is_command_[at]) return false;
    if (is_cancel(commands_[at])) return !sent.refused && came_once(content_of(commands_[at]));
    const bool is_there = carried_out.contains(sent.user_reference);
    if (is_there && sent.refused) {
      findings_.add(
          Wrong::contradicted,
          fmt::format("{}: refused by the gateway and carried out: {}", where_, say_sent(at)));
      return true;
    }
    if (is_there) return true;
    if (sent.refused || refused_numbers.contains(sent.user_reference)) return false;
    if (sent.gave_up) {
      findings_.add(Wrong::unknown,
                    fmt::format("{}: no answer, and not in the journal: {}", where_, say_sent(at)));
      return false;
    }
    return true;
  }

  struct CancelCount {
    std::uint64_t sent = 0;
    std::uint64_t again = 0;
    std::uint64_t excused = 0;
    std::uint64_t applied = 0;
    std::size_t first = 0;
  };

  // A cancel has no number of its own: one sent again after a loss of connection may work twice.
  // One that was lost with a connection is not sent again when the order was seen to be gone
  // meanwhile.
  void count_cancels() {
    for (std::size_t at = 0; at < commands_.size(); ++at) {
      if (!is_command_[at] || !is_cancel(commands_[at]) || history_.sent[at].refused) continue;
      CancelCount& count = cancels_[content_of(commands_[at])];
      if (count.sent++ == 0) count.first = at;
      count.again += history_.sent[at].times_again;
      const std::uint64_t key = model_key(session_, commands_[at].user_reference);
      const bool is_gone = !model_.lives(key);
      if (history_.sent[at].connection_lost && is_gone) ++count.excused;
    }
    for (const LoggedOfSession& logged : logged_) {
      if (!is_cancel(logged.command) || logged.disposition != Disposition::applied) continue;
      const auto found = cancels_.find(content_of(logged.command));
      if (found == cancels_.end()) {
        findings_.add(Wrong::contradicted,
                      fmt::format("{}: nobody sent {}", where_, describe(logged.command)));
      } else {
        ++found->second.applied;
      }
    }
  }

  void judge_cancel(const CancelCount& count) {
    if (count.applied + count.excused < count.sent) {
      const bool gave_up = history_.sent[count.first].gave_up;
      findings_.add(gave_up ? Wrong::unknown : Wrong::lost,
                    fmt::format("{}: missing {}", where_, say_sent(count.first)));
    }
    if (count.applied > count.sent + count.again) {
      findings_.add(Wrong::doubled, fmt::format("{}: once more {}", where_, say_sent(count.first)));
    }
  }

  std::string where_;
  std::uint16_t session_;
  const SessionHistory& history_;
  std::vector<LoggedOfSession> logged_;
  const MarketModel& model_;
  Findings& findings_;
  std::vector<LoggedCommand> commands_;  // of each message sent
  std::vector<bool> is_command_;
  std::map<std::uint64_t, CancelCount> cancels_;  // by what they say
};

}  // namespace

bool command_of(base::Bytes message, const InstrumentIds& instruments, LoggedCommand& command) {
  base::ByteReader reader(message);
  switch (reader.little<char>()) {
    case 'O':
      read_enter(reader, instruments, command);
      break;
    case 'U':
      read_replace(reader, command);
      break;
    case 'X':
      command.type = LoggedType::cancel_order;
      command.user_reference = reader.big<std::uint32_t>();
      command.quantity = reader.big<std::uint32_t>();
      break;
    case 'C':
      read_mass_cancel(reader, instruments, command);
      break;
    default:
      return false;
  }
  return reader.ok();
}

void compare_sent_and_logged(std::uint16_t session, const SessionHistory& history,
                             const std::vector<LoggedOfSession>& logged,
                             const InstrumentIds& instruments, const MarketModel& model,
                             Findings& findings) {
  Comparison(session, history, logged, instruments, model, findings).run();
}

}  // namespace okiagari::check
