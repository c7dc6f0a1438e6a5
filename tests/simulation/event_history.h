// Every event that the market has said, in order, and what it may not say: numbers have no gaps; an
// order is accepted once and never after a refusal was told, nor refused after that; no more of it
// is executed than was ordered, nor shown than is open, and nothing after its end, nor while it
// waits for its trigger; none that is good till it is cancelled leaves with a day; no act of the
// operators is done twice.
#pragma once

#include <cstdint>
#include <vector>

#include "base/bytes.h"
#include "tests/simulation/verdict.h"
#include "venue/event.h"

namespace okiagari::simulation {

class EventHistory {
 public:
  explicit EventHistory(Verdict& verdict) : verdict_(verdict) {}

  // The next event, whole.
  void take(base::Bytes event);

  // 0 before the first.
  [[nodiscard]] std::uint64_t last() const { return places_.size() - 1; }
  [[nodiscard]] base::Bytes event(std::uint64_t number) const {
    return between(number - 1, number);
  }
  [[nodiscard]] base::Bytes between(std::uint64_t after, std::uint64_t through) const;
  // The event with that number of the session, below next_session_number().
  [[nodiscard]] base::Bytes session_event(SessionId session, std::uint32_t number) const;
  [[nodiscard]] std::uint32_t next_session_number(SessionId session) const;
  [[nodiscard]] base::Bytes all() const { return bytes_; }
  // The highest that any order or stop has had.
  [[nodiscard]] OrderReference newest_reference() const { return newest_reference_; }

 private:
  enum class Fate : std::uint8_t { none, refused, open, ended };
  struct Order {
    Fate fate = Fate::none;
    QuantityLots open = 0;
    bool waits = false;  // for its trigger
    std::uint8_t time_in_force = 0;
  };
  struct Session {
    std::vector<std::uint64_t> events{0};  // by session number
    std::vector<Order> orders;             // by user reference
  };

  void take_session_event(base::Bytes event, const venue::EventHeader& header);
  void take_answer(const venue::ControlResult& result);
  template <typename Event>
  void accept(const Event& event, bool waits);
  template <typename Event>
  void replace(const Event& event, bool waits);
  void trigger(const venue::StopTriggered& event);
  void show(const venue::PeakShown& event);
  void execute(const venue::OrderExecuted& event);
  void cancel(const venue::OrderCanceled& event);
  void reduce(SessionId session, std::uint32_t user_reference, QuantityLots quantity, bool ends);
  void refuse(SessionId session, std::uint32_t user_reference, venue::Reason reason);
  [[nodiscard]] Order& order(SessionId session, std::uint32_t user_reference);
  [[nodiscard]] Session& session(SessionId session);

  Verdict& verdict_;
  std::uint64_t last_feed_number_ = 0;
  std::uint64_t last_control_number_ = 0;  // of an act that was carried out
  OrderReference newest_reference_ = 0;
  std::vector<std::byte> bytes_;
  std::vector<std::size_t> places_{0};  // by event number
  std::vector<Session> sessions_;
};

}  // namespace okiagari::simulation
