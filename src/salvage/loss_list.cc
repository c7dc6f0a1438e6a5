#include "salvage/loss_list.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <utility>

#include "gateway/told_events.h"
#include "gateway/witness.h"
#include "venue/order_commands.h"
#include "venue/state.h"
#include "wire/link.h"
#include "wire/ouch_venue.h"
#include "wire/receipts.h"
#include "wire/symbols.h"

namespace okiagari::salvage {

namespace {

namespace fs = std::filesystem;
namespace ouch = wire::ouch;
using Kind = LostMessage::Kind;
using OrderName = std::pair<SessionId, std::uint32_t>;

const char* word_of(Side side) { return side == Side::buy ? "buy" : "sell"; }

std::string price_of(std::uint64_t price_e4) {
  return fmt::format("{}.{:04}", price_e4 / 10'000, price_e4 % 10'000);
}

template <typename Message>
bool is_stop(const Message& message) {
  return message.trigger_e4 != 0 || message.distance_e4 != 0;
}

// A market order has no price; a stop is known by its trigger, too, or by how far it follows.
template <typename Message>
std::string price_and_trigger(const Message& message) {
  if (!is_stop(message)) return price_of(message.price_e4);
  std::string words = message.price_e4 == 0 ? "the market" : price_of(message.price_e4);
  if (message.trigger_e4 != 0) {
    words += fmt::format(", waiting for {}", price_of(message.trigger_e4));
  }
  if (message.distance_e4 != 0) {
    words += fmt::format(", following the price at {}", price_of(message.distance_e4));
  }
  return words;
}

template <typename Message>
const char* noun_of(const Message& message) {
  return is_stop(message) ? "stop" : "order";
}

std::string symbol_or_unknown(const std::string& symbol) {
  return symbol.empty() ? "a symbol that is not known" : symbol;
}

template <typename Event>
const Event& as(const venue::EventHeader& header) {
  return reinterpret_cast<const Event&>(header);
}

class Lister {
 public:
  explicit Lister(const ColdNode& survivor)
      : cold_(survivor), survivor_(*survivor.market), cluster_(survivor.identity.cluster) {
    base::ByteWriter described;
    survivor_.describe(1, described);
    wire::EventReader reader(described.view());
    while (const venue::EventHeader* event = reader.next()) {
      if (event->type != venue::EventType::reference_instrument) continue;
      const auto& told = as<venue::ReferenceInstrument>(*event);
      symbols_.add(told.instrument, told.symbol);
    }
  }

  LossList run(const std::vector<std::string>& folders) {
    for (const std::string& folder : folders) {
      read_witness(folder);
      read_told(folder);
    }
    for (const std::string& folder : folders) read_receipts(folder);
    finish();
    return std::move(list_);
  }

 private:
  void read_witness(const std::string& folder);
  void take_witness(const gateway::Witness& witness);
  void read_told(const std::string& folder);
  [[nodiscard]] bool is_contradicted(const venue::EventHeader& event) const;
  void take_told(const venue::EventHeader& event);
  // What an event says of an order: that it is answered, that it is one from here on, that
  // something became of it.
  template <typename Event>
  void answers(Kind kind, const Event& told, LostMessage& lost);
  template <typename Event>
  void opens(Kind kind, const Event& told, LostMessage& lost);
  template <typename Event>
  void concerns(Kind kind, const Event& told, LostMessage& lost);
  void name_order(LostMessage& lost, InstrumentId instrument, Side side);
  void name_known_order(LostMessage& lost);
  void read_receipts(const std::string& folder);
  void read_receipt_file(const std::string& path);
  void take_receipt(const wire::ReceiptRecord& record, base::Bytes payload);
  void take_order(const wire::ReceiptRecord& record, base::Bytes payload);
  void finish();
  [[nodiscard]] venue::Venue::SessionView session(SessionId id) const {
    venue::Venue::SessionView view;
    (void)survivor_.session(id, view);
    return view;
  }
  [[nodiscard]] std::string symbol_of(InstrumentId instrument) const {
    const wire::Symbols::Symbol symbol = symbols_.of(instrument);
    return std::string(wire::trimmed(symbol));
  }

  struct Order {
    InstrumentId instrument = 0;
    Side side{};
  };

  const ColdNode& cold_;
  const venue::Venue& survivor_;
  std::uint64_t cluster_;
  wire::Symbols symbols_;
  LossList list_;
  std::map<SessionId, std::uint32_t> told_next_;  // by the witnesses: after the last message
  std::map<std::uint64_t, LostMessage> lost_;     // by event
  std::map<OrderName, Order> told_orders_;        // that the survivor does not know
  std::set<OrderName> answered_;
  std::map<OrderName, UnansweredOrder> unanswered_;
};

void Lister::read_witness(const std::string& folder) {
  auto current = gateway::load_witness(folder);
  if (!current) {
    list_.troubles.push_back(current.error().message);
    return;
  }
  gateway::Witness witness = std::move(current.value());
  if (witness.cluster != cluster_) {
    // A gateway that has moved already keeps what it saw of the old cluster in another file.
    std::ifstream former(gateway::former_witness_path(folder, cluster_));
    auto parsed = gateway::parse_witness(std::string(std::istreambuf_iterator<char>(former), {}),
                                         gateway::former_witness_path(folder, cluster_));
    if (!former || !parsed || parsed.value().cluster != cluster_) {
      list_.troubles.push_back(fmt::format("{}: no witness of cluster {} in it", folder, cluster_));
      return;
    }
    witness = std::move(parsed.value());
  }
  ++list_.gateways;
  take_witness(witness);
}

void Lister::take_witness(const gateway::Witness& witness) {
  const auto beyond = [](std::uint64_t seen, std::uint64_t known) {
    return seen > known ? seen - known : 0;
  };
  list_.term = std::max(list_.term, witness.term);
  list_.commands = std::max(list_.commands, beyond(witness.sequence, survivor_.last_sequence()));
  list_.events = std::max(list_.events, beyond(witness.event, survivor_.last_event_number()));
  list_.feed_messages =
      std::max(list_.feed_messages, beyond(witness.feed, survivor_.last_feed_number()));
  for (const gateway::WitnessedSession& seen : witness.sessions) {
    std::uint32_t& next = told_next_[seen.session];
    next = std::max(next, seen.next_number);
  }
}

void Lister::read_told(const std::string& folder) {
  for (const std::string& path : gateway::told_events_paths(folder)) {
    auto file = gateway::load_told_events(path);
    if (!file) {
      list_.troubles.push_back(file.error().message);
      continue;
    }
    if (file.value().cluster != cluster_) continue;
    wire::EventReader reader(file.value().events);
    while (const venue::EventHeader* event = reader.next()) {
      if (is_contradicted(*event)) {
        list_.contradicted += lost_.contains(event->event_number) ? 0 : 1;
        take_told(*event);
      } else if (event->event_number > survivor_.last_event_number()) {
        take_told(*event);
      }
    }
  }
}

// Whether the survivor has another event of that number. What is older than it was asked to
// remember was told long before anybody was lost.
bool Lister::is_contradicted(const venue::EventHeader& event) const {
  const auto& known = cold_.newest_events;
  if (event.event_number > survivor_.last_event_number()) return false;
  if (known.empty() || event.event_number < known.front().first) return false;
  const auto at = std::lower_bound(known.begin(), known.end(),
                                   std::pair<std::uint64_t, std::uint64_t>(event.event_number, 0));
  const base::Bytes bytes(reinterpret_cast<const std::byte*>(&event), event.size_bytes);
  return at == known.end() || at->first != event.event_number || at->second != base::hash64(bytes);
}

void Lister::name_order(LostMessage& lost, InstrumentId instrument, Side side) {
  lost.symbol = symbol_of(instrument);
  lost.side = side;
}

// Told of in the same evidence, or live in the survivor, in its books or beside them.
void Lister::name_known_order(LostMessage& lost) {
  const market::OrderKey key = venue::order_key(lost.session, lost.user_reference);
  const auto told = told_orders_.find({lost.session, lost.user_reference});
  if (told != told_orders_.end()) {
    name_order(lost, told->second.instrument, told->second.side);
  } else if (const market::Order* resting = survivor_.books().find(key); resting != nullptr) {
    name_order(lost, resting->instrument, resting->side);
  } else if (const auto waiting = survivor_.waiting_stops().find(key)) {
    name_order(lost, waiting->instrument, waiting->side);
  }
}

template <typename Event>
void Lister::answers(Kind kind, const Event& told, LostMessage& lost) {
  lost.kind = kind;
  lost.user_reference = told.user_reference;
  answered_.emplace(told.header.session, told.user_reference);
}

template <typename Event>
void Lister::opens(Kind kind, const Event& told, LostMessage& lost) {
  answers(kind, told, lost);
  lost.quantity = told.quantity;
  lost.price_e4 = told.price_e4;
  if constexpr (requires { told.trigger_e4; }) lost.trigger_e4 = told.trigger_e4;
  if constexpr (requires { told.distance_e4; }) lost.distance_e4 = told.distance_e4;
  told_orders_[{told.header.session, told.user_reference}] = {told.instrument, told.side};
  name_order(lost, told.instrument, told.side);
}

template <typename Event>
void Lister::concerns(Kind kind, const Event& told, LostMessage& lost) {
  answers(kind, told, lost);
  name_known_order(lost);
}

void Lister::take_told(const venue::EventHeader& event) {
  LostMessage lost;
  lost.event = event.event_number;
  lost.session = event.session;
  lost.session_number = event.session_number;
  lost.member = session(event.session).member;
  switch (event.type) {
    case venue::EventType::order_accepted:
    case venue::EventType::iceberg_accepted:
      opens(Kind::order, as<venue::OrderAccepted>(event), lost);
      break;
    case venue::EventType::order_replaced:
    case venue::EventType::iceberg_replaced:
      opens(Kind::replacement, as<venue::OrderReplaced>(event), lost);
      break;
    case venue::EventType::stop_accepted:
      opens(Kind::order, as<venue::StopAccepted>(event), lost);
      break;
    case venue::EventType::stop_replaced:
      opens(Kind::replacement, as<venue::StopReplaced>(event), lost);
      break;
    case venue::EventType::trailing_stop_accepted:
      opens(Kind::order, as<venue::TrailingStopAccepted>(event), lost);
      break;
    case venue::EventType::trailing_stop_replaced:
      opens(Kind::replacement, as<venue::TrailingStopReplaced>(event), lost);
      break;
    case venue::EventType::stop_triggered: {
      const auto& told = as<venue::StopTriggered>(event);
      told_orders_[{event.session, told.user_reference}] = {told.instrument, told.side};
      concerns(Kind::trigger, told, lost);
      lost.quantity = told.quantity;
      break;
    }
    case venue::EventType::order_canceled:
      concerns(Kind::cancel, as<venue::OrderCanceled>(event), lost);
      lost.quantity = as<venue::OrderCanceled>(event).quantity;
      break;
    case venue::EventType::order_executed:
      concerns(Kind::trade, as<venue::OrderExecuted>(event), lost);
      lost.quantity = as<venue::OrderExecuted>(event).quantity;
      lost.price_e4 = as<venue::OrderExecuted>(event).price_e4;
      lost.match = as<venue::OrderExecuted>(event).match;
      break;
    case venue::EventType::order_rejected:
      answers(Kind::refusal, as<venue::OrderRejected>(event), lost);
      break;
    case venue::EventType::cancel_rejected:
      answers(Kind::refusal, as<venue::CancelRejected>(event), lost);
      break;
    default:
      lost.kind = Kind::notice;
  }
  lost_.emplace(std::uint64_t{event.event_number}, std::move(lost));
}

void Lister::read_receipts(const std::string& folder) {
  std::vector<std::string> paths;
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(folder, ignored)) {
    const std::string name = entry.path().filename().string();
    if (name.starts_with("receipts-")) paths.push_back(entry.path().string());
  }
  std::sort(paths.begin(), paths.end());
  for (const std::string& path : paths) read_receipt_file(path);
}

void Lister::read_receipt_file(const std::string& path) {
  std::error_code error;
  std::vector<std::byte> bytes(fs::file_size(path, error));
  std::ifstream file(path, std::ios::binary);
  if (!error) {
    file.read(reinterpret_cast<char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
  }
  if (error || !file) {
    list_.troubles.push_back(fmt::format("{}: cannot be read", path));
    return;
  }
  wire::ReceiptReader reader(bytes);
  wire::ReceiptRecord record;
  base::Bytes payload;
  auto state = reader.next(record, payload);
  if (state == wire::ReceiptReader::State::more && reader.header().cluster != cluster_) return;
  while (state == wire::ReceiptReader::State::more) {
    take_receipt(record, payload);
    state = reader.next(record, payload);
  }
  const bool is_whole =
      state == wire::ReceiptReader::State::end || state == wire::ReceiptReader::State::cut_off;
  if (is_whole) return;
  list_.troubles.push_back(fmt::format("{}: damaged at offset {}; what is behind it is not counted",
                                       path, reader.offset()));
}

void Lister::take_receipt(const wire::ReceiptRecord& record, base::Bytes payload) {
  if (record.kind == wire::ReceiptKind::refused && payload.size() == sizeof(ouch::LocalRefusal)) {
    ouch::LocalRefusal refusal;
    std::memcpy(&refusal, payload.data(), sizeof refusal);
    unanswered_.erase({record.session, refusal.user_reference});
    return;
  }
  const bool is_message = record.kind == wire::ReceiptKind::message && !payload.empty() &&
                          ouch::check_inbound(payload) == ouch::Fault::none;
  if (!is_message) return;
  const auto type = static_cast<char>(payload[0]);
  if (type == ouch::EnterOrder::kType || type == ouch::ReplaceOrder::kType) {
    take_order(record, payload);
  }
}

void Lister::take_order(const wire::ReceiptRecord& record, base::Bytes payload) {
  std::array<std::byte, ouch::kCommandBytesMax> bytes;
  const ouch::Origin origin{.session = record.session, .gateway = record.gateway};
  const ouch::Translated made = ouch::command_from_ouch(payload, origin, symbols_, bytes.data());
  const venue::Venue::SessionView view = session(record.session);
  if (made.size_bytes == 0 || made.user_reference < view.next_user_reference) return;
  UnansweredOrder order;
  order.gateway = record.gateway;
  order.arrival_ns = record.arrival_ns;
  order.session = record.session;
  order.member = view.member;
  order.user_reference = made.user_reference;
  const auto& header = reinterpret_cast<const venue::CommandHeader&>(bytes);
  if (header.type == venue::CommandType::new_stop) {
    order.trigger_e4 = reinterpret_cast<const venue::NewStop&>(bytes).trigger_e4;
  } else if (header.type == venue::CommandType::replace_stop) {
    order.trigger_e4 = reinterpret_cast<const venue::ReplaceStop&>(bytes).trigger_e4;
  } else if (header.type == venue::CommandType::new_trailing_stop) {
    order.distance_e4 = reinterpret_cast<const venue::NewTrailingStop&>(bytes).distance_e4;
  } else if (header.type == venue::CommandType::replace_trailing_stop) {
    order.distance_e4 = reinterpret_cast<const venue::ReplaceTrailingStop&>(bytes).distance_e4;
  }
  // A stop of either kind begins as the order that it becomes, an iceberg as one that shows all.
  order.is_replacement = venue::replaces_order(header.type);
  if (order.is_replacement) {
    const auto& replace = reinterpret_cast<const venue::ReplaceOrder&>(bytes);
    order.quantity = replace.quantity;
    order.price_e4 = replace.price_e4;
  } else {
    const auto& enter = reinterpret_cast<const venue::NewOrder&>(bytes);
    order.symbol = symbol_of(enter.instrument);
    order.side = enter.side;
    order.quantity = enter.quantity;
    order.price_e4 = enter.price_e4;
  }
  unanswered_.emplace(OrderName{record.session, made.user_reference}, std::move(order));
}

void Lister::finish() {
  std::map<SessionId, std::uint64_t> named;
  for (auto& [event, lost] : lost_) {
    const bool is_beyond = event > survivor_.last_event_number();
    if (is_beyond) list_.events = std::max(list_.events, event - survivor_.last_event_number());
    std::uint32_t& next = told_next_[lost.session];
    next = std::max(next, lost.session_number + 1);
    if (is_beyond) ++named[lost.session];
    list_.named.push_back(std::move(lost));
  }
  for (const auto& [id, next] : told_next_) {
    const std::uint32_t known = session(id).next_session_number;
    if (next <= known) continue;
    list_.messages += next - known;
    list_.unnamed += next - known - std::min<std::uint64_t>(next - known, named[id]);
  }
  list_.messages += list_.contradicted;
  for (auto& [name, order] : unanswered_) {
    if (answered_.contains(name)) continue;
    list_.unanswered.push_back(std::move(order));
  }
}

}  // namespace

std::string words_of(const LostMessage& m) {
  const std::string who = fmt::format("event {}: member {}, session {}, message {}", m.event,
                                      m.member, m.session, m.session_number);
  const std::string what = symbol_or_unknown(m.symbol);
  switch (m.kind) {
    case Kind::order:
      return fmt::format("{}: {} {} accepted: {} {} {} at {}", who, noun_of(m), m.user_reference,
                         word_of(m.side), m.quantity, what, price_and_trigger(m));
    case Kind::replacement:
      return fmt::format("{}: {} {} accepted in place of another: {} {} {} at {}", who, noun_of(m),
                         m.user_reference, word_of(m.side), m.quantity, what, price_and_trigger(m));
    case Kind::trigger:
      return fmt::format("{}: stop {} triggered: {} {} {}", who, m.user_reference, word_of(m.side),
                         m.quantity, what);
    case Kind::cancel:
      return fmt::format("{}: {} of order {} cancelled: {} {}", who, m.quantity, m.user_reference,
                         word_of(m.side), what);
    case Kind::trade:
      return fmt::format("{}: trade {}: order {} executed, {} {} {} at {}", who, m.match,
                         m.user_reference, word_of(m.side), m.quantity, what, price_of(m.price_e4));
    case Kind::refusal:
      return fmt::format("{}: request about {} refused", who, m.user_reference);
    case Kind::notice:
      return who + ": notice of a trading state";
  }
  return who;
}

std::string words_of(const UnansweredOrder& order) {
  const std::string who =
      fmt::format("gateway {}: member {}, session {}", order.gateway, order.member, order.session);
  if (order.is_replacement) {
    return fmt::format("{}: replacement {} without an answer: {} lots at {}", who,
                       order.user_reference, order.quantity, price_and_trigger(order));
  }
  return fmt::format("{}: {} {} without an answer: {} {} {} at {}", who, noun_of(order),
                     order.user_reference, word_of(order.side), order.quantity,
                     symbol_or_unknown(order.symbol), price_and_trigger(order));
}

std::uint64_t LossList::count(LostMessage::Kind kind) const {
  return static_cast<std::uint64_t>(std::count_if(
      named.begin(), named.end(), [kind](const LostMessage& m) { return m.kind == kind; }));
}

std::uint64_t LossList::trades() const {
  std::set<MatchNumber> matches;
  for (const LostMessage& message : named) {
    if (message.kind == Kind::trade) matches.insert(message.match);
  }
  return matches.size();
}

std::vector<std::string> LossList::lines() const {
  std::vector<std::string> lines;
  lines.push_back(fmt::format("witnesses: {} gateways, up to term {}", gateways, term));
  lines.push_back(fmt::format(
      "seen by gateways and not in the survivor: {} commands, {} events, {} messages of "
      "the feed, {} messages to members; of these it contradicts {}, and nobody can name {}",
      commands, events, feed_messages, messages, contradicted, unnamed));
  lines.push_back(fmt::format(
      "{} orders, {} replacements, {} cancels, {} trades, {} stops triggered", count(Kind::order),
      count(Kind::replacement), count(Kind::cancel), trades(), count(Kind::trigger)));
  for (const LostMessage& message : named) lines.push_back(words_of(message));
  for (const UnansweredOrder& order : unanswered) lines.push_back(words_of(order));
  for (const std::string& trouble : troubles) lines.push_back("could not be read: " + trouble);
  return lines;
}

LossList list_losses(const ColdNode& survivor, const std::vector<std::string>& folders) {
  return Lister(survivor).run(folders);
}

}  // namespace okiagari::salvage
