#include "watch/canary.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <utility>

#include "base/assert.h"
#include "watch/signal.h"
#include "wire/itch.h"

namespace okiagari::watch {

namespace itch = wire::itch;
namespace ouch = wire::ouch;

namespace {

std::vector<GatewayId> gateways_of(const CanarySettings& settings) {
  std::vector<GatewayId> gateways;
  for (const CanarySession& one : settings.sessions) gateways.push_back(one.gateway);
  return gateways;
}

std::vector<NodeId> feeds_of(const MarketWatch& market) {
  std::vector<NodeId> nodes;
  for (const NodeAddress& one : market.settings().nodes) {
    if (one.feed.port != 0) nodes.push_back(one.node);
  }
  return nodes;
}

client::SoupAccess access_of(const CanarySession& session, const MarketWatchSettings& market) {
  client::SoupAccess access;
  access.name = session.name;
  access.token = session.token;
  access.next_number = 0;
  for (const GatewayAddress& one : market.gateways) {
    if (one.gateway == session.gateway) access.servers.push_back(one.members);
  }
  ASSERT(!access.servers.empty(), "the canary has a session for gateway {}, which is not watched",
         session.gateway);
  return access;
}

}  // namespace

class Canary::Session final : private client::OrderEntrySession::Listener {
 public:
  Session(Canary& owner, net::Loop& loop, const CanarySession& settings)
      : owner_(owner),
        gateway_(settings.gateway),
        liveness_(owner.market_.gateway(settings.gateway)),
        entry_(loop, *this, access_of(settings, owner.market_.settings())) {}
  ~Session() override { entry_.close(false); }

  void tick(const Moment& moment) {
    entry_.tick(moment.steady_ms);
    if (entry_.is_ready()) {
      if (entry_.heard_ms() > std::exchange(heard_ms_, entry_.heard_ms())) liveness_.heard(moment);
      liveness_.tick(moment);
    }
    if (entry_.is_refused() && !std::exchange(was_refused_, true)) {
      owner_.reporter_.report(moment, {.kind = EvidenceKind::probe,
                                       .entity = gateway_name(gateway_),
                                       .signal = signal::logins_failing,
                                       .statement = said("{} does not accept the canary's log-in",
                                                         "{}がカナリアのログインを受け付けない",
                                                         gateway_name(gateway_))});
    }
  }

  bool send(const Moment& moment) {
    if (!entry_.is_ready()) return false;
    client::OrderTicket ticket;
    ticket.symbol = wire::alpha<8>(owner_.settings_.symbol);
    ticket.quantity = 1;
    ticket.price_e4 = owner_.settings_.price_e4;
    ticket.post_only = true;
    const std::uint64_t now_ns = net::Loop::now_ns();
    const std::uint32_t number = entry_.enter(ticket);
    if (number == 0) return false;
    entry_.flush();
    owner_.detector_.sent(gateway_, number, moment, now_ns);
    return true;
  }

  [[nodiscard]] GatewayId gateway() const { return gateway_; }

 private:
  // What an earlier canary left in the book goes first.
  void on_ready() override {
    liveness_.heard(Moment::now());
    if (!std::exchange(has_cleaned_, true)) (void)entry_.mass_cancel(wire::alpha<8>(""));
    entry_.flush();
  }
  void on_lost(const std::string& reason) override {
    owner_.detector_.session_lost(gateway_, reason);
  }
  void on_accepted(std::uint64_t, const ouch::Accepted& message) override {
    const Moment moment = Moment::now();
    liveness_.heard(moment);
    owner_.detector_.acknowledged(gateway_, message.user_reference, message.reference, moment,
                                  net::Loop::now_ns());
    if (message.state == 'L') (void)entry_.cancel(message.user_reference);
    entry_.flush();
  }
  void on_canceled(std::uint64_t, const ouch::Canceled& message) override {
    liveness_.heard(Moment::now());
    owner_.detector_.cancelled(gateway_, message.user_reference);
  }
  void on_rejected(std::uint64_t, const ouch::Rejected& message) override {
    const Moment moment = Moment::now();
    liveness_.heard(moment);
    owner_.detector_.rejected(gateway_, message.user_reference,
                              fmt::format("the venue's reason {}", std::uint16_t{message.reason}),
                              moment, net::Loop::now_ns());
  }
  void on_refusal(const ouch::LocalRefusal& message) override {
    const Moment moment = Moment::now();
    liveness_.heard(moment);
    if (message.refused_type != ouch::EnterOrder::kType) return;
    owner_.detector_.refused(gateway_, message.user_reference,
                             fmt::format("the gateway's reason {}", std::uint16_t{message.reason}),
                             moment);
  }

  Canary& owner_;
  GatewayId gateway_;
  ServerLiveness& liveness_;
  std::uint64_t heard_ms_ = 0;
  bool has_cleaned_ = false;
  bool was_refused_ = false;
  client::OrderEntrySession entry_;
};

// One node's feed. It is read whole, because nobody sends parts of it; what is not the canary's is
// only counted.
class Canary::Feed {
 public:
  Feed(Canary& owner, net::Loop& loop, const NodeAddress& address)
      : owner_(owner),
        node_(address.node),
        client_(loop, access_of(address),
                [this](std::uint64_t number, base::Bytes message) { take(number, message); }) {}
  ~Feed() { client_.close(); }

  void tick(const Moment& moment) {
    client_.tick(moment.steady_ms);
    owner_.detector_.feed_connected(node_, client_.is_logged_in(), moment);
  }

 private:
  static client::SoupAccess access_of(const NodeAddress& address) {
    client::SoupAccess access;
    access.servers = {address.feed};
    access.next_number = 0;
    return access;
  }

  void take(std::uint64_t number, base::Bytes message) {
    if (owner_.on_feed_message_) owner_.on_feed_message_(node_, number, message);
    const auto* order = wire::view_as<itch::AddOrder>(message);
    if (order == nullptr || order->head.type != itch::AddOrder::kType) return;
    if (wire::trimmed(order->symbol) != owner_.settings_.symbol) return;
    owner_.detector_.on_feed(node_, order->reference, difference(*order), Moment::now(),
                             net::Loop::now_ns());
  }

  // From what the canary always enters.
  [[nodiscard]] std::string difference(const itch::AddOrder& order) const {
    if (order.side != 'B') return fmt::format("side {}", order.side);
    if (order.shares != 1) return fmt::format("quantity {}", std::uint32_t{order.shares});
    if (order.price_e4 != owner_.settings_.price_e4) {
      return fmt::format("price {}", std::uint32_t{order.price_e4});
    }
    return {};
  }

  Canary& owner_;
  NodeId node_;
  client::ItchFeedClient client_;
};

Canary::Canary(net::Loop& loop, CanarySettings settings, MarketWatch& market, Reporter& reporter)
    : settings_(std::move(settings)),
      market_(market),
      reporter_(reporter),
      detector_(gateways_of(settings_), feeds_of(market), settings_.limits, market.cluster(),
                reporter) {
  for (const CanarySession& one : settings_.sessions) {
    sessions_.push_back(std::make_unique<Session>(*this, loop, one));
  }
  for (const NodeAddress& one : market.settings().nodes) {
    if (one.feed.port != 0) feeds_.push_back(std::make_unique<Feed>(*this, loop, one));
  }
}

Canary::~Canary() = default;

void Canary::loss_began(const Sentence& what, const Moment& moment) {
  detector_.loss_began(what, moment);
  next_order_ms_ = std::min(next_order_ms_, moment.steady_ms + settings_.after_loss_ms);
}

void Canary::tick(const Moment& moment) {
  for (const auto& feed : feeds_) feed->tick(moment);
  for (const auto& session : sessions_) session->tick(moment);
  send_due(moment);
  detector_.tick(moment);
  market_.cluster().orders_waiting(detector_.waiting_since_ms());
}

void Canary::send_due(const Moment& moment) {
  if (sessions_.empty() || moment.steady_ms < next_order_ms_) return;
  next_order_ms_ = moment.steady_ms + (detector_.is_observing_loss() ? settings_.after_loss_ms
                                                                     : settings_.interval_ms);
  for (std::size_t tried = 0; tried < sessions_.size(); ++tried) {
    Session& session = *sessions_[next_session_];
    next_session_ = (next_session_ + 1) % sessions_.size();
    if (detector_.waiting(session.gateway()) >= settings_.waiting_max) continue;
    if (session.send(moment)) return;
  }
}

}  // namespace okiagari::watch
