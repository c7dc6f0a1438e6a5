#include "cli/script_run.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <functional>
#include <map>
#include <optional>
#include <string_view>

#include "base/calendar_day.h"
#include "cli/script_events.h"
#include "recordings/local_venue.h"
#include "venue/names.h"
#include "wire/decimal_text.h"

namespace okiagari::cli {

namespace {

constexpr std::size_t kNamesMax = 1'000;

bool is_name(std::string_view text) {
  const auto is_part = [](char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
  };
  return !text.empty() && std::ranges::all_of(text, is_part);
}

// The words of a command, taken from the front.
class Words {
 public:
  explicit Words(std::string_view text) {
    while (!text.empty()) {
      const std::size_t end = std::min(text.find(' '), text.size());
      if (end > 0) words_.emplace_back(text.substr(0, end));
      text.remove_prefix(std::min(end + 1, text.size()));
    }
  }
  [[nodiscard]] bool empty() const { return next_ == words_.size(); }
  [[nodiscard]] std::string take() { return empty() ? std::string() : words_[next_++]; }
  // Takes the next word if it is this one.
  bool take(std::string_view word) {
    if (empty() || words_[next_] != word) return false;
    ++next_;
    return true;
  }
  bool take_number(std::uint64_t most, std::uint64_t& number) {
    const std::string word = take();
    const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), number);
    return error == std::errc{} && end == word.data() + word.size() && !word.empty() &&
           number <= most;
  }
  bool take_price(std::uint64_t& price_e4) {
    const auto parsed = wire::parse_decimal(take(), 4);
    if (!parsed || parsed->is_negative) return false;
    price_e4 = parsed->size;
    return true;
  }

 private:
  std::vector<std::string> words_;
  std::size_t next_ = 0;
};

class ScriptRun {
 public:
  ScriptRun() : venue_([this](const venue::EventHeader& event) { note(event); }) {}

  // What came of it; the error says what is wrong with the command.
  base::Result<std::vector<std::string>> carry_out(const std::string& command) {
    came_.clear();
    Words words(command);
    const std::string first = words.take();
    const std::string wrong = dispatch(first, words);
    if (!wrong.empty()) return base::Error{wrong};
    if (!words.empty()) return base::Error{fmt::format("'{}' is one word too many", words.take())};
    return came_;
  }

 private:
  struct Member {
    SessionId session = 0;
    MemberId number = 0;
    std::uint32_t orders = 0;
    std::function<void()> again;  // what it sent last
  };

  std::string dispatch(const std::string& first, Words& words) {
    if (first == "instrument") return list(words);
    if (first == "member") return add_member(words);
    if (first == "state") return set_state(words);
    if (first == "limits") return set_limits(words);
    if (first == "calls") return set_call_rules(words);
    if (first == "day") return end_day(words);
    if (first == "book") return show_book(words);
    const auto member = members_.find(first);
    if (member == members_.end()) {
      return fmt::format(
          "'{}' is neither a member nor one of instrument, member, state, limits, calls, day, book",
          first);
    }
    return take_from(member->second, words);
  }

  std::string list(Words& words) {
    const std::string symbol = words.take();
    if (symbol.size() > 8 || !is_name(symbol)) return "a symbol has one to eight letters or digits";
    if (instruments_.contains(symbol)) return symbol + " is there already";
    if (instruments_.size() >= kNamesMax) return "too many instruments";
    std::uint64_t low = 1;
    std::uint64_t high = kMaxPriceTicks;
    if (!words.empty() && (!words.take_price(low) || !words.take_price(high))) {
      return "the lowest and the highest price are wanted";
    }
    if (low < 1 || low > high || high > static_cast<std::uint64_t>(kMaxPriceTicks)) {
      return "limits of prices are 0.0001 to 200000, the lower one first";
    }
    names_.instruments.push_back(symbol);
    instruments_[symbol] =
        venue_.list(symbol, static_cast<PriceTicks>(low), static_cast<PriceTicks>(high));
    return "";
  }

  std::string add_member(Words& words) {
    const std::string name = words.take();
    static constexpr std::string_view kTaken[] = {"instrument", "member", "state", "limits",
                                                  "calls",      "day",    "book",  "market"};
    if (name.size() > 32 || !is_name(name)) return "a name has one to 32 letters or digits";
    if (members_.contains(name) || std::ranges::find(kTaken, name) != std::end(kTaken)) {
      return name + " is taken";
    }
    if (members_.size() >= kNamesMax) return "too many members";
    names_.members.push_back(name);
    Member member;
    member.number = venue_.add_member(name);
    member.session = venue_.add_session(member.number);
    members_[name] = member;
    came_.clear();  // its first log-in is no news
    return "";
  }

  std::string take_from(Member& member, Words& words) {
    const std::string verb = words.take();
    if (verb == "buy") return enter(member, Side::buy, words);
    if (verb == "sell") return enter(member, Side::sell, words);
    if (verb == "replace") return replace(member, words);
    if (verb == "cancel")
      return words.take("all") ? cancel_all(member, words) : cancel(member, words);
    if (verb == "again") {
      if (!member.again) return "nothing was sent before";
      member.again();
      return "";
    }
    if (verb == "log-in") {
      venue_.log_in(member.session);
      return "";
    }
    return fmt::format("'{}' is none of buy, sell, replace, cancel, again, log-in", verb);
  }

  // With the member's next number in its stream, unless the script says "numbered N".
  template <typename Command>
  std::string send(Member& member, Words& words, const Command& command) {
    const SessionId session = member.session;
    const std::uint32_t epoch = venue_.epoch(session);
    std::uint64_t number = venue_.last_stream_number(session) + 1;
    const bool is_next = !words.take("numbered");
    if (!is_next && !words.take_number(0xffffffff, number)) return "numbered: a number is wanted";
    if (!words.empty()) return "";  // carry_out() names it
    if (is_next) {
      venue_.apply_from(session, command);
    } else {
      venue_.apply_from(session, epoch, static_cast<std::uint32_t>(number), command);
    }
    member.again = [this, session, epoch, number, command] {
      venue_.apply_from(session, epoch, static_cast<std::uint32_t>(number), command);
    };
    return "";
  }

  // "as N" or the next one, into the command.
  template <typename Command>
  static std::string take_reference(Member& member, Words& words, Command& command) {
    std::uint64_t number = member.orders + 1;
    if (words.take("as") && !words.take_number(0xffffffff, number)) return "as: a number is wanted";
    const auto reference = static_cast<std::uint32_t>(number);
    command.user_reference = reference;
    member.orders = std::max(member.orders, reference);
    return "";
  }

  std::string enter(Member& member, Side side, Words& words) {
    venue::NewOrder order{};
    order.side = side;
    std::uint64_t lots = 0;
    if (!words.take_number(0xffffffff, lots)) return "how many are wanted";
    order.quantity = static_cast<QuantityLots>(lots);
    // One that is not listed is the venue's to refuse.
    const auto instrument = instruments_.find(words.take());
    order.instrument = instrument == instruments_.end() ? InstrumentId{0} : instrument->second;
    if (!words.take("at")) return "'at' and a price are wanted";
    std::uint64_t price_e4 = 0;
    if (words.take("market")) {
      order.price_type = static_cast<std::uint8_t>(market::PriceType::market);
    } else if (!words.take_price(price_e4)) {
      return "a price with at most four decimals or 'market' is wanted";
    }
    order.price_e4 = price_e4;
    Waiting waiting;
    if (std::string wrong = take_waiting(words, waiting); !wrong.empty()) return wrong;
    take_conditions(words, order);
    QuantityLots display = 0;
    const bool hides = words.take("show");
    if (hides && !take_display(words, display)) return "show: how many are wanted";
    if (hides && waiting.waits()) return "a stop shows nothing";
    const std::string wrong = take_reference(member, words, order);
    if (!wrong.empty()) return wrong;
    if (hides) {
      venue::NewIceberg iceberg{};
      static_cast<venue::NewOrder&>(iceberg) = order;
      iceberg.display = display;
      return send(member, words, iceberg);
    }
    if (waiting.trails) {
      venue::NewTrailingStop trailing{};
      static_cast<venue::NewOrder&>(trailing) = order;
      trailing.distance_e4 = waiting.distance_e4;
      return send(member, words, trailing);
    }
    if (!waiting.has_trigger) return send(member, words, order);
    return send(member, words, stop_of(order, waiting.trigger_e4));
  }

  // For which price an order waits.
  struct Waiting {
    bool has_trigger = false;
    std::uint64_t trigger_e4 = 0;
    bool trails = false;
    std::uint64_t distance_e4 = 0;

    [[nodiscard]] bool waits() const { return has_trigger || trails; }
  };
  static std::string take_waiting(Words& words, Waiting& waiting) {
    waiting.has_trigger = words.take("stop");
    if (waiting.has_trigger && !words.take_price(waiting.trigger_e4)) {
      return "stop: a price is wanted";
    }
    waiting.trails = words.take("trail");
    if (waiting.trails && !words.take_price(waiting.distance_e4)) {
      return "trail: how far behind the price is wanted";
    }
    return waiting.has_trigger && waiting.trails ? "stop or trail, not both" : "";
  }

  // How many of an iceberg's lots are shown at a time.
  static bool take_display(Words& words, QuantityLots& display) {
    std::uint64_t lots = 0;
    if (!words.take_number(0xffffffff, lots)) return false;
    display = static_cast<QuantityLots>(lots);
    return true;
  }

  static venue::NewStop stop_of(const venue::NewOrder& order, std::uint64_t trigger_e4) {
    venue::NewStop stop{};
    stop.user_reference = order.user_reference;
    stop.quantity = order.quantity;
    stop.price_e4 = order.price_e4;
    stop.trigger_e4 = trigger_e4;
    stop.instrument = order.instrument;
    stop.side = order.side;
    stop.price_type = order.price_type;
    stop.time_in_force = order.time_in_force;
    stop.last_day = order.last_day;
    stop.self_trade = order.self_trade;
    stop.post_only = order.post_only;
    return stop;
  }

  static void take_conditions(Words& words, venue::NewOrder& order) {
    using market::SelfTradePrevention;
    using market::TimeInForce;
    const auto is_set = [&](std::string_view word, std::uint8_t& field, auto value) {
      if (!words.take(word)) return false;
      field = static_cast<std::uint8_t>(value);
      return true;
    };
    while (is_set("immediate", order.time_in_force, TimeInForce::immediate_or_cancel) ||
           is_set("all-or-nothing", order.time_in_force, TimeInForce::fill_or_kill) ||
           is_set("until-cancelled", order.time_in_force, TimeInForce::good_till_cancel) ||
           is_set("at-auction", order.time_in_force, TimeInForce::at_auction) ||
           take_last_day(words, order) || is_set("post-only", order.post_only, 1) ||
           is_set("not-with-own-cancel-newest", order.self_trade,
                  SelfTradePrevention::cancel_newest) ||
           is_set("not-with-own-cancel-oldest", order.self_trade,
                  SelfTradePrevention::cancel_oldest) ||
           is_set("not-with-own-cancel-both", order.self_trade, SelfTradePrevention::cancel_both)) {
    }
  }

  // "until 20261126".
  template <typename Command>
  static bool take_last_day(Words& words, Command& order) {
    if (!words.take("until")) return false;
    std::uint64_t day = 0;
    // One that is no day is the venue's to refuse.
    order.last_day = words.take_number(UINT32_MAX, day)
                         ? base::day_of(static_cast<std::uint32_t>(day))
                         : std::uint16_t{0};
    order.time_in_force = static_cast<std::uint8_t>(market::TimeInForce::good_till_date);
    return true;
  }

  // How long a replacement is good, when it says so.
  static void take_validity(Words& words, venue::ReplaceOrder& order) {
    order.time_in_force = venue::kTimeInForceAsBefore;
    if (take_last_day(words, order)) return;
    if (words.take("for-the-day")) {
      order.time_in_force = static_cast<std::uint8_t>(market::TimeInForce::day);
    } else if (words.take("until-cancelled")) {
      order.time_in_force = static_cast<std::uint8_t>(market::TimeInForce::good_till_cancel);
    }
  }

  std::string replace(Member& member, Words& words) {
    venue::ReplaceOrder order{};
    std::uint64_t original = 0;
    std::uint64_t lots = 0;
    std::uint64_t price_e4 = 0;
    if (!words.take_number(0xffffffff, original) || !words.take("with") ||
        !words.take_number(0xffffffff, lots) || !words.take("at")) {
      return "replace NUMBER with HOW-MANY at PRICE is wanted";
    }
    const bool is_market = words.take("market");
    if (!is_market && !words.take_price(price_e4)) {
      return "replace NUMBER with HOW-MANY at PRICE is wanted";
    }
    Waiting waiting;
    if (std::string wrong = take_waiting(words, waiting); !wrong.empty()) return wrong;
    if (is_market && !waiting.waits()) return "only a stop is replaced at market";
    order.original_user_reference = static_cast<std::uint32_t>(original);
    order.quantity = static_cast<QuantityLots>(lots);
    order.price_e4 = price_e4;
    take_validity(words, order);
    order.post_only = words.take("post-only") ? 1 : 0;
    QuantityLots display = 0;
    const bool says_display = words.take("show");
    if (says_display && !take_display(words, display)) return "show: how many are wanted";
    if (says_display && waiting.waits()) return "a stop shows nothing";
    const std::string wrong = take_reference(member, words, order);
    if (!wrong.empty()) return wrong;
    if (says_display) {
      venue::ReplaceIceberg iceberg{};
      static_cast<venue::ReplaceOrder&>(iceberg) = order;
      iceberg.display = display;
      return send(member, words, iceberg);
    }
    if (waiting.trails) {
      venue::ReplaceTrailingStop trailing{};
      static_cast<venue::ReplaceOrder&>(trailing) = order;
      trailing.distance_e4 = waiting.distance_e4;
      trailing.price_type = price_type_of(is_market);
      return send(member, words, trailing);
    }
    if (!waiting.has_trigger) return send(member, words, order);
    return send(member, words, stop_of(order, waiting.trigger_e4, is_market));
  }

  static std::uint8_t price_type_of(bool is_market) {
    return static_cast<std::uint8_t>(is_market ? market::PriceType::market
                                               : market::PriceType::limit);
  }

  static venue::ReplaceStop stop_of(const venue::ReplaceOrder& order, std::uint64_t trigger_e4,
                                    bool is_market) {
    venue::ReplaceStop stop{};
    stop.original_user_reference = order.original_user_reference;
    stop.user_reference = order.user_reference;
    stop.quantity = order.quantity;
    stop.price_e4 = order.price_e4;
    stop.trigger_e4 = trigger_e4;
    stop.price_type = price_type_of(is_market);
    stop.time_in_force = order.time_in_force;
    stop.last_day = order.last_day;
    stop.post_only = order.post_only;
    return stop;
  }

  std::string cancel(Member& member, Words& words) {
    venue::CancelOrder order{};
    std::uint64_t number = 0;
    std::uint64_t left = 0;
    if (!words.take_number(0xffffffff, number)) return "cancel NUMBER or cancel all is wanted";
    if (words.take("to") && !words.take_number(0xffffffff, left)) return "to: how many are left?";
    order.user_reference = static_cast<std::uint32_t>(number);
    order.quantity = static_cast<QuantityLots>(left);
    return send(member, words, order);
  }

  std::string cancel_all(Member& member, Words& words) {
    venue::MassCancel all{};
    all.side = words.take("buy") ? 0 : words.take("sell") ? 1 : 2;
    if (words.take("of")) {
      const auto instrument = instruments_.find(words.take());
      if (instrument == instruments_.end()) return "of: no such instrument";
      all.instrument = instrument->second;
    }
    const std::string wrong = take_reference(member, words, all);
    return wrong.empty() ? send(member, words, all) : wrong;
  }

  // state STATE of market|SYMBOL|MEMBER [approved by N]
  std::string set_state(Words& words) {
    venue::SetInstrumentState control{};
    std::string state;
    while (!words.empty() && !words.take("of")) state += (state.empty() ? "" : " ") + words.take();
    std::optional<venue::InstrumentState> found;
    for (std::uint8_t i = 0; i <= static_cast<std::uint8_t>(venue::InstrumentState::closed); ++i) {
      const auto candidate = static_cast<venue::InstrumentState>(i);
      if (venue::name_of(candidate) == state) found = candidate;
    }
    if (!found) return fmt::format("'{}' is no state", state);
    control.state = *found;
    const std::string target = words.take();
    if (target == "market") {
      control.scope = venue::Scope::market;
    } else if (const auto instrument = instruments_.find(target);
               instrument != instruments_.end()) {
      control.scope = venue::Scope::instrument;
      control.target = instrument->second;
    } else if (const auto member = members_.find(target); member != members_.end()) {
      control.scope = venue::Scope::member;
      control.target = member->second.number;
    } else {
      return "of: the market, an instrument or a member is wanted";
    }
    std::uint64_t approvals = 2;
    if (!take_approvals(words, approvals)) return "approved by: 0, 1 or 2 is wanted";
    venue_.control(control, static_cast<int>(approvals));
    return "";
  }

  std::string set_limits(Words& words) {
    venue::SetPriceLimits control{};
    const auto instrument = instruments_.find(words.take());
    if (instrument == instruments_.end()) return "no such instrument";
    std::uint64_t low = 0;
    std::uint64_t high = 0;
    if (!words.take_price(low) || !words.take_price(high) ||
        std::max(low, high) > static_cast<std::uint64_t>(kMaxPriceTicks)) {
      return "the lowest and the highest price are wanted";
    }
    control.instrument = instrument->second;
    control.low = static_cast<PriceTicks>(low);
    control.high = static_cast<PriceTicks>(high);
    std::uint64_t approvals = 2;
    if (!take_approvals(words, approvals)) return "approved by: 0, 1 or 2 is wanted";
    venue_.control(control, static_cast<int>(approvals));
    return "";
  }

  // By the three conditions, by time, with market orders, without a collar.
  std::string set_call_rules(Words& words) {
    const auto instrument = instruments_.find(words.take());
    if (instrument == instruments_.end()) return "no such instrument";
    venue::SetAuctionRules rules{};
    rules.instrument = instrument->second;
    rules.takes_market_orders = 1;
    venue_.apply(rules);
    return "";
  }

  // day DATE ends [approved by N]
  std::string end_day(Words& words) {
    venue::EndDay end{};
    std::uint64_t day = 0;
    if (!words.take_number(UINT32_MAX, day) || !words.take("ends")) {
      return "day: a date like 20261126 and 'ends' are wanted";
    }
    end.day = static_cast<std::uint32_t>(day);
    std::uint64_t approvals = 2;
    if (!take_approvals(words, approvals)) return "approved by: 0, 1 or 2 is wanted";
    venue_.control(end, static_cast<int>(approvals));
    while (venue_.venue().plan().is_ending_day) venue_.apply(venue::AdvancePlan{});
    return "";
  }

  static bool take_approvals(Words& words, std::uint64_t& approvals) {
    if (!words.take("approved")) return true;
    return words.take("by") && words.take_number(2, approvals);
  }

  std::string show_book(Words& words) {
    const auto instrument = instruments_.find(words.take());
    if (instrument == instruments_.end()) return "no such instrument";
    for (const Side side : {Side::sell, Side::buy}) {
      std::vector<market::Level> levels;
      venue_.venue().books().levels(instrument->second, side, kNamesMax, levels);
      if (side == Side::sell) std::reverse(levels.begin(), levels.end());
      for (const market::Level& level : levels) {
        came_.push_back(fmt::format("{} {} at {}", side == Side::buy ? "bid" : "ask",
                                    level.quantity,
                                    script_price(static_cast<std::uint64_t>(level.price))));
      }
    }
    if (came_.empty()) came_.emplace_back("nothing");
    return "";
  }

  void note(const venue::EventHeader& event) {
    std::string line = script_line(event, names_);
    if (!line.empty()) came_.push_back(std::move(line));
  }

  ScriptNames names_;
  std::vector<std::string> came_;
  recordings::LocalVenue venue_;
  std::map<std::string, InstrumentId> instruments_;
  std::map<std::string, Member> members_;
};

}  // namespace

base::Result<ScriptOutcome> run_script(const std::string& name, const Script& script) {
  ScriptRun run;
  ScriptOutcome outcome;
  for (const ScriptStep& step : script.steps) {
    auto came = run.carry_out(step.command.text);
    if (!came) {
      return base::Error{fmt::format("{}:{}: {}", name, step.command.number, came.error().message)};
    }
    for (std::string& line : differences(name, step, came.value())) {
      outcome.differences.push_back(std::move(line));
    }
    outcome.came.push_back(std::move(came.value()));
  }
  return outcome;
}

}  // namespace okiagari::cli
