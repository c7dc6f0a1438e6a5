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
#include "tests/simulation/event_history.h"
#include "tests/simulation/verdict.h"
#include "venue/event.h"
#include "venue/venue.h"

namespace okiagari::simulation {

class CanonicalHistory {
 public:
  explicit CanonicalHistory(Verdict& verdict) : verdict_(verdict), events_(verdict) {}

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
  [[nodiscard]] const EventHistory& events() const { return events_; }

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
  void extend(Endpoint node, journal::Index index, const Applied& entry, base::Bytes events);

  Verdict& verdict_;
  journal::Index last_index_ = 0;
  std::vector<Applied> entries_{1};  // by index
  EventHistory events_;
};

}  // namespace okiagari::simulation
