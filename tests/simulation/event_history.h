// Every event that the market has said, in order, and what it may not say: numbers have no gaps; an
// order is accepted once and never after a refusal was told, nor refused after that; no more of it
// is executed than was ordered, and nothing after its end.
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

 private:
  enum class Fate : std::uint8_t { none, refused, open, ended };
  struct Order {
    Fate fate = Fate::none;
    QuantityLots open = 0;
  };
  struct Session {
    std::vector<std::uint64_t> events{0};  // by session number
    std::vector<Order> orders;             // by user reference
  };

  void take_session_event(base::Bytes event, const venue::EventHeader& header);
  void accept(SessionId session, std::uint32_t user_reference, QuantityLots open);
  void reduce(SessionId session, std::uint32_t user_reference, QuantityLots quantity, bool ends);
  void refuse(SessionId session, std::uint32_t user_reference, venue::Reason reason);
  void replace(const venue::OrderReplaced& event);
  [[nodiscard]] Order& order(SessionId session, std::uint32_t user_reference);
  [[nodiscard]] Session& session(SessionId session);

  Verdict& verdict_;
  std::uint64_t last_feed_number_ = 0;
  std::vector<std::byte> bytes_;
  std::vector<std::size_t> places_{0};  // by event number
  std::vector<Session> sessions_;
};

}  // namespace okiagari::simulation
