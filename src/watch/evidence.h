// One observation, with where it comes from: what detectors, probes, logs, changes and other
// people's alerts all become. The desk keeps every one of them; `cause` reasons about them and
// about nothing else, so that a stranger can check each conclusion.
#pragma once

#include <boost/json/object.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/types.h"

namespace okiagari::watch {

enum class EvidenceKind : std::uint8_t {
  metric_shift,  // a measured value left its own past
  log_template,  // a kind of log line that is new, bursts or has gone
  event,         // something happened: a crash, an election, an out-of-memory kill
  change,        // somebody or something changed configuration, program or state on purpose
  probe,         // the business path was tried from outside
  topology,      // what stands where
  absence,       // what should have come and did not
  alert,         // another system says so
  hazard,        // a public message: earthquake, tsunami, lightning
};

struct Evidence {
  std::string id;  // unique within the desk, given by whoever collects: "probe/17"
  EvidenceKind kind = EvidenceKind::event;
  std::string source;  // who saw it: "desk", "canary", "host", "node-2" when it speaks of itself
  // What it is about: "market", "node-2", "gateway-1", "link node-1 node-3", "host a", "site a".
  std::string entity;
  std::string signal;  // one of signal.h
  TimestampNs from_ns = 0;
  TimestampNs until_ns = 0;  // 0: goes on, or a moment
  std::string statement;     // one sentence, English, without a cause in it
  std::string statement_ja;  // the same in Japanese; empty: who saw it has no words for that
  double value = 0;          // as measured, in the signal's unit; 0 when there is none
  double baseline = 0;
  double effect = 0;           // how far outside, in robust deviations; 0 when not measured
  std::string reference;       // where the raw thing is: file and offset, URL, log position
  bool self_reported = false;  // a component says it of itself: never enough alone
};

[[nodiscard]] std::string_view to_string(EvidenceKind kind);
[[nodiscard]] std::optional<EvidenceKind> parse_evidence_kind(std::string_view text);

// As it stands in the desk's log and its API. Reading is bounded: texts of at most 2,000 bytes.
[[nodiscard]] boost::json::object to_json(const Evidence& evidence);
[[nodiscard]] base::Result<Evidence> evidence_from_json(const boost::json::object& object);

}  // namespace okiagari::watch
