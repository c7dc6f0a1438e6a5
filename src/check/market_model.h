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
#include <utility>
#include <vector>

#include "check/itch.h"
#include "check/logged_command.h"
#include "check/model_book.h"
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

  [[nodiscard]] const std::vector<OuchAnswer>& answers(std::uint16_t session) const;
  [[nodiscard]] const std::vector<ItchMessage>& feed() const { return feed_; }
  [[nodiscard]] const ModelBooks& books() const { return books_; }
  [[nodiscard]] std::uint64_t refusals_taken() const { return refusals_taken_; }
  [[nodiscard]] std::uint64_t trades() const { return match_; }

 private:
  struct Instrument {
    Symbol symbol{};
    std::uint32_t tick_e4 = 1;
    std::int32_t low_ticks = 1;
    std::int32_t high_ticks = 1;
    std::uint8_t state = 0;
  };
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
  void enter(const LoggedCommand& command, Session& session);
  void replace(const LoggedCommand& command, Session& session);
  void cancel(const LoggedCommand& command, Session& session);
  void mass_cancel(const LoggedCommand& command, Session& session);
  void log_in(const LoggedCommand& command);
  void log_out(const LoggedCommand& command);
  void set_state(const LoggedCommand& command);
  void add_instrument(const LoggedCommand& command);

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
  bool change_state(std::uint16_t instrument, std::uint8_t state, std::uint32_t reason);
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
  std::map<std::uint16_t, Session> sessions_;
  ModelBooks books_;
  std::vector<ItchMessage> feed_;
  std::uint64_t time_ns_ = 0;  // of the batch, since midnight
  std::uint64_t reference_ = 0;
  std::uint64_t match_ = 0;
  std::uint64_t control_number_ = 0;
};

}  // namespace okiagari::check
