#include "cli/market_stops.h"

#include <algorithm>
#include <boost/json.hpp>
#include <map>
#include <set>

#include "desk/entry.h"
#include "desk/halts.h"
#include "net/metrics_text.h"
#include "node/halt_preview.h"
#include "wire/link_frames.h"

namespace okiagari::cli {

namespace {

namespace json = boost::json;

constexpr std::uint64_t kEveryMs = 500;
constexpr std::uint64_t kAnswerMs = 1'000;
constexpr std::uint64_t kTickMs = 100;
constexpr std::size_t kMembersMax = 1'000;
constexpr std::string_view kGuards = "okiagari_gateway_halts";
constexpr std::string_view kUndecidedAge = "okiagari_gateway_undecided_age_seconds";
constexpr double kStuckS = 0.5;
constexpr std::string_view kUndecided = "okiagari_gateway_undecided_orders";

const json::array& array_in(const json::object& object, std::string_view key) {
  static const json::array kNone;
  const json::value* value = object.if_contains(key);
  return value != nullptr && value->is_array() ? value->get_array() : kNone;
}

}  // namespace

MarketStops::MarketStops(net::Loop& loop, desk::DeskPort& port, desk::Sizing& sizing,
                         std::string market_folder)
    : loop_(loop),
      port_(port),
      sizing_(sizing),
      market_folder_(std::move(market_folder)),
      client_(loop) {}

MarketStops::~MarketStops() = default;

std::uint64_t MarketStops::tick(std::uint64_t now_ms) {
  if (!port_.leads()) {
    look_.reset();
    link_.reset();
    said_.clear();
    return now_ms + kTickMs;
  }
  if (const auto* halts = port_.desk().part<desk::Halts>()) {
    sizing_.look(desk::StopsInForce{
        .is_market_stopped = halts->is_market_stopped(),
        .state = std::string(halts->is_market_stopped() ? halts->market_state() : ""),
        .instruments_stopped = halts->seen().stopped_count});
  }
  if (look_ && now_ms >= look_->begun_ms + kAnswerMs) {
    look_->guards_unknown += look_->gateways_open;
    look_->gateways_open = 0;
    if (!look_->answer) look_.reset();
  }
  if (look_ && look_->answer && look_->gateways_open == 0) finish();
  if (!look_ && now_ms >= next_ms_) begin(now_ms);
  return now_ms + kTickMs;
}

void MarketStops::begin(std::uint64_t now_ms) {
  next_ms_ = now_ms + kEveryMs;
  auto market = deployment::DeploymentFile::load(market_folder_);
  if (!market || market.value().nodes.empty()) return;
  market_ = std::move(market.value());
  ++number_;
  look_ = Look{};
  look_->asked_ns = net::Loop::wall_ns();
  look_->begun_ms = now_ms;
  look_->gateways_open = market_.gateways.size();
  ask_server();
  for (const deployment::GatewayPlace& place : market_.gateways) ask_gateway(place);
}

// Each server in turn: one that does not answer is asked again only after the others.
void MarketStops::ask_server() {
  const deployment::NodePlace& place = market_.nodes[next_server_++ % market_.nodes.size()];
  client::OperatorLink::Handlers handlers;
  handlers.on_connected = [this] {
    link_->greet(market_.cluster);
    wire::PreviewRequest request;
    request.target = node::kPreviewInShort;
    link_->request_preview(request);
  };
  handlers.on_preview = [this](const std::string& text) {
    boost::system::error_code error;
    json::value answer = json::parse(text, error);
    if (!error && answer.is_object() && look_) look_->answer = std::move(answer.get_object());
  };
  // Its silence is noticed by the time that it takes.
  handlers.on_lost = [](const std::string&) {};
  link_ = std::make_unique<client::OperatorLink>(loop_, place.gateways, std::move(handlers));
}

void MarketStops::ask_gateway(const deployment::GatewayPlace& place) {
  if (!place.http) {
    --look_->gateways_open;
    ++look_->guards_unknown;
    return;
  }
  net::HttpCall call;
  call.to = *place.http;
  call.target = "/metrics";
  call.timeout_ms = kAnswerMs;
  client_.fetch(std::move(call), [this, number = number_, gateway = place.gateway](
                                     const base::Result<net::HttpResponse>& response) {
    if (!look_ || number != number_ || look_->gateways_open == 0) return;
    --look_->gateways_open;
    std::optional<double> halts;
    if (response) {
      auto page = net::parse_metrics(response.value().body, net::MetricsFormat::prometheus);
      if (page) {
        halts = page.value().value(kGuards);
        const auto orders = page.value().value(kUndecided);
        const double age_s = page.value().value(kUndecidedAge).value_or(0);
        // Every order is without an answer for a moment.
        undecided_[gateway] = age_s < kStuckS ? 0 : static_cast<std::uint64_t>(orders.value_or(0));
      }
    }
    if (!halts) ++look_->guards_unknown;
    if (halts && *halts > 0) ++look_->guards;
  });
}

void MarketStops::finish() {
  const json::object answer = std::move(*look_->answer);
  take_members(answer);
  say(answer);
  look_.reset();
  link_.reset();
}

void MarketStops::take_members(const json::object& answer) {
  for (const json::value& value : array_in(answer, "members")) {
    if (!value.is_object()) continue;
    const std::string firm = desk::text_or(value.get_object(), "firm");
    const auto member = static_cast<MemberId>(desk::number_or(value.get_object(), "member", 0));
    if (!firm.empty() && !is_canary(member)) sizing_.name(member, firm);
  }
  std::map<GatewayId, std::set<MemberId>> logged_in;
  for (const deployment::GatewayPlace& place : market_.gateways) logged_in[place.gateway];
  for (const json::value& value : array_in(answer, "sessions")) {
    if (!value.is_object()) continue;
    const auto gateway = static_cast<GatewayId>(desk::number_or(value.get_object(), "gateway", 0));
    const auto member = static_cast<MemberId>(desk::number_or(value.get_object(), "member", 0));
    if (gateway != 0 && !is_canary(member)) logged_in[gateway].insert(member);
  }
  for (const auto& [gateway, members] : logged_in) {
    sizing_.look(gateway, {.members = {members.begin(), members.end()},
                           .orders_undecided = undecided_[gateway]});
  }
}

void MarketStops::say(const json::object& answer) {
  const json::array& stopped = array_in(answer, "stopped");
  json::array members;
  for (const json::value& value : array_in(answer, "members")) {
    if (!value.is_object() || !desk::flag_or(value.get_object(), "halted", false)) continue;
    if (members.size() < kMembersMax) {
      members.emplace_back(desk::number_or(value.get_object(), "member", 0));
    }
  }
  std::int64_t stopped_count = 0;
  if (const json::value* states = answer.if_contains("states"); states && states->is_object()) {
    stopped_count = desk::number_or(states->get_object(), "halted", 0) +
                    desk::number_or(states->get_object(), "cancel only", 0);
  }
  json::object body{{"instruments", desk::number_or(answer, "instruments", 0)},
                    {"stopped_count", stopped_count},
                    {"stopped", stopped},
                    {"members", std::move(members)},
                    {"guards", look_->guards},
                    {"guards_unknown", look_->guards_unknown}};
  const std::string text = json::serialize(body);
  body["asked_ns"] = look_->asked_ns;
  body["sequence"] = desk::number_or(answer, "sequence", 0);
  const auto* halts = port_.desk().part<desk::Halts>();
  const bool is_news = text != said_ || (halts != nullptr && halts->lifts_any(body));
  if (!is_news) return;
  said_ = text;
  desk::Entry entry;
  entry.type = "halt.seen";
  entry.by = "watch";
  entry.body = std::move(body);
  port_.submit(std::move(entry), nullptr);
}

bool MarketStops::is_canary(MemberId member) const {
  return std::any_of(market_.canary.sessions.begin(), market_.canary.sessions.end(),
                     [&](const deployment::SessionAccess& one) { return one.member == member; });
}

}  // namespace okiagari::cli
