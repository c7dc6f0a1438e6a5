// How detectors say what they saw: numbers each observation and hands it on. Everything that one
// source sees goes through one of these.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "base/types.h"
#include "watch/evidence.h"
#include "watch/moment.h"
#include "watch/sentence.h"

namespace okiagari::watch {

using Sink = std::function<void(Evidence)>;

// An observation without what the reporter adds.
struct Observation {
  EvidenceKind kind = EvidenceKind::event;
  std::string entity = {};
  std::string_view signal = {};  // one of signal.h
  Sentence statement = {};
  double value = 0;
  double baseline = 0;
  double effect = 0;
  TimestampNs from_ns = 0;  // 0: when it was reported
  TimestampNs until_ns = 0;
  std::string reference = {};
  bool self_reported = false;
};

class Reporter {
 public:
  // Evidence gets ids "<source>/1", "<source>/2" and so on.
  Reporter(std::string source, Sink sink);

  void report(const Moment& moment, Observation observation);
  [[nodiscard]] std::uint64_t reported() const { return number_; }

 private:
  std::string source_;
  Sink sink_;
  std::uint64_t number_ = 0;
};

// The names of servers in evidence.
[[nodiscard]] std::string node_name(NodeId node);
[[nodiscard]] std::string gateway_name(GatewayId gateway);

}  // namespace okiagari::watch
