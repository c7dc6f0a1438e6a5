#include "client/market_act.h"

#include <fmt/format.h>

#include <boost/json.hpp>
#include <cstring>

#include "base/bytes.h"
#include "client/act_approval.h"
#include "venue/names.h"
#include "venue/venue.h"
#include "wire/halt_document.h"

namespace okiagari::client {

namespace json = boost::json;

namespace {

constexpr std::int64_t kVersion = 1;
constexpr std::size_t kActBytesMax = 16u << 10;

// Throws what boost::json throws.
std::string read(const json::value& root, MarketAct& act) {
  if (root.at("okiagari_act").to_number<std::int64_t>() != kVersion) return "another version";
  act.cluster = root.at("cluster").to_number<std::uint64_t>();
  act.target = root.at("target").as_string();
  act.reason = root.at("reason").as_string();
  base::Digest digest;
  if (!base::from_hex(root.at("command").as_string(),
                      std::as_writable_bytes(std::span(&act.command, 1)))) {
    return "'command' is no state change";
  }
  const venue::CommandHeader& header = act.command.header;
  if (header.size_bytes != sizeof act.command || header.type != venue::SetInstrumentState::kType ||
      header.version != venue::kCommandVersion) {
    return "'command' is no state change";
  }
  if (!base::from_hex(root.at("digest").as_string(), digest) || digest != act.digest()) {
    return "the digest is not that of the command";
  }
  return {};
}

}  // namespace

std::uint32_t reason_of(std::string_view code) {
  if (code.empty()) return 0;
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < 4; ++i) {
    value = value << 8 | static_cast<unsigned char>(i < code.size() ? code[i] : ' ');
  }
  return value;
}

base::Digest MarketAct::digest() const {
  return venue::approval_digest(base::object_bytes(command));
}

bool MarketAct::is_stop() const {
  return command.state == venue::InstrumentState::halted ||
         command.state == venue::InstrumentState::cancel_only;
}

std::string MarketAct::words() const {
  const bool is_market = command.scope == venue::Scope::market;
  return fmt::format("control {}: {}{} to {}", command.control_number, wire::name_of(command.scope),
                     is_market ? "" : fmt::format(" {}", command.target),
                     venue::name_of(command.state));
}

MarketAct make_act(std::uint64_t cluster, venue::Scope scope, std::uint16_t target,
                   venue::InstrumentState state, std::uint64_t control_number,
                   std::string_view code) {
  MarketAct act;
  act.cluster = cluster;
  act.command.header.size_bytes = sizeof act.command;
  act.command.header.type = venue::SetInstrumentState::kType;
  act.command.header.version = venue::kCommandVersion;
  act.command.control_number = control_number;
  act.command.scope = scope;
  act.command.state = state;
  act.command.target = target;
  act.command.reason = reason_of(code);
  return act;
}

bool approve_act(MarketAct& act, std::uint16_t operator_id, const base::SecretKey& key,
                 std::uint32_t accept_until_s) {
  return approve_in(act.command.approvals, act.digest(), operator_id, key, accept_until_s);
}

std::string to_json(const MarketAct& act) {
  const json::object root{{"okiagari_act", kVersion},
                          {"words", act.words()},
                          {"target", act.target},
                          {"reason", act.reason},
                          {"cluster", act.cluster},
                          {"digest", base::to_hex(act.digest())},
                          {"command", base::to_hex(base::object_bytes(act.command))}};
  return json::serialize(root) + "\n";
}

base::Result<MarketAct> parse_act(std::string_view text) {
  if (text.size() > kActBytesMax) return base::Error{"it is too large for an act"};
  boost::system::error_code error;
  const json::value root = json::parse(json::string_view(text), error);
  if (error) return base::Error{"it is no JSON text: " + error.message()};
  MarketAct act;
  try {
    if (const std::string fault = read(root, act); !fault.empty()) return base::Error{fault};
  } catch (const std::exception& broken) {
    return base::Error{fmt::format("it is no act: {}", broken.what())};
  }
  return act;
}

}  // namespace okiagari::client
