#include "tests/simulation/canonical_history.h"

#include <algorithm>
#include <cstring>

namespace okiagari::simulation {
namespace {

// To which gateways an event goes; those without a session or a place on the feed are for the
// operator when they name none.
std::uint32_t concerned(const venue::EventHeader& header) {
  const bool is_for_a_gateway = header.session_number == 0 && header.feed_number == 0;
  return is_for_a_gateway || header.gateway != 0 ? 1U << (header.gateway % 32) : 0;
}

}  // namespace

void CanonicalHistory::applied(Endpoint node, journal::Index previous, journal::Index index,
                               journal::Term term, base::Bytes batch, const base::Digest& chain,
                               const venue::Venue& venue, base::Bytes events) {
  const Applied entry{.term = term,
                      .previous = previous,
                      .batch_hash = base::hash64(batch),
                      .chain = chain,
                      .state_hash = venue.state_hash(),
                      .sequence = venue.last_sequence(),
                      .last_event = venue.last_event_number()};
  if (index > last_index_) {
    extend(node, index, entry, events);
    return;
  }
  const Applied& known = entries_[index];
  const base::Bytes known_events =
      events_.between(entries_[known.previous].last_event, known.last_event);
  if (known.term != term || known.batch_hash != entry.batch_hash || known.chain != chain) {
    verdict_.fail("node {} applied another entry {} (term {}) than the one of term {}", node + 1,
                  index, term, known.term);
  } else if (known.previous != previous) {
    verdict_.fail("node {} applied entry {} behind {} instead of {}", node + 1, index, previous,
                  known.previous);
  } else if (known.state_hash != entry.state_hash || known.sequence != entry.sequence) {
    verdict_.fail("node {} is in another state after entry {}: sequence {} instead of {}", node + 1,
                  index, entry.sequence, known.sequence);
  } else if (!std::equal(events.begin(), events.end(), known_events.begin(), known_events.end())) {
    verdict_.fail("node {} said other events after entry {}", node + 1, index);
  }
}

void CanonicalHistory::extend(Endpoint node, journal::Index index, const Applied& entry,
                              base::Bytes events) {
  if (entry.previous != last_index_) {
    verdict_.fail("node {} applied entry {} behind {}, but {} had been applied", node + 1, index,
                  entry.previous, last_index_);
    return;
  }
  entries_.resize(index + 1);
  Applied& added = entries_[index];
  added = entry;
  last_index_ = index;
  for (base::Bytes left = events; !left.empty();) {
    venue::EventHeader header{};
    std::memcpy(&header, left.data(), std::min(left.size(), sizeof header));
    if (header.size_bytes < sizeof header || header.size_bytes > left.size()) {
      verdict_.fail("an event of {} bytes after entry {}", +header.size_bytes, index);
      return;
    }
    events_.take(left.first(header.size_bytes));
    added.gateways |= concerned(header);
    left = left.subspan(header.size_bytes);
  }
  if (events_.last() != entry.last_event) {
    verdict_.fail("events up to {} after entry {}, but the venue counts {}", events_.last(), index,
                  entry.last_event);
  }
}

journal::Index CanonicalHistory::loaded(Endpoint node, journal::Index index,
                                        const venue::Venue& venue) {
  journal::Index last = std::min<journal::Index>(index, last_index_);
  while (last > 0 && entries_[last].term == 0) --last;
  const Applied& known = entries_[last];
  if (venue.state_hash() != known.state_hash && last != 0) {
    verdict_.fail("node {} loaded a snapshot of entry {} in another state than {} had", node + 1,
                  index, last);
  } else if (venue.last_event_number() != known.last_event) {
    verdict_.fail("node {} loaded a snapshot of entry {} with events up to {} instead of {}",
                  node + 1, index, venue.last_event_number(), known.last_event);
  }
  return last;
}

std::uint64_t CanonicalHistory::fingerprint() const {
  std::uint64_t fingerprint = base::hash64(events_.all());
  for (const Applied& entry : entries_) {
    fingerprint = base::hash64(base::object_bytes(entry.chain), fingerprint);
  }
  return fingerprint;
}

}  // namespace okiagari::simulation
