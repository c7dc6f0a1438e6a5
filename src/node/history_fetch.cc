#include "node/history_fetch.h"

#include "base/json_log.h"

namespace okiagari::node {

namespace {
// A server that answers nothing for so long is left for the next one.
constexpr std::uint64_t kPatienceMs = 2'000;
constexpr std::uint64_t kRetryMs = 500;
}  // namespace

base::Status HistoryFetch::end_turn(std::uint64_t now_ms) {
  if (!failure_.empty()) return base::Error{failure_};
  if (history_.is_complete()) {
    if (link_) base::log_info("history_complete", {}, "the history is complete again");
    link_ = nullptr;
    return {};
  }
  if (now_ms < retry_ms_) return {};
  ask_next_server(now_ms);
  return {};
}

void HistoryFetch::ask_next_server(std::uint64_t now_ms) {
  retry_ms_ = now_ms + kRetryMs;
  // The list grows and shrinks with the cluster.
  server_ = (server_ + 1) % config_.servers.size();
  if (config_.servers[server_].node == config_.node) {
    server_ = (server_ + 1) % config_.servers.size();
  }
  if (config_.servers[server_].node == config_.node) return;
  asked_ = config_.servers[server_].node;
  client::OperatorLink::Handlers handlers;
  handlers.on_connected = [this] {
    link_->greet(config_.cluster);
    request();
  };
  handlers.on_history_bytes = [this](std::uint64_t, base::Bytes bytes) { take(bytes); };
  handlers.on_lost = [this](const std::string&) { retry_ms_ = net::Loop::now_ms() + kRetryMs; };
  link_ = std::make_unique<client::OperatorLink>(loop_, config_.servers[server_].gateways,
                                                 std::move(handlers));
}

void HistoryFetch::request() {
  const History::Range range = history_.next_missing(wire::kMaxHistoryBytes);
  retry_ms_ = net::Loop::now_ms() + kPatienceMs;
  if (range.size_bytes > 0) link_->request_history_bytes(range.position, range.size_bytes);
}

void HistoryFetch::take(base::Bytes bytes) {
  if (bytes.empty() || history_.is_complete()) {
    retry_ms_ = net::Loop::now_ms() + kRetryMs;
    return;
  }
  auto filled = history_.fill(bytes);
  if (!filled) {
    failure_ = filled.error().message;
  } else if (!filled.value()) {
    base::log_warning("history_refused", {{"from", asked_}},
                      "node {} sent history that is not what the chain demands", asked_);
    retry_ms_ = net::Loop::now_ms() + kRetryMs;
  } else if (!history_.is_complete()) {
    request();
  }
}

}  // namespace okiagari::node
