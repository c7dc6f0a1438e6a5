#include "watch/market_watch.h"

#include <algorithm>
#include <utility>

#include "base/assert.h"

namespace okiagari::watch {

namespace {

constexpr std::uint64_t kRetryMs = 20;
constexpr std::uint64_t kRetryWhileDownMs = 50;
// A connection on which nothing has come for so long is replaced by another: the process behind it
// may be a new one.
constexpr std::uint64_t kRenewMs = 2'000;
constexpr std::uint64_t kConnectMs = 1'000;

std::vector<NodeId> numbers_of(const std::vector<NodeAddress>& nodes) {
  std::vector<NodeId> numbers;
  for (const NodeAddress& one : nodes) numbers.push_back(one.node);
  return numbers;
}

}  // namespace

class MarketWatch::NodeLine {
 public:
  NodeLine(MarketWatch& owner, net::Loop& loop, const NodeAddress& address)
      : owner_(owner),
        loop_(loop),
        address_(address),
        liveness_(node_name(address.node), owner.settings_.node_limits, owner.reporter_),
        knock_(loop, address.gateways,
               {.on_accepted =
                    [this] {
                      liveness_.knock_accepted();
                      must_drop_knock_ = true;
                    },
                .on_failed = [](const std::string&) {},
                .on_ended = [](const std::string&) {}}) {}

  void tick(const Moment& moment) {
    if (std::exchange(must_drop_knock_, false)) knock_.drop();
    if (liveness_.wants_knock()) knock_.attempt(moment.steady_ms);
    liveness_.tick(moment);
    owner_.cluster_.reachable(address_.node, liveness_.is_alive(), moment);
    if (link_ && !is_lost_ && is_stale(moment.steady_ms)) is_lost_ = true;
    if ((!link_ || is_lost_) && moment.steady_ms >= retry_ms_) connect(moment);
    const bool is_due = moment.steady_ms >= next_report_ms_ && asked_ms_ == 0;
    if (is_greeted_ && is_due && link_->is_connected()) {
      next_report_ms_ = moment.steady_ms + owner_.settings_.report_ms;
      asked_ms_ = moment.steady_ms;
      link_->request_report();
    }
  }

  [[nodiscard]] std::optional<double> answer_ms(const Moment& moment) const {
    if (asked_ms_ == 0) return answer_ms_;
    const std::uint64_t waiting_ms =
        moment.steady_ms > asked_ms_ ? moment.steady_ms - asked_ms_ : 0;
    return std::max(answer_ms_.value_or(0), static_cast<double>(waiting_ms));
  }

  [[nodiscard]] const ServerLiveness& liveness() const { return liveness_; }
  [[nodiscard]] NodeId node() const { return address_.node; }

 private:
  [[nodiscard]] bool is_stale(std::uint64_t now_ms) const {
    const std::uint64_t since_ms = std::max(begun_ms_, liveness_.heard_ms());
    return now_ms > since_ms + (link_->is_connected() ? kRenewMs : kConnectMs);
  }

  void connect(const Moment& moment) {
    is_lost_ = false;
    is_greeted_ = false;
    has_subscribed_ = false;
    forget_answers();
    begun_ms_ = moment.steady_ms;
    retry_ms_ = moment.steady_ms + (liveness_.is_alive() ? kRetryMs : kRetryWhileDownMs);
    client::OperatorLink::Handlers handlers;
    handlers.on_connected = [this] {
      is_greeted_ = true;
      link_->greet(owner_.settings_.cluster);
      liveness_.connected(Moment::now());
    };
    handlers.on_status = [this](const wire::NodeStatus& status) { take(status); };
    handlers.on_report = [this](const std::string& json) {
      const Moment now = Moment::now();
      answer_ms_ = static_cast<double>(now.steady_ms - std::exchange(asked_ms_, 0));
      if (auto facts = parse_node_facts(json)) owner_.cluster_.facts(facts.value(), now);
    };
    handlers.on_event = [this](const venue::EventHeader& event) {
      if (event.event_number <= owner_.last_event_) return;
      owner_.last_event_ = event.event_number;
      if (owner_.on_event_) owner_.on_event_(event);
    };
    handlers.on_lost = [this](const std::string& reason) { lose(reason); };
    link_ = std::make_unique<client::OperatorLink>(loop_, address_.gateways, std::move(handlers));
  }

  void take(const wire::NodeStatus& status) {
    const Moment moment = Moment::now();
    if (status.node != address_.node) return;
    liveness_.heard(moment);
    owner_.cluster_.reachable(address_.node, true, moment);
    owner_.cluster_.status(status, moment);
    if (owner_.on_event_ && !std::exchange(has_subscribed_, true)) {
      if (owner_.last_event_ == 0) owner_.last_event_ = status.last_event;
      link_->subscribe(std::min(owner_.last_event_, status.last_event));
    }
  }

  // Called by the link, which must outlive the call.
  void lose(const std::string& reason) {
    const Moment moment = Moment::now();
    is_lost_ = true;
    if (!is_greeted_) {
      if (is_refusal(reason)) liveness_.refused(moment);
    } else {
      liveness_.lost(moment, reason);
      retry_ms_ = moment.steady_ms;
    }
    is_greeted_ = false;
    forget_answers();
    owner_.cluster_.reachable(address_.node, liveness_.is_alive(), moment);
  }

  void forget_answers() {
    asked_ms_ = 0;
    answer_ms_.reset();
  }

  MarketWatch& owner_;
  net::Loop& loop_;
  NodeAddress address_;
  ServerLiveness liveness_;
  Knock knock_;
  std::unique_ptr<client::OperatorLink> link_;
  bool is_lost_ = false;
  bool is_greeted_ = false;
  bool has_subscribed_ = false;
  bool must_drop_knock_ = false;
  std::uint64_t begun_ms_ = 0;
  std::uint64_t retry_ms_ = 0;
  std::uint64_t next_report_ms_ = 0;
  std::uint64_t asked_ms_ = 0;  // for the report that is due; 0: none is
  std::optional<double> answer_ms_;
};

// A gateway says nothing to who does not log in; what it says to the canary, the canary tells the
// liveness, and who reads its page tells that. What shows here is whether its process is there.
class MarketWatch::GatewayLine {
 public:
  GatewayLine(MarketWatch& owner, net::Loop& loop, const GatewayAddress& address)
      : address_(address),
        liveness_(gateway_name(address.gateway), owner.settings_.gateway_limits, owner.reporter_),
        knock_(loop, address.members,
               {.on_accepted = [this] { accepted(); },
                .on_failed = [this](const std::string& reason) { failed(reason); },
                .on_ended =
                    [this](const std::string& reason) {
                      ended_ = Moment::now();
                      ended_reason_ = reason;
                      retry_ms_ = 0;
                    }}) {}

  void tick(const Moment& moment) {
    if (address_.has_page) liveness_.tick(moment);
    if (liveness_.wants_knock() && !std::exchange(has_knocked_, true)) knock_.drop();
    if (!liveness_.wants_knock()) has_knocked_ = false;
    if (moment.steady_ms < retry_ms_ || knock_.is_held()) return;
    retry_ms_ = moment.steady_ms + kRetryWhileDownMs;
    knock_.attempt(moment.steady_ms);
  }
  // What a process that is gone had sent may be read after its port has refused.
  void page_read(const Moment& moment) {
    using State = ServerLiveness::State;
    const State state = liveness_.state();
    if (state != State::gone && state != State::losing) liveness_.heard(moment);
  }
  [[nodiscard]] ServerLiveness& liveness() { return liveness_; }
  [[nodiscard]] GatewayId gateway() const { return address_.gateway; }

 private:
  void accepted() {
    using State = ServerLiveness::State;
    const Moment moment = Moment::now();
    if (liveness_.wants_knock()) return liveness_.knock_accepted();
    // A frozen process has its connections accepted too, so that this means nothing then.
    const State state = liveness_.state();
    if (state == State::unknown || state == State::gone) liveness_.heard(moment);
  }
  // It ends connections of those who do not log in, which is no sign of anything by itself.
  void failed(const std::string& reason) {
    if (!is_refusal(reason)) return;
    if (ended_.steady_ms != 0) liveness_.lost(ended_, ended_reason_);
    ended_ = {};
    liveness_.refused(Moment::now());
  }

  GatewayAddress address_;
  ServerLiveness liveness_;
  Knock knock_;
  Moment ended_;
  std::string ended_reason_;
  std::uint64_t retry_ms_ = 0;
  bool has_knocked_ = false;
};

MarketWatch::MarketWatch(net::Loop& loop, MarketWatchSettings settings, Reporter& reporter)
    : settings_(std::move(settings)),
      reporter_(reporter),
      cluster_(numbers_of(settings_.nodes), settings_.cluster_limits, reporter) {
  for (const NodeAddress& one : settings_.nodes) {
    nodes_.push_back(std::make_unique<NodeLine>(*this, loop, one));
  }
  for (const GatewayAddress& one : settings_.gateways) {
    gateways_.push_back(std::make_unique<GatewayLine>(*this, loop, one));
  }
}

MarketWatch::~MarketWatch() = default;

void MarketWatch::on_event(std::function<void(const venue::EventHeader&)> handler) {
  on_event_ = std::move(handler);
}

void MarketWatch::tick(const Moment& moment) {
  for (const auto& line : nodes_) line->tick(moment);
  for (const auto& line : gateways_) line->tick(moment);
  cluster_.tick(moment);
}

const MarketWatch::NodeLine& MarketWatch::line_of(NodeId node) const {
  const auto found = std::find_if(nodes_.begin(), nodes_.end(),
                                  [&](const auto& line) { return line->node() == node; });
  ASSERT(found != nodes_.end(), "there is no node {}", node);
  return **found;
}

const ServerLiveness& MarketWatch::node(NodeId node) const { return line_of(node).liveness(); }

std::optional<double> MarketWatch::answer_ms(NodeId node, const Moment& moment) const {
  return line_of(node).answer_ms(moment);
}

MarketWatch::GatewayLine& MarketWatch::line_of_gateway(GatewayId gateway) const {
  const auto found = std::find_if(gateways_.begin(), gateways_.end(),
                                  [&](const auto& line) { return line->gateway() == gateway; });
  ASSERT(found != gateways_.end(), "there is no gateway {}", gateway);
  return **found;
}

ServerLiveness& MarketWatch::gateway(GatewayId gateway) {
  return line_of_gateway(gateway).liveness();
}

const ServerLiveness& MarketWatch::gateway(GatewayId gateway) const {
  return line_of_gateway(gateway).liveness();
}

void MarketWatch::page_read(GatewayId gateway, const Moment& moment) {
  line_of_gateway(gateway).page_read(moment);
}

}  // namespace okiagari::watch
