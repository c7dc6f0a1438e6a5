// The gateway's page of metrics, and whether it is ready.
#include <algorithm>
#include <map>
#include <string>
#include <utility>

#include "gateway/gateway.h"
#include "venue/order_commands.h"
#include "wire/link.h"

namespace okiagari::gateway {

namespace {

using net::MetricsWriter;
namespace ouch = wire::ouch;

// As many members have a line of their own; the others share one.
constexpr std::size_t kMembersMax = 512;

constexpr std::pair<char, std::string_view> kMessages[] = {
    {ouch::EnterOrder::kType, "enter_order"},
    {ouch::ReplaceOrder::kType, "replace_order"},
    {ouch::CancelOrder::kType, "cancel_order"},
    {ouch::ModifyOrder::kType, "modify_order"},
    {ouch::MassCancel::kType, "mass_cancel"},
    {ouch::DisableOrderEntry::kType, "disable_order_entry"},
    {ouch::EnableOrderEntry::kType, "enable_order_entry"},
    {ouch::AccountQuery::kType, "account_query"},
};

constexpr std::pair<ouch::RejectCode, std::string_view> kReasons[] = {
    {ouch::RejectCode::cluster_away, "cluster_away"},
    {ouch::RejectCode::throttled, "throttled"},
    {ouch::RejectCode::message_not_supported, "message_not_supported"},
    {ouch::RejectCode::option_not_supported, "option_not_supported"},
    {ouch::RejectCode::option_malformed, "option_malformed"},
    {ouch::RejectCode::invalid_time_in_force, "invalid_time_in_force"},
    {ouch::RejectCode::invalid_self_trade, "invalid_self_trade"},
    {ouch::RejectCode::invalid_account, "invalid_account"},
    {ouch::RejectCode::not_yet_taken, "not_yet_taken"},
    {ouch::RejectCode::invalid_side, "invalid_side"},
    {ouch::RejectCode::invalid_min_quantity, "invalid_min_quantity"},
    {ouch::RejectCode::invalid_display, "invalid_display"},
    {ouch::RejectCode::invalid_quantity, "invalid_quantity"},
    {ouch::RejectCode::invalid_cross, "invalid_cross"},
    {ouch::RejectCode::invalid_symbol, "invalid_symbol"},
    {ouch::RejectCode::invalid_price, "invalid_price"},
};

void write_members(MetricsWriter& writer, const Measures& measures) {
  writer.counter("okiagari_gateway_connections_accepted", "", "Connections of members taken.",
                 measures.connections_accepted);
  writer.counter("okiagari_gateway_connections_refused", "", "Connections beyond the limit.",
                 measures.connections_refused);
  writer.counter("okiagari_gateway_logins", "", "Log-ins, by what came of them.");
  writer.value(measures.logins_accepted, {{"result", "accepted"}});
  writer.value(measures.logins_not_authorized, {{"result", "not_authorized"}});
  writer.value(measures.logins_not_available, {{"result", "not_available"}});
  writer.counter("okiagari_gateway_malformed", "",
                 "Packets and messages that are none; each ended its connection.",
                 measures.malformed);
  writer.counter("okiagari_gateway_messages", "", "Messages of members, by type.");
  for (const auto& [type, word] : kMessages) {
    writer.value(measures.messages[static_cast<unsigned char>(type)], {{"type", word}});
  }
  writer.counter("okiagari_gateway_refusals", "", "Messages that this gateway itself refused.");
  std::uint64_t others = 0;
  for (const std::uint64_t count : measures.refusals) others += count;
  for (const auto& [reason, word] : kReasons) {
    const std::uint64_t count = measures.refusals[static_cast<std::uint16_t>(reason)];
    others -= count;
    writer.value(count, {{"reason", word}});
  }
  writer.value(others, {{"reason", "other"}});
  writer.histogram("okiagari_gateway_decision_seconds", "seconds",
                   "From a command's arrival to the turn in which its answer is sent.");
  writer.value(measures.decision);
}

// Orders that came and that nobody has decided yet; the commands stand one behind the other.
std::uint64_t undecided_orders(const UndecidedCommands& undecided) {
  if (undecided.empty()) return 0;
  std::uint64_t count = 0;
  const auto* first = reinterpret_cast<const std::byte*>(&undecided.oldest());
  wire::CommandReader reader(base::Bytes(first, undecided.bytes()));
  while (const venue::CommandHeader* command = reader.next()) {
    const bool is_order =
        venue::enters_order(command->type) || venue::replaces_order(command->type);
    count += is_order ? 1 : 0;
  }
  return count;
}

}  // namespace

void Gateway::write_metrics(MetricsWriter& writer) const {
  writer.info("okiagari_gateway", "Which gateway of which market this is.");
  writer.facts(
      {{"cluster", std::to_string(options_.cluster)}, {"gateway", std::to_string(options_.id)}});
  writer.gauge("okiagari_gateway_serving", "", "1 while a leader takes its commands.",
               is_serving() ? 1 : 0);
  writer.gauge("okiagari_gateway_leader", "",
               "Number of the server whose events it takes; 0 when none.", cluster_.leader());
  writer.gauge("okiagari_gateway_away_seconds", "seconds", "How long nobody has taken commands.",
               static_cast<double>(cluster_.away_ms(net::Loop::now_ms())) / 1e3);
  writer.gauge("okiagari_gateway_connections", "", "Connections of members.", lines_.size());
  std::size_t connected = 0;
  std::size_t logged_in = 0;
  std::map<MemberId, std::uint64_t> by_member;
  std::uint64_t others = 0;
  for (const auto& session : sessions_) {
    if (session == nullptr) continue;
    connected += session->line != nullptr ? 1 : 0;
    logged_in += session->epoch != 0 ? 1 : 0;
    if (session->messages == 0) continue;
    if (by_member.size() < kMembersMax || by_member.contains(session->member)) {
      by_member[session->member] += session->messages;
    } else {
      others += session->messages;
    }
  }
  writer.gauge("okiagari_gateway_sessions_connected", "", "Sessions whose member is connected.",
               connected);
  writer.gauge("okiagari_gateway_sessions_logged_in", "", "Sessions that are logged in here.",
               logged_in);
  writer.gauge("okiagari_gateway_halts", "", "Halts that this gateway itself obeys.",
               halts_.halts().size());
  write_members(writer, measures_);
  writer.counter("okiagari_gateway_member_messages", "", "Messages of members, by member.");
  for (const auto& [member, count] : by_member) {
    writer.value(count, {{"member", std::to_string(member)}});
  }
  if (others != 0) writer.value(others, {{"member", "other"}});
  writer.gauge("okiagari_gateway_undecided_bytes", "bytes", "Commands without a decision.",
               undecided_.bytes());
  writer.gauge("okiagari_gateway_undecided_orders", "", "Orders without a decision.",
               undecided_orders(undecided_));
  const std::uint64_t oldest_ns = arrivals_.oldest_ns();
  const std::uint64_t now_ns = net::Loop::now_ns();
  writer.gauge("okiagari_gateway_undecided_age_seconds", "seconds",
               "Age of the oldest command without a decision; 0 when there is none.",
               oldest_ns == 0 ? 0.0 : static_cast<double>(now_ns - oldest_ns) / 1e9);
  writer.counter("okiagari_gateway_receipts_written_bytes", "bytes", "Receipt log written.",
                 receipts_->written_bytes());
  writer.counter("okiagari_gateway_receipts_lost_bytes", "bytes",
                 "Receipts that the disk did not take.", receipts_->lost_bytes());
  const ClusterLink::Highest& highest = cluster_.highest();
  writer.gauge("okiagari_gateway_witnessed", "", "Highest numbers that any server has told.");
  writer.value(highest.term, {{"kind", "term"}});
  writer.value(highest.sequence, {{"kind", "sequence"}});
  writer.value(highest.event, {{"kind", "event"}});
  writer.value(highest.feed, {{"kind", "feed"}});
}

net::Readiness Gateway::readiness() const {
  if (is_serving()) return {.is_ready = true, .state = "serving", .why = {}};
  return {.is_ready = false,
          .state = "away",
          .why = "no server that leads and is open is known, or its events are being fetched"};
}

}  // namespace okiagari::gateway
