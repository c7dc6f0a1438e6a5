#include "cli/halt_request.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/hash.h"
#include "cli/command_line.h"
#include "cli/nodes_options.h"
#include "net/loop.h"
#include "venue/names.h"
#include "wire/big_endian.h"

namespace okiagari::cli {

std::uint64_t wall_s() { return net::Loop::wall_ns() / 1'000'000'000; }

void HaltRequest::add_to(Command command, bool is_lift) {
  command.flag("--market", market, "Everything");
  command.option("--segment", segment, "The instruments of this segment");
  command.option("--instrument", instrument, "One instrument, by its symbol");
  command.option("--member", member, "One member's new orders, by its number");
  command.option("--state", state,
                 is_lift ? "Back to post-only, limit-only or full; default full"
                         : "cancel-only (default), or halted: no cancels either");
  command.option("--reason", reason, "Why, for people");
  command.option("--code", code, "Reason code in the feed, up to 4 characters")
      .checked_by([](const std::string& text) {
        return text.size() <= 4 ? std::string() : std::string("a code has up to 4 characters");
      });
  command.option("--number", number, "Instead of the clock's milliseconds");
  command.option("--cluster", cluster, "The market's number, without its folder");
  command.option("--valid-s", valid_s, "How long it may be accepted").shows_default();
  command.option("--file", file,
                 "Write a signed document; with --gateway-data: hand this one over");
  command.option("--gateway-data", gateway_dirs,
                 "Data folder of a gateway on this host that shall obey at once, without any "
                 "server; once for each");
  command.option("--propose", propose, "Write the act without a signature, for others to sign");
  if (is_lift) {
    command.option("--lifts", lifts, "Number of the halt that a document lifts");
    command.option("--proof", proof, "Digest of the proof that the market is whole, 64 digits");
  } else {
    command.flag("--preview", preview, "Only show whom it would hit");
  }
  command.flag("--desk", by_desk,
               is_lift ? "Propose it at the desk; two sign with `okiagari approval sign`"
                       : "By the desk, with its key and on its record; needs no --key");
  command.option("--incident", incident, "With --desk: the incident that it belongs to");
  desk.add_person_to(command);
  add_nodes_options(command, nodes);
  access.add_to(command);
}

std::string HaltRequest::fault() const {
  const int named = static_cast<int>(market) + static_cast<int>(segment != 0) +
                    static_cast<int>(!instrument.empty()) + static_cast<int>(member != 0);
  if (named == 1) return {};
  return "say what: one of --market, --segment, --instrument, --member";
}

venue::Scope HaltRequest::scope() const {
  if (segment != 0) return venue::Scope::segment;
  if (!instrument.empty()) return venue::Scope::instrument;
  return member != 0 ? venue::Scope::member : venue::Scope::market;
}

std::string HaltRequest::target() const {
  if (segment != 0) return std::to_string(segment);
  if (!instrument.empty()) return instrument;
  return member != 0 ? std::to_string(member) : std::string();
}

base::Result<std::uint64_t> HaltRequest::find_cluster() const {
  if (cluster != 0) return cluster;
  auto loaded = deployment::DeploymentFile::load(nodes.folder);
  if (!loaded) return base::Error{loaded.error().message + "; or give --cluster"};
  return loaded.value().cluster;
}

base::Result<wire::HaltDocument> HaltRequest::document(bool is_lift) const {
  auto found = find_cluster();
  if (!found) return found.error();
  wire::HaltDocument document;
  document.kind = is_lift ? wire::HaltKind::lift : wire::HaltKind::halt;
  document.cluster = found.value();
  document.number = number != 0 ? number : net::Loop::wall_ns() / 1'000'000;
  document.scope = scope();
  document.target = target();
  document.reason = reason;
  document.issued_at_s = wall_s();
  document.accept_until_s = wall_s() + valid_s;
  document.lifts = lifts;
  if (is_lift && !base::from_hex(proof, document.proof)) {
    return base::Error{"--proof: 64 hexadecimal digits, the digest of the proof"};
  }
  if (std::string fault = wire::fault_of(document); !fault.empty()) return base::Error{fault};
  auto signers = access.signers(nodes.folder);
  if (!signers) return signers.error();
  for (const Signer& signer : signers.value()) {
    wire::sign_halt_document(document, signer.operator_id, signer.keys.secret_key);
  }
  return document;
}

wire::PreviewRequest HaltRequest::preview_request() const {
  wire::PreviewRequest request;
  request.scope = static_cast<std::uint8_t>(scope());
  request.target = segment != 0 ? segment : member;
  request.symbol = wire::alpha<8>(instrument);
  return request;
}

base::Result<venue::InstrumentState> HaltRequest::wanted_state(bool is_lift) const {
  using venue::InstrumentState;
  if (state.empty()) return is_lift ? InstrumentState::full : InstrumentState::cancel_only;
  for (int value = 0; value <= static_cast<int>(InstrumentState::closed); ++value) {
    const auto known = static_cast<InstrumentState>(value);
    std::string name(venue::name_of(known));
    std::replace(name.begin(), name.end(), ' ', '-');
    if (name == state) return known;
  }
  return base::Error{fmt::format("--state: '{}' is no state of an instrument", state)};
}

}  // namespace okiagari::cli
