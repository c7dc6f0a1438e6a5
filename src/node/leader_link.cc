#include "node/leader_link.h"

#include "net/link_identity.h"
#include "wire/link.h"

namespace okiagari::node {

namespace {
constexpr std::uint64_t kRetryMs = 100;
}

LeaderLink::LeaderLink(net::Loop& loop, const NodeConfig& config)
    : loop_(loop), config_(config), alive_(std::make_shared<bool>(true)) {}

LeaderLink::~LeaderLink() {
  *alive_ = false;
  if (connection_) connection_->close();
}

void LeaderLink::submit(base::Bytes command) {
  waiting_.assign(command.begin(), command.end());
  if (connection_) send_waiting();
}

void LeaderLink::end_turn(NodeId leader, std::uint64_t now_ms) {
  if (leader == config_.node) leader = 0;
  if (leader != leader_) {
    disconnect();
    leader_ = leader;
    retry_ms_ = now_ms;
  }
  if (leader_ != 0 && !connection_ && !connecting_ && now_ms >= retry_ms_) connect(now_ms);
}

void LeaderLink::connect(std::uint64_t now_ms) {
  const ServerAddresses* const server = config_.find(leader_);
  if (server == nullptr) return;
  connecting_ = true;
  retry_ms_ = now_ms + kRetryMs;
  const std::uint64_t attempt = ++attempt_;
  net::connect(
      loop_, server->gateways,
      [this, attempt, alive = alive_](auto connection, const std::string&) {
        if (!*alive || attempt != attempt_) return;
        connecting_ = false;
        if (!connection) return;
        connection_ = std::move(connection);
        // What the leader tells is of no interest here.
        connection_->start([](base::Bytes bytes) { return bytes.size(); },
                           [this, attempt, still = alive](const std::string&) {
                             if (*still && attempt == attempt_) connection_ = nullptr;
                           });
        wire::Hello hello{};
        hello.cluster = config_.cluster;
        hello.gateway = wire::kOperatorGateway;
        base::ByteWriter frame;
        wire::append_link_frame(frame, wire::LinkFrameType::hello, hello);
        connection_->send(frame.view());
        send_waiting();
      },
      net::link_security(net::link_name("node", leader_)));
}

void LeaderLink::disconnect() {
  ++attempt_;
  connecting_ = false;
  if (connection_) connection_->close();
  connection_ = nullptr;
}

void LeaderLink::send_waiting() {
  if (waiting_.empty()) return;
  base::ByteWriter frame;
  wire::append_link_frame(frame, wire::LinkFrameType::submit, base::Bytes(waiting_));
  // A leader that takes nothing gets the next one.
  connection_->send(frame.view());
  waiting_.clear();
  const std::shared_ptr<net::Connection> connection = connection_;
  connection->flush();
}

}  // namespace okiagari::node
