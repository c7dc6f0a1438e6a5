#include "cli/member_change.h"

#include <utility>

namespace okiagari::cli {

namespace {
constexpr std::uint64_t kAskAgainMs = 20;
constexpr std::uint64_t kPatienceMs = 1'000;
}  // namespace

MemberChange::MemberChange(net::Loop& loop, Leader leader, journal::ClusterId cluster,
                           journal::ServerChange change)
    : loop_(loop), leader_(std::move(leader)), cluster_(cluster), change_(std::move(change)) {}

void MemberChange::tick(std::uint64_t now_ms) {
  if (is_done_ || is_refused_) return;
  if (now_ms < asked_ms_ + (is_waiting_ ? kPatienceMs : kAskAgainMs)) return;
  is_waiting_ = false;
  if (const auto leader = leader_()) ask(*leader, now_ms);
}

void MemberChange::ask(const net::Endpoint& leader, std::uint64_t now_ms) {
  asked_ms_ = now_ms;
  is_waiting_ = true;
  client::OperatorLink::Handlers handlers;
  handlers.on_connected = [this] {
    wire::MemberRequest request{};
    request.kind = static_cast<std::uint8_t>(change_.kind);
    request.node = change_.server.node;
    request.storage = change_.server.storage;
    link_->greet(cluster_);
    link_->request_member(request, change_.server.address);
  };
  handlers.on_member = [this](const wire::MemberResult& result, const std::string& text) {
    const auto outcome = static_cast<journal::ChangeOutcome>(result.outcome);
    is_waiting_ = false;
    is_done_ = result.accepted != 0 && outcome == journal::ChangeOutcome::unchanged;
    is_refused_ = result.never != 0;
    words_ = text;
  };
  handlers.on_lost = [this](const std::string& reason) {
    is_waiting_ = false;
    words_ = "the leader was lost: " + reason;
  };
  link_ = std::make_unique<client::OperatorLink>(loop_, leader, std::move(handlers));
}

}  // namespace okiagari::cli
