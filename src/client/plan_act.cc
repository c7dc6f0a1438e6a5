#include "client/plan_act.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>
#include <ctime>
#include <span>

#include "base/bytes.h"
#include "client/act_approval.h"
#include "venue/names.h"
#include "venue/venue.h"
#include "wire/halt_document.h"

namespace okiagari::client {

namespace json = boost::json;

namespace {

constexpr std::int64_t kVersion = 1;
constexpr std::size_t kPlanBytesMax = 64u << 10;

std::string utc(TimestampNs at_ns) {
  return fmt::format("{:%Y-%m-%dT%H:%M:%SZ}",
                     fmt::gmtime(static_cast<std::time_t>(at_ns / 1'000'000'000)));
}

// Throws what boost::json throws.
std::string read(const json::value& root, PlanAct& act) {
  if (root.at("okiagari_plan").to_number<std::int64_t>() != kVersion) return "another version";
  act.cluster = root.at("cluster").to_number<std::uint64_t>();
  act.calendar = root.at("calendar").as_string();
  base::Digest digest;
  if (!base::from_hex(root.at("command").as_string(),
                      std::as_writable_bytes(std::span(&act.command, 1)))) {
    return "'command' is no day's plan";
  }
  const venue::CommandHeader& header = act.command.header;
  if (header.size_bytes != sizeof act.command || header.type != venue::SetTradingPlan::kType ||
      header.version != venue::kCommandVersion || act.command.count > venue::kPlannedPhasesMax) {
    return "'command' is no day's plan";
  }
  if (!base::from_hex(root.at("digest").as_string(), digest) || digest != act.digest()) {
    return "the digest is not that of the command";
  }
  return {};
}

}  // namespace

base::Digest PlanAct::digest() const { return venue::approval_digest(base::object_bytes(command)); }

std::string PlanAct::words() const {
  std::string lines = fmt::format("control {}: plan of {}, {} phases", +command.control_number,
                                  +command.day, +command.count);
  const auto count = std::min<std::size_t>(command.count, venue::kPlannedPhasesMax);
  for (std::size_t i = 0; i < count; ++i) {
    const venue::PlannedPhase& phase = command.phases[i];
    const std::string target = phase.target == 0 ? "" : fmt::format(" {}", +phase.target);
    lines += fmt::format("\n  {}  {}{} to {}", utc(phase.at_ns), wire::name_of(phase.scope), target,
                         venue::name_of(phase.state));
  }
  return lines;
}

void finish_plan(PlanAct& act, std::uint64_t control_number) {
  act.command.header.size_bytes = sizeof act.command;
  act.command.header.type = venue::SetTradingPlan::kType;
  act.command.header.version = venue::kCommandVersion;
  act.command.control_number = control_number;
}

bool approve_plan(PlanAct& act, std::uint16_t operator_id, const base::SecretKey& key,
                  std::uint32_t accept_until_s) {
  return approve_in(act.command.approvals, act.digest(), operator_id, key, accept_until_s);
}

std::string to_json(const PlanAct& act) {
  json::array phases;
  for (std::size_t i = 0; i < act.command.count; ++i) {
    const venue::PlannedPhase& phase = act.command.phases[i];
    phases.push_back({{"at", utc(phase.at_ns)},
                      {"scope", wire::name_of(phase.scope)},
                      {"target", +phase.target},
                      {"state", venue::name_of(phase.state)}});
  }
  const json::object root{{"okiagari_plan", kVersion},
                          {"calendar", act.calendar},
                          {"day", +act.command.day},
                          {"phases", std::move(phases)},
                          {"cluster", act.cluster},
                          {"digest", base::to_hex(act.digest())},
                          {"command", base::to_hex(base::object_bytes(act.command))}};
  return json::serialize(root) + "\n";
}

base::Result<PlanAct> parse_plan(std::string_view text) {
  if (text.size() > kPlanBytesMax) return base::Error{"it is too large for a day's plan"};
  boost::system::error_code error;
  const json::value root = json::parse(json::string_view(text), error);
  if (error) return base::Error{"it is no JSON text: " + error.message()};
  PlanAct act;
  try {
    if (const std::string fault = read(root, act); !fault.empty()) return base::Error{fault};
  } catch (const std::exception& broken) {
    return base::Error{fmt::format("it is no day's plan: {}", broken.what())};
  }
  return act;
}

}  // namespace okiagari::client
