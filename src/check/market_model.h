// What the market must have said: the commands of the journal are carried out once more, by rules
// written down here a second time (docs/venue.md, docs/formats/ouch.md, itch.md), and every message
// to every session and to the feed is predicted, in order and with its time.
//
// Not modelled: funds. Whether an order was refused for want of them is taken from the venue's own
// answer and counted; everything else about it is predicted.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/hash.h"
#include "check/itch.h"
#include "check/logged_command.h"
#include "check/model_auction.h"
#include "check/model_book.h"
#include "check/model_stops.h"
#include "check/ouch.h"

namespace okiagari::check {

// By session and user reference: the reason with which the venue said that something is exhausted.
using FundsRefusals = std::map<std::pair<std::uint16_t, std::uint32_t>, std::uint16_t>;

// A reason that the model cannot predict.
[[nodiscard]] bool is_about_funds(std::uint16_t reason);

// What the venue did with a command that came from a session.
enum class Disposition : std::uint8_t {
  applied,         // decided: its answer is sequenced, or it changes nothing
  refused_number,  // answered that its number never arrived, or is too old to tell
  repeat,          // its stream number or its order was applied before
  gap,             // its stream number jumps ahead; it must come again
  old_epoch,       // another log-in has fenced its sender
};

class MarketModel {
 public:
  explicit MarketModel(FundsRefusals refusals) : refusals_(std::move(refusals)) {}

  // In the order of the log. One disposition for each command; `applied` for those of no session.
  void apply(const LoggedBatch& batch, std::vector<Disposition>& dispositions);

  // The cluster was rebuilt from a log that ends with that entry: nothing is taken from anybody
  // until its founding has two approvals.
  void hold_for_founding(std::uint64_t last_index) { founded_on_ = last_index; }

  [[nodiscard]] const std::vector<OuchAnswer>& answers(std::uint16_t session) const;
  [[nodiscard]] const std::vector<ItchMessage>& feed() const { return feed_; }
  [[nodiscard]] const ModelBooks& books() const { return books_; }
  // Whether the order rests or waits.
  [[nodiscard]] bool lives(std::uint64_t key) const {
    return books_.find(key) != nullptr || stops_.find(key) != nullptr;
  }
  [[nodiscard]] std::uint64_t refusals_taken() const { return refusals_taken_; }
  [[nodiscard]] std::uint64_t trades() const { return match_; }

 private:
  // Of a call, without anybody's word; 0: there is none.
  struct TimedEnd {
    std::uint64_t at_ns = 0;
    std::uint8_t state = 0;  // that follows
    std::uint32_t reason = 0;
  };
  struct Instrument {
    Symbol symbol{};
    std::uint32_t tick_e4 = 1;
    std::int32_t low_ticks = 1;
    std::int32_t high_ticks = 1;
    std::uint8_t state = 0;
    std::uint16_t segment = 0;
    // Without them in the journal it has no calls.
    bool has_rules = false;
    // From the opening of a call to its uncross, also while it is halted.
    bool is_called = false;
    // Stopped by an act, so that no plan starts it; from the first plan on.
    bool is_held = false;
    ModelAuctionRules rules{};
    std::uint32_t extensions = 0;
    std::int32_t collar_low = 1;
    std::int32_t collar_high = 1;
    TimedEnd timed_end;
    std::int32_t last_price = 0;
    ModelAuctionPrice told{};
  };
  enum class CallEnd : std::uint8_t { ended, goes_on, extended, comes_later };
  struct PastLogin {
    std::uint16_t gateway = 0;
    std::uint32_t epoch = 0;
    std::uint64_t nonce = 0;
  };
  struct Session {
    std::uint16_t id = 0;
    std::uint16_t member = 0;
    std::uint16_t gateway = 0;
    std::uint32_t default_account = 0;
    std::uint32_t epoch = 0;
    std::uint32_t next_stream_number = 1;
    bool cancel_on_disconnect = false;
    bool owes_cancels = false;
    std::uint32_t mark = 0;
    std::uint32_t floor = 1;
    std::vector<std::pair<std::uint32_t, std::uint32_t>> gaps;
    std::vector<PastLogin> past_logins;
    std::vector<OuchAnswer> answers;
  };
  enum class Number : std::uint8_t { fresh, applied, never_arrived, too_old };
  class Entry;  // one incoming order, from acknowledgement to rest

  Disposition apply_from_session(const LoggedCommand& command);
  [[nodiscard]] static Disposition disposition_of(const LoggedCommand& command,
                                                  const Session& session);
  void apply_other(const LoggedCommand& command);
  void refuse_held(const LoggedCommand& command, Session& session);
  void found_cluster(const LoggedCommand& command);
  void cancel_what_is_owed();
  // False when none changed.
  void enter(const LoggedCommand& command, Session& session);
  void replace(const LoggedCommand& command, Session& session);
  void cancel(const LoggedCommand& command, Session& session);
  void mass_cancel(const LoggedCommand& command, Session& session);
  void log_in(const LoggedCommand& command);
  void log_out(const LoggedCommand& command);
  // How many different operators approve an act: to stop, and of those the ones who may start.
  struct Approvers {
    int to_stop = 0;
    int to_start = 0;
  };
  [[nodiscard]] Approvers approvers_of(const LoggedCommand& command) const;
  void set_state(const LoggedCommand& command);
  // Of two people, or of one; of the day's plan, which has two people's.
  struct Word {
    bool is_of_two = false;
    bool is_of_plan = false;
  };
  // False when the act names what there is not.
  bool set_state_of(const LoggedCommand& command, Word word);
  void set_states_of_many(const LoggedCommand& command, Word word);
  [[nodiscard]] static bool may_change(const Instrument& instrument, std::uint8_t state, Word word);

  // Of the day's plan: market_model_plan.cc.
  void set_plan(const LoggedCommand& command);
  void advance_plan();
  [[nodiscard]] bool is_plan(const LoggedCommand& command) const;

  // Of days: market_model_days.cc.
  [[nodiscard]] static char say_time_in_force(const ModelOrder& order, std::string& appendage);
  // A replacement that does not say how long it is good is as good as what it replaces.
  [[nodiscard]] static LoggedCommand with_time_of(const LoggedCommand& replacement,
                                                  const ModelOrder& original);
  [[nodiscard]] std::uint16_t check_time(const LoggedCommand& command,
                                         std::uint16_t instrument) const;
  // How far the end of a day has come; rank and reference are of the order that was seen last.
  struct DayEnd {
    std::uint16_t day = 0;
    bool is_running = false;
    std::uint64_t newest = 0;
    std::uint16_t instrument = 0;
    int shelf = 0;
    std::int64_t rank = 0;
    std::uint64_t reference = 0;
  };
  struct Shelved {
    std::int64_t rank = 0;
    ModelOrder order;
  };
  void end_day(const LoggedCommand& command);
  [[nodiscard]] bool is_day_to_end(std::uint32_t date) const;
  void begin_day_end(std::uint32_t date);
  void go_on_with_day_end();
  [[nodiscard]] bool is_over(const ModelOrder& order) const;
  // Of icebergs.
  [[nodiscard]] static std::uint16_t display_refusal(const ModelOrder& order);
  // Of one that shows nothing any more: the number under which it shows more; 0: its day is over.
  [[nodiscard]] std::uint64_t say_shown(const ModelOrder& order);
  [[nodiscard]] std::vector<Shelved> rest_of_shelf() const;
  void add_instrument(const LoggedCommand& command);

  // Of calls: market_model_calls.cc.
  void set_auction_rules(const LoggedCommand& command);
  // What must happen to a call before that state; when it does not end, the state stays.
  [[nodiscard]] CallEnd prepare_call(std::uint16_t instrument, const LoggedCommand& command,
                                     Word word);
  CallEnd try_to_uncross(std::uint16_t instrument, std::uint8_t state, std::uint32_t reason);
  [[nodiscard]] std::uint64_t drawn_ns(std::uint16_t instrument) const;
  bool end_timed_calls();
  void open_call(std::uint16_t instrument);
  [[nodiscard]] CallEnd uncross(std::uint16_t instrument);
  void trade_at(std::uint16_t instrument, const ModelAuction& auction,
                const ModelAuctionPrice& price);
  void expire_orders_of_call(std::uint16_t instrument);
  void touch_call(std::uint16_t instrument);
  void tell_calls();
  void tell_collar(std::uint16_t instrument);
  [[nodiscard]] static ModelPriceRange price_range(const Instrument& instrument);
  [[nodiscard]] static std::int32_t width(const Instrument& instrument, std::uint32_t amount);

  // Of stop orders: market_model_stops.cc.
  void enter_stop(const LoggedCommand& command, Session& session);
  void replace_stop(const LoggedCommand& command, Session& session);
  bool cancel_stop(const LoggedCommand& command, Session& session);
  std::uint32_t remove_stops(Session& session, std::uint16_t instrument, std::uint8_t side,
                             char letter);
  // `original`: whose place it takes; null: nobody's.
  [[nodiscard]] std::uint16_t take_trigger(const LoggedCommand& command, const ModelStop* original,
                                           ModelStop& stop) const;
  [[nodiscard]] static std::uint16_t take_distance(const Instrument& instrument,
                                                   const LoggedCommand& command, ModelStop& stop);
  [[nodiscard]] static std::uint16_t begin_to_follow(const Instrument& instrument, ModelStop& stop);
  [[nodiscard]] std::uint16_t refusal_to_wait(const Instrument& instrument,
                                              const ModelStop& stop) const;
  void say_trigger(const ModelStop& stop, OuchAnswer& answer) const;
  OuchAnswer& say_waiting(Session& session, const LoggedCommand& command, const ModelStop& stop,
                          char type);
  void begin_to_wait(ModelStop stop);
  void reach_stops(std::uint16_t instrument, std::int32_t ticks);
  void follow_state_with_stops(std::uint16_t instrument);
  void let_stops_go();
  void let_go(const ModelStop& stop);
  // As an order that has just come.
  void submit_stop(Session& session, const ModelOrder& order);

  [[nodiscard]] static std::uint16_t quantity_refusal(std::uint32_t quantity);
  // Of a new order: what does not depend on the state of its instrument.
  [[nodiscard]] std::uint16_t check_terms(const LoggedCommand& command, const Session& session,
                                          ModelOrder& order) const;
  [[nodiscard]] std::uint16_t check_new(const LoggedCommand& command, const Session& session,
                                        ModelOrder& order) const;
  [[nodiscard]] std::uint16_t check_replacement(const LoggedCommand& command,
                                                const ModelOrder& original,
                                                ModelOrder& order) const;
  [[nodiscard]] std::uint16_t check_price(const Instrument& instrument, std::uint64_t price_e4,
                                          std::int32_t& ticks) const;
  [[nodiscard]] std::uint16_t check_state(const Instrument& instrument, ModelOrder& order) const;
  [[nodiscard]] std::uint16_t refusal_for_funds(const LoggedCommand& command);
  [[nodiscard]] std::uint16_t refusal_by_book(const ModelOrder& order) const;
  void end_original(const ModelOrder& original, Session& session);
  void publish_reduced(const ModelOrder& before, std::uint32_t shown);
  void reduce_original(const ModelOrder& original, const ModelOrder& order,
                       const LoggedCommand& command, Session& session);

  [[nodiscard]] static Number standing(const Session& session, std::uint32_t number);
  static void take_number(Session& session, std::uint32_t number);
  // False when the number is not fresh.
  bool take_order_number(const LoggedCommand& command, Session& session);
  bool take_mass_cancel_number(const LoggedCommand& command, Session& session);

  void take_out(const ModelOrder& order, char letter);
  // How many were left because their instruments take no cancels.
  std::uint32_t remove_orders(Session& session, std::uint16_t instrument, std::uint8_t side,
                              char letter);
  [[nodiscard]] bool takes_cancels(std::uint16_t instrument) const;
  bool change_state(std::uint16_t instrument, std::uint8_t state, Word word);
  void tell_sessions(const LoggedCommand& command, std::uint16_t instrument, std::uint16_t member);

  OuchAnswer& say(Session& session, char type, std::uint32_t user_reference);
  void say_rejected(Session& session, const LoggedCommand& command, std::uint16_t reason);
  void say_cancel_rejected(Session& session, std::uint32_t user_reference, std::uint16_t reason);
  void say_canceled(Session& session, std::uint32_t user_reference, std::uint32_t quantity,
                    char letter);
  ItchMessage& publish(char type, std::uint16_t instrument, std::uint64_t reference);
  void publish_hours(char code);

  FundsRefusals refusals_;
  std::uint64_t refusals_taken_ = 0;
  std::map<std::uint16_t, Instrument> instruments_;
  std::map<std::uint32_t, std::uint16_t> accounts_;  // their members
  std::map<std::uint16_t, bool> members_;            // halted
  std::map<std::uint16_t, bool> operators_;          // may only stop
  std::map<std::uint16_t, Session> sessions_;
  std::vector<std::uint16_t> touched_calls_;  // by this command, each once
  ModelBooks books_;
  ModelStops stops_;
  std::vector<ItchMessage> feed_;
  std::uint64_t time_ns_ = 0;               // of the batch, since midnight
  std::uint64_t now_ns_ = 0;                // of the batch, since the epoch
  std::vector<LoggedCommand::Phase> plan_;  // what is left of it
  std::uint32_t plan_date_ = 0;
  base::Digest plan_digest_{};
  bool has_had_plan_ = false;
  DayEnd day_end_;
  std::uint64_t reference_ = 0;
  std::uint64_t match_ = 0;
  std::uint64_t control_number_ = 0;
  std::uint64_t founded_on_ = 0;  // held for the founding on that entry; 0: not held
};

}  // namespace okiagari::check
