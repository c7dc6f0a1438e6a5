#include "deployment/reference_data.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <memory>
#include <optional>
#include <set>

#include "base/hash.h"
#include "base/settings.h"
#include "client/operator_link.h"
#include "deployment/auction_rules_file.h"
#include "deployment/node_watch.h"
#include "net/loop.h"
#include "venue/command.h"
#include "venue/names.h"
#include "wire/big_endian.h"

namespace okiagari::deployment {

namespace {

constexpr std::size_t kFrameBytes = 256u << 10;
// So many may be on their way: the log takes them in batches.
constexpr std::size_t kUnansweredMax = 20'000;

// Transfers of an instrument that is added later are numbered after it and above all of the
// founding, so that a repeat of either finds them done.
constexpr std::uint64_t kListingTransfers = 1u << 20;
constexpr std::int64_t kListingCash = 4'000'000'000'000'000'000;
constexpr std::int64_t kListingLots = 1'000'000'000'000'000;

class Commands {
 public:
  template <typename Command>
  void add(Command command) {
    command.header.size_bytes = sizeof command;
    command.header.type = Command::kType;
    command.header.version = venue::kCommandVersion;
    const auto* begin = reinterpret_cast<const std::byte*>(&command);
    all.emplace_back(begin, begin + sizeof command);
  }
  std::vector<std::vector<std::byte>> all;
};

venue::AddInstrument listing_of(const InstrumentPlace& place) {
  venue::AddInstrument add{};
  add.instrument = place.instrument;
  add.symbol = wire::alpha<8>(place.symbol);
  add.tick_e4 = place.tick_e4;
  add.money_per_tick_lot = place.money_per_tick_lot;
  add.low_limit = place.low_ticks;
  add.high_limit = place.high_ticks;
  add.state = venue::InstrumentState::full;
  return add;
}

// With the rules of its calls: those of its file, which was read when it was named, or the
// plainest, which are all fields 0. Without any it would have no calls.
void list(const InstrumentPlace& place, Commands& commands) {
  commands.add(listing_of(place));
  venue::SetAuctionRules rules{};
  if (!place.auction_rules.empty()) {
    auto read = load_auction_rules(place.auction_rules);
    if (read) rules = read.value();
  }
  rules.instrument = place.instrument;
  rules.base_price = place.base_ticks;
  commands.add(rules);
}

venue::AdjustFunds transfer(AccountId account, InstrumentId asset, std::uint64_t number,
                            std::int64_t amount) {
  venue::AdjustFunds adjust{};
  adjust.account = account;
  adjust.asset = asset;
  adjust.transfer_number = number;
  adjust.amount_low = amount;
  return adjust;
}

void add_access(const SessionAccess& access, Commands& commands) {
  venue::AddAccount account{};
  account.account = access.account;
  account.member = access.member;
  commands.add(account);
  venue::AddSession session{};
  session.added_session = access.session;
  session.member = access.member;
  session.default_account = access.account;
  commands.add(session);
}

const venue::CommandHeader& header_of(const std::vector<std::byte>& command) {
  return *reinterpret_cast<const venue::CommandHeader*>(command.data());
}

// One try with one leader: from the first command not known to be done.
class Loader {
 public:
  Loader(const std::vector<std::vector<std::byte>>& commands, std::size_t first)
      : commands_(commands), sent_(first), done_(first) {}

  void begin(net::Loop& loop, const net::Endpoint& leader, journal::ClusterId cluster) {
    client::OperatorLink::Handlers handlers;
    handlers.on_connected = [this, cluster] { link_->greet(cluster); };
    handlers.on_status = [this](const wire::NodeStatus& status) {
      is_lost_ = is_lost_ || status.open == 0;
      if (!std::exchange(has_subscribed_, true)) link_->subscribe(status.last_event);
    };
    handlers.on_caught_up = [this] { may_send_ = true; };
    handlers.on_event = [this](const venue::EventHeader& event) { take(event); };
    handlers.on_refused = [this](venue::CommandType command, const std::string& reason) {
      if (!refusal_.empty()) return;
      refusal_ = fmt::format("the leader does not take {}: {}", venue::name_of(command), reason);
    };
    handlers.on_lost = [this](const std::string&) { is_lost_ = true; };
    link_ = std::make_unique<client::OperatorLink>(loop, leader, std::move(handlers));
  }

  void send_more() {
    if (!may_send_ || is_lost_) return;
    base::ByteWriter frame;
    while (sent_ < commands_.size() && sent_ - done_ < kUnansweredMax &&
           frame.size() < kFrameBytes) {
      frame.bytes(commands_[sent_++]);
    }
    if (!frame.empty()) link_->submit(frame.view());
  }

  [[nodiscard]] std::size_t done() const { return done_; }
  [[nodiscard]] bool is_lost() const { return is_lost_; }
  [[nodiscard]] const std::string& refusal() const { return refusal_; }

 private:
  void take(const venue::EventHeader& event) {
    if (event.type != venue::EventType::control_result || done_ >= sent_) return;
    const auto& result = reinterpret_cast<const venue::ControlResult&>(event);
    // Answers to others' commands come here too.
    if (result.command != header_of(commands_[done_]).type) return;
    // Rules stay as they are while a call is open.
    const bool is_in_call = result.command == venue::CommandType::set_auction_rules &&
                            result.reason == venue::Reason::state_forbids;
    const bool is_done = is_in_call || result.reason == venue::Reason::none ||
                         result.reason == venue::Reason::already_exists ||
                         result.reason == venue::Reason::stale_control_number;
    if (!is_done && refusal_.empty()) {
      refusal_ =
          fmt::format("the market refuses command {} of its reference data ({}): {}", done_ + 1,
                      venue::name_of(result.command), venue::name_of(result.reason));
    }
    ++done_;
  }

  const std::vector<std::vector<std::byte>>& commands_;
  std::size_t sent_;
  std::size_t done_;
  bool has_subscribed_ = false;
  bool may_send_ = false;
  bool is_lost_ = false;
  std::string refusal_;
  std::unique_ptr<client::OperatorLink> link_;
};

}  // namespace

std::vector<std::vector<std::byte>> reference_commands(const DeploymentFile& market,
                                                       const Funds& funds) {
  Commands commands;
  for (const InstrumentPlace& place : market.instruments) list(place, commands);
  const CanaryPlace& canary = market.canary;
  if (canary.instrument.instrument != 0) commands.add(listing_of(canary.instrument));
  MemberId members = 0;
  for (const SessionAccess& access : market.sessions) members = std::max(members, access.member);
  for (const SessionAccess& access : canary.sessions) members = std::max(members, access.member);
  for (MemberId member = 1; member <= members; ++member) {
    venue::AddMember add{};
    add.member = member;
    add.firm = wire::alpha<4>(fmt::format("M{:03}", member % 1000));
    commands.add(add);
  }
  for (const SessionAccess& access : market.sessions) {
    add_access(access, commands);
    for (std::size_t asset = 0; asset <= market.instruments.size(); ++asset) {
      commands.add(transfer(access.account, static_cast<InstrumentId>(asset), asset + 1,
                            asset == 0 ? funds.cash : funds.lots));
    }
  }
  for (const SessionAccess& access : canary.sessions) {
    add_access(access, commands);
    commands.add(transfer(access.account, 0, 1, funds.cash));
  }
  for (const OperatorPlace& place : market.operators) {
    venue::AddOperator add{};
    add.operator_id = place.id;
    add.stop_only = place.stop_only ? 1 : 0;
    if (base::from_hex(place.public_key, add.public_key)) commands.add(add);
  }
  return std::move(commands.all);
}

std::vector<std::vector<std::byte>> listing_commands(const DeploymentFile& market,
                                                     const std::vector<InstrumentPlace>& added) {
  Commands commands;
  for (const InstrumentPlace& place : added) list(place, commands);
  for (const SessionAccess& access : market.sessions) {
    for (const InstrumentPlace& place : added) {
      const std::uint64_t number = kListingTransfers + 2 * std::uint64_t{place.instrument};
      commands.add(transfer(access.account, place.instrument, number, kListingLots));
      commands.add(transfer(access.account, 0, number + 1, kListingCash));
    }
  }
  return std::move(commands.all);
}

base::Status load_reference_data(const DeploymentFile& market,
                                 const std::vector<std::vector<std::byte>>& commands,
                                 std::uint64_t timeout_ms,
                                 const std::function<void()>& while_waiting,
                                 const std::function<void(const std::string&)>& progress) {
  net::Loop loop;
  std::vector<net::Endpoint> nodes;
  for (const NodePlace& place : market.nodes) nodes.push_back(place.gateways);
  NodeWatch watch(loop, market.cluster, nodes);
  std::unique_ptr<Loader> loader;
  std::size_t done = 0;
  std::size_t told = 0;
  const std::uint64_t end_ms = net::Loop::now_ms() + timeout_ms;
  while (done < commands.size()) {
    const std::uint64_t now_ms = net::Loop::now_ms();
    if (now_ms >= end_ms) {
      return base::Error{fmt::format(
          "only {} of {} commands of reference data were answered within {} s; look at the nodes' "
          "output.log",
          done, commands.size(), timeout_ms / 1000)};
    }
    watch.tick(now_ms);
    const auto leader = watch.leader();
    if (loader && loader->is_lost()) loader = nullptr;
    if (!loader && leader) {
      loader = std::make_unique<Loader>(commands, done);
      loader->begin(loop, nodes[*leader], market.cluster);
    }
    if (loader) loader->send_more();
    loop.turn(now_ms + 5);
    while_waiting();
    if (!loader) continue;
    if (!loader->refusal().empty()) return base::Error{loader->refusal()};
    done = loader->done();
    if (done >= told + 50'000) {
      told = done;
      progress(fmt::format("{} of {} commands of reference data", done, commands.size()));
    }
  }
  return {};
}

std::vector<InstrumentPlace> made_up_instruments(std::size_t count) {
  std::vector<InstrumentPlace> instruments;
  for (std::size_t i = 1; i <= count; ++i) {
    InstrumentPlace& place = instruments.emplace_back();
    place.instrument = static_cast<InstrumentId>(i);
    place.symbol = fmt::format("OKI{:04}", i);
  }
  return instruments;
}

base::Result<std::vector<InstrumentPlace>> load_instruments(const std::string& path) {
  auto settings = base::Settings::load(path);
  if (!settings) return settings.error();
  std::vector<InstrumentPlace> instruments;
  std::set<std::string> symbols;
  for (base::Settings& table : settings.value().tables("instrument")) {
    InstrumentPlace& place = instruments.emplace_back();
    place.instrument = static_cast<InstrumentId>(instruments.size());
    table.text("symbol", place.symbol, base::Settings::Presence::required);
    if (place.symbol.size() > 8) table.refuse("symbol", "'symbol' has at most 8 characters");
    if (!symbols.insert(place.symbol).second) {
      table.refuse("symbol", fmt::format("'{}' is another instrument's symbol", place.symbol));
    }
    table.integer("tick_e4", place.tick_e4, 1, 1'000'000'000);
    table.integer("money_per_tick_lot", place.money_per_tick_lot, 1, 1'000'000'000);
    table.integer("low_ticks", place.low_ticks, 1, kMaxPriceTicks);
    table.integer("high_ticks", place.high_ticks, 1, kMaxPriceTicks);
    table.integer("base_ticks", place.base_ticks, 0, kMaxPriceTicks);
    if (!table.text("auction_rules", place.auction_rules)) continue;
    // Beside the file that names it, wherever the command was called.
    const auto folder = std::filesystem::absolute(path).parent_path();
    place.auction_rules = (folder / place.auction_rules).lexically_normal().string();
    if (auto rules = load_auction_rules(place.auction_rules); !rules) {
      table.refuse("auction_rules", rules.error().message);
    }
  }
  if (instruments.empty()) settings.value().refuse("instrument", "no [[instrument]] is there");
  if (base::Status status = settings.value().finish(); !status) return status.error();
  return instruments;
}

}  // namespace okiagari::deployment
