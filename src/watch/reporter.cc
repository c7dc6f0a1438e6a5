#include "watch/reporter.h"

#include <fmt/format.h>

#include <utility>

namespace okiagari::watch {

Reporter::Reporter(std::string source, Sink sink)
    : source_(std::move(source)), sink_(std::move(sink)) {}

void Reporter::report(const Moment& moment, Observation observation) {
  Evidence evidence;
  evidence.id = fmt::format("{}/{}", source_, ++number_);
  evidence.kind = observation.kind;
  evidence.source = source_;
  evidence.entity = std::move(observation.entity);
  evidence.signal = observation.signal;
  evidence.from_ns = observation.from_ns != 0 ? observation.from_ns : moment.wall_ns;
  evidence.until_ns = observation.until_ns;
  evidence.statement = std::move(observation.statement.en);
  evidence.statement_ja = std::move(observation.statement.ja);
  evidence.value = observation.value;
  evidence.baseline = observation.baseline;
  evidence.effect = observation.effect;
  evidence.reference = std::move(observation.reference);
  evidence.self_reported = observation.self_reported;
  sink_(std::move(evidence));
}

std::string node_name(NodeId node) { return fmt::format("node-{}", node); }
std::string gateway_name(GatewayId gateway) { return fmt::format("gateway-{}", gateway); }

}  // namespace okiagari::watch
