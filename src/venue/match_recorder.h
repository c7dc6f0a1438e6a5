// Turns what happens to one incoming order in the book into events and movements of money: the
// acknowledgement first, then each trade, then what became of the rest.
#pragma once

#include <cstddef>
#include <cstdint>

#include "market/order_books.h"
#include "venue/command.h"
#include "venue/event_writer.h"
#include "venue/state.h"

namespace okiagari::venue {

class MatchRecorder {
 public:
  MatchRecorder(VenueState& state, EventWriter& events, Session& session,
                const market::Incoming& incoming)
      : state_(state),
        events_(events),
        session_(session),
        incoming_(incoming),
        instrument_(state.instruments[incoming.instrument]),
        open_(incoming.quantity) {}

  // One of them, before the order is submitted. What is pointed to must stay until finish().
  void acknowledges(const NewOrder& command) {
    entered_ = &command;
    stream_number_ = command.header.stream_number;
  }
  void acknowledges(const ReplaceOrder& command, const market::Order& original) {
    replaced_ = &command;
    stream_number_ = command.header.stream_number;
    original_reference_ = original.reference;
  }
  // Or it answers no command: a stop goes.
  void triggers() { triggered_after_ = instrument_.last_price; }

  // The book's listener; not called when the book refuses the order.
  void on_fill(const market::Order& maker, QuantityLots quantity);
  void on_self_trade_cancel(const market::Order& resting);
  OrderReference on_replenish(const market::Order& maker, QuantityLots shown);

  // After the book has taken the order.
  void finish(const market::Submitted& submitted);

 private:
  void acknowledge(bool live);
  void write_accepted(bool live);
  void write_replaced(bool live);
  void write_triggered(bool live);
  // The event that answers, of an iceberg its own.
  template <typename Event, typename OfIceberg>
  [[nodiscard]] Event& acknowledgement();
  void acknowledge_before_trading();
  void mark_live();
  void settle_maker(const market::Order& maker, QuantityLots quantity, Money value);
  void settle_taker(QuantityLots resting);
  void write_execution(const market::Order& maker, QuantityLots quantity);
  void publish_rest(QuantityLots resting);
  void delete_original();

  VenueState& state_;
  EventWriter& events_;
  Session& session_;
  const market::Incoming& incoming_;
  Instrument& instrument_;
  const NewOrder* entered_ = nullptr;
  const ReplaceOrder* replaced_ = nullptr;
  PriceTicks triggered_after_ = 0;
  std::uint32_t stream_number_ = 0;
  OrderReference original_reference_ = 0;  // while the feed still shows it, else 0

  bool acknowledged_ = false;
  std::size_t acknowledgement_place_ = 0;
  QuantityLots open_;  // not yet filled
  Money value_ = 0;    // of all fills
};

}  // namespace okiagari::venue
