// Order entry as a member does it: one session over whichever gateway can be reached. It numbers
// its orders, keeps what has no answer, and after a loss it logs in at the next gateway, takes what
// it missed, and sends what is still without an answer again, in order and under the same numbers.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/types.h"
#include "client/soup_client.h"
#include "client/unanswered.h"
#include "wire/ouch.h"

namespace okiagari::client {

// An order to be entered. What is not said is a plain day order of the session's default account.
struct OrderTicket {
  wire::ouch::Symbol symbol{};
  Side side = Side::buy;
  QuantityLots quantity = 0;
  std::uint64_t price_e4 = 0;  // wire::ouch::kMarketPriceE4: a market order
  enum class Time : std::uint8_t {
    day,
    good_till_cancel,
    immediate_or_cancel,
    fill_or_kill,
    at_auction,
    good_till_date,
  };
  Time time = Time::day;
  std::uint32_t last_day = 0;  // of good_till_date, 20261126
  bool post_only = false;
  std::uint64_t trigger_e4 = 0;  // not 0: it waits until a trade reaches this price
  std::uint64_t distance_e4 =
      0;  // not 0: it waits, and its trigger follows the price so far behind
  AccountId account = 0;
  char self_trade = '0';  // '0' + market::SelfTradePrevention
  wire::ouch::ClientOrderId client_order_id = wire::alpha<14>("");
};

class OrderEntrySession final : private SoupClient::Owner {
 public:
  // What the member is told; `number` is the message's in the session.
  class Listener {
   public:
    virtual ~Listener() = default;
    // Orders may be sent from now on. next_user_reference() is above all that was ever used.
    virtual void on_ready() {}
    virtual void on_lost(const std::string&) {}
    virtual void on_accepted(std::uint64_t, const wire::ouch::Accepted&) {}
    virtual void on_replaced(std::uint64_t, const wire::ouch::Replaced&) {}
    virtual void on_canceled(std::uint64_t, const wire::ouch::Canceled&) {}
    virtual void on_executed(std::uint64_t, const wire::ouch::Executed&) {}
    virtual void on_rejected(std::uint64_t, const wire::ouch::Rejected&) {}
    virtual void on_cancel_rejected(std::uint64_t, const wire::ouch::CancelReject&) {}
    virtual void on_triggered(std::uint64_t, const wire::ouch::Triggered&) {}
    virtual void on_trading_state(std::uint64_t, const wire::ouch::TradingState&) {}
    // Refused by a gateway: it is as if the message had never been sent.
    virtual void on_refusal(const wire::ouch::LocalRefusal&) {}
    virtual void on_gateway_halt(const wire::ouch::GatewayHalt&) {}
  };

  OrderEntrySession(net::Loop& loop, Listener& listener, SoupAccess access);

  // Their number, 0 when the session is not ready or too much is queued: then nothing was sent.
  std::uint32_t enter(const OrderTicket& ticket);
  // `quantity` is what the order shall have in all, with what it has traded.
  std::uint32_t replace(std::uint32_t original, QuantityLots quantity, std::uint64_t price_e4);
  std::uint32_t mass_cancel(const wire::ouch::Symbol& symbol);  // blank: all instruments
  // Takes the order out, or down to `remaining`.
  bool cancel(std::uint32_t user_reference, QuantityLots remaining = 0);

  void flush() { soup_.flush(); }
  void tick(std::uint64_t now_ms) { soup_.tick(now_ms); }
  [[nodiscard]] std::uint64_t next_deadline_ms() const { return soup_.next_deadline_ms(); }
  void close(bool log_out) { soup_.close(log_out); }

  [[nodiscard]] bool is_ready() const { return is_ready_ && soup_.is_logged_in(); }
  [[nodiscard]] bool is_refused() const { return soup_.is_refused(); }
  [[nodiscard]] std::size_t unanswered() const { return unanswered_.count(); }
  [[nodiscard]] std::uint32_t next_user_reference() const { return next_user_reference_; }
  [[nodiscard]] std::uint64_t next_number() const { return soup_.next_number(); }
  // When the gateway last said anything, heartbeats too, while the session is ready.
  [[nodiscard]] std::uint64_t heard_ms() const { return soup_.heard_ms(); }
  [[nodiscard]] std::size_t gateway() const { return soup_.server(); }
  [[nodiscard]] std::size_t queued_bytes() const { return soup_.queued_bytes(); }

 private:
  void on_logged_in(std::uint64_t next_number) override;
  void on_sequenced(std::uint64_t number, base::Bytes message) override;
  void on_unsequenced(base::Bytes message) override;
  void on_lost(const std::string& reason) override;

  bool send(Unanswered::Key key, base::Bytes message);
  void become_ready(std::uint32_t next_user_reference);

  Listener& listener_;
  Unanswered unanswered_;
  std::uint32_t next_user_reference_ = 1;
  bool is_ready_ = false;
  SoupClient soup_;
};

}  // namespace okiagari::client
