#include "venue/call_ends.h"

#include <algorithm>

#include "base/bytes.h"
#include "base/hash.h"

namespace okiagari::venue {
namespace {

constexpr TimestampNs kSecondNs = 1'000'000'000;

}  // namespace

void CallEnds::plan(InstrumentId id, InstrumentState then, std::uint32_t reason,
                    std::uint32_t after_s, std::uint32_t random_s) {
  const TimestampNs at_ns =
      state_.counters.timestamp_ns + after_s * kSecondNs + random_ns(id, random_s);
  state_.instruments.auction(id).end = {.at_ns = at_ns, .then = then, .reason = reason};
  state_.note_call_end(at_ns);
}

void CallEnds::follow_with(InstrumentId id, InstrumentState then, std::uint32_t reason) {
  CallEnd& end = state_.instruments.auction(id).end;
  end.then = then;
  end.reason = reason;
}

InstrumentId CallEnds::next_due(InstrumentId id) const {
  const TimestampNs now_ns = state_.counters.timestamp_ns;
  for (std::uint32_t next = id + 1U; next <= state_.instruments.count(); ++next) {
    const CallEnd& end = state_.instruments.auction(static_cast<InstrumentId>(next)).end;
    if (end.is_planned() && end.at_ns <= now_ns) return static_cast<InstrumentId>(next);
  }
  return 0;
}

void CallEnds::find_earliest() {
  state_.next_call_end_ns = 0;
  for (std::uint32_t id = 1; id <= state_.instruments.count(); ++id) {
    const CallEnd& end = state_.instruments.auction(static_cast<InstrumentId>(id)).end;
    if (end.is_planned()) state_.note_call_end(end.at_ns);
  }
}

TimestampNs CallEnds::random_ns(InstrumentId id, std::uint32_t random_s) const {
  if (random_s == 0 || state_.plan.secret == base::Digest{}) return 0;
  struct [[gnu::packed]] Moment {
    TimestampNs planned_at_ns;
    InstrumentId instrument;
  };
  const Moment moment{state_.counters.timestamp_ns, id};
  const base::Digest drawn = base::digest(state_.plan.secret, base::object_bytes(moment));
  return base::load_little<std::uint64_t>(drawn.data()) % (random_s * kSecondNs + 1);
}

}  // namespace okiagari::venue
