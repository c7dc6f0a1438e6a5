#include "client/day_end_act.h"

#include <fmt/format.h>

#include <boost/json.hpp>
#include <span>

#include "base/bytes.h"
#include "client/act_approval.h"
#include "venue/venue.h"

namespace okiagari::client {

namespace json = boost::json;

namespace {

constexpr std::int64_t kVersion = 1;
constexpr std::size_t kActBytesMax = 8u << 10;

// Throws what boost::json throws.
std::string read(const json::value& root, DayEndAct& act) {
  if (root.at("okiagari_day_end").to_number<std::int64_t>() != kVersion) return "another version";
  act.cluster = root.at("cluster").to_number<std::uint64_t>();
  if (!base::from_hex(root.at("command").as_string(),
                      std::as_writable_bytes(std::span(&act.command, 1)))) {
    return "'command' is no end of a day";
  }
  const venue::CommandHeader& header = act.command.header;
  if (header.size_bytes != sizeof act.command || header.type != venue::EndDay::kType ||
      header.version != venue::kCommandVersion) {
    return "'command' is no end of a day";
  }
  base::Digest digest;
  if (!base::from_hex(root.at("digest").as_string(), digest) || digest != act.digest()) {
    return "the digest is not that of the command";
  }
  return {};
}

}  // namespace

base::Digest DayEndAct::digest() const {
  return venue::approval_digest(base::object_bytes(command));
}

std::string DayEndAct::words() const {
  return fmt::format("control {}: end of {}", +command.control_number, +command.day);
}

DayEndAct make_day_end(std::uint64_t cluster, std::uint32_t day, std::uint64_t control_number) {
  DayEndAct act;
  act.cluster = cluster;
  act.command.header.size_bytes = sizeof act.command;
  act.command.header.type = venue::EndDay::kType;
  act.command.header.version = venue::kCommandVersion;
  act.command.control_number = control_number;
  act.command.day = day;
  return act;
}

bool approve_day_end(DayEndAct& act, std::uint16_t operator_id, const base::SecretKey& key,
                     std::uint32_t accept_until_s) {
  return approve_in(act.command.approvals, act.digest(), operator_id, key, accept_until_s);
}

std::string to_json(const DayEndAct& act) {
  const json::object root{{"okiagari_day_end", kVersion},
                          {"day", +act.command.day},
                          {"cluster", act.cluster},
                          {"digest", base::to_hex(act.digest())},
                          {"command", base::to_hex(base::object_bytes(act.command))}};
  return json::serialize(root) + "\n";
}

base::Result<DayEndAct> parse_day_end(std::string_view text) {
  if (text.size() > kActBytesMax) return base::Error{"it is too large for the end of a day"};
  boost::system::error_code error;
  const json::value root = json::parse(json::string_view(text), error);
  if (error) return base::Error{"it is no JSON text: " + error.message()};
  DayEndAct act;
  try {
    if (const std::string fault = read(root, act); !fault.empty()) return base::Error{fault};
  } catch (const std::exception& broken) {
    return base::Error{fmt::format("it is no end of a day: {}", broken.what())};
  }
  return act;
}

}  // namespace okiagari::client
