// What the market is held to. The first replica that applies an entry says what it is; every other
// one, in every later life, must find the same bytes there, the same state behind them and the same
// events with the same numbers. What one member was told can therefore never be taken back unseen.
// On the events themselves: numbers without gaps, each order accepted once and never after a
// refusal, no more executed than was ordered, nothing after its end.
#pragma once

#include <cstdint>
#include <vector>

#include "base/bytes.h"
#include "base/hash.h"
#include "journal/log.h"
#include "tests/simulation/tally.h"
#include "tests/simulation/verdict.h"
#include "venue/event.h"
#include "venue/venue.h"

namespace okiagari::simulation {

class CanonicalHistory {
 public:
  CanonicalHistory(Verdict& verdict, Tally& tally) : verdict_(verdict), tally_(tally) {}

  // After `venue` has applied that batch as the entry behind `previous` (0: none) and said
  // `events`.
  void applied(Endpoint node, journal::Index previous, journal::Index index, journal::Term term,
               base::Bytes batch, const base::Digest& chain, const venue::Venue& venue,
               base::Bytes events);
  // After `venue` has loaded a snapshot of everything up to `index`. Returns the last entry with
  // commands in it, 0 if none.
  journal::Index loaded(Endpoint node, journal::Index index, const venue::Venue& venue);

  // Of the last entry; 0 before the first.
  [[nodiscard]] journal::Index last_index() const { return last_index_; }
  // To which gateways (a bit each, the operator's is bit 0) the events of that entry go.
  [[nodiscard]] std::uint32_t gateways_concerned(journal::Index index) const {
    return entries_[index].gateways;
  }
  [[nodiscard]] std::uint64_t last_event() const { return event_places_.size() - 1; }
  // The whole event of that number.
  [[nodiscard]] base::Bytes event(std::uint64_t number) const;
  // The event with that number of the session; session numbers are below next_session_number().
  [[nodiscard]] base::Bytes session_event(SessionId session, std::uint32_t number) const;
  [[nodiscard]] std::uint32_t next_session_number(SessionId session) const;

  // What was decided about an order or a replacement of that session.
  enum class Fate : std::uint8_t { none, refused, open, ended };
  [[nodiscard]] Fate fate(SessionId session, std::uint32_t user_reference) const;

  // Of everything decided, in order.
  [[nodiscard]] std::uint64_t fingerprint() const;

 private:
  struct Applied {
    journal::Term term = 0;  // 0: no commands there
    journal::Index previous = 0;
    std::uint64_t batch_hash = 0;
    base::Digest chain{};
    std::uint64_t state_hash = 0;
    Sequence sequence = 0;
    std::uint64_t last_event = 0;
    std::uint32_t gateways = 0;
  };
  struct Order {
    Fate fate = Fate::none;
    QuantityLots open = 0;
  };
  struct Session {
    std::vector<std::uint64_t> events{0};  // by session number
    std::vector<Order> orders;             // by user reference
  };

  void extend(Endpoint node, journal::Index index, const Applied& entry, base::Bytes events);
  void take_event(base::Bytes event, Applied& entry);
  void take_session_event(base::Bytes event, const venue::EventHeader& header);
  void accept(SessionId session, std::uint32_t user_reference, QuantityLots open);
  void reduce(SessionId session, std::uint32_t user_reference, QuantityLots quantity, bool ends);
  void refuse(SessionId session, std::uint32_t user_reference, venue::Reason reason);
  void replace(const venue::OrderReplaced& event);
  [[nodiscard]] Order& order(SessionId session, std::uint32_t user_reference);
  [[nodiscard]] Session& session(SessionId session);
  [[nodiscard]] base::Bytes events_between(std::uint64_t after, std::uint64_t through) const;

  Verdict& verdict_;
  Tally& tally_;
  journal::Index last_index_ = 0;
  std::uint64_t last_feed_number_ = 0;
  std::vector<Applied> entries_{1};  // by index
  std::vector<std::byte> events_;
  std::vector<std::size_t> event_places_{0};  // by event number
  std::vector<Session> sessions_;
};

}  // namespace okiagari::simulation
