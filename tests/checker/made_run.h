// A whole run made in memory: members drawn from a seed trade on the real venue through the real
// wire encoding, and out come the history a checker would have written and the journals of three
// nodes. With nothing wrong in it; tests put that in.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "check/history.h"
#include "check/journal_file.h"
#include "check/order_mix.h"
#include "check/order_view.h"
#include "check/verdict.h"
#include "venue/event.h"
#include "venue/venue.h"
#include "wire/ouch_venue.h"
#include "wire/symbols.h"

namespace okiagari::checker_test {

struct MadeOptions {
  std::uint64_t seed = 1;
  std::uint16_t sessions = 4;
  std::uint16_t instruments = 3;
  std::uint32_t messages = 2'000;
  std::uint32_t messages_per_control = 0;  // a halt, start or end of a day after so many; 0: none
  std::uint32_t resting = 0;               // orders that come to rest before all that
  std::uint32_t following = 0;  // trailing stops before all that, and a fall that reaches them
};

struct MadeRecord {
  check::HistoryEvent event{};
  std::uint16_t source = 0;
  std::uint64_t time_ns = 0;
  std::uint64_t number = 0;
  std::vector<std::byte> bytes;
};

struct MadeRun {
  std::vector<MadeRecord> records;
  std::vector<std::vector<std::byte>> batches;  // index 1 and on
  std::uint16_t nodes = 3;
  std::map<std::uint64_t, std::uint64_t> returns;  // of gateways to a leader, by term

  // Journals of all nodes, alike.
  [[nodiscard]] std::vector<check::Journal> journals() const;
  [[nodiscard]] static check::Journal journal_of(const std::vector<std::vector<std::byte>>& batches,
                                                 std::uint16_t node);
  [[nodiscard]] check::History history() const;
  // The verdict on the records and on these journals.
  [[nodiscard]] check::Verdict judged(std::vector<check::Journal> journals) const;
  [[nodiscard]] check::Verdict judged() const { return judged(journals()); }
};

[[nodiscard]] MadeRun make_run(const MadeOptions& options);

}  // namespace okiagari::checker_test
