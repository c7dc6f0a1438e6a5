#include "watch/knock.h"

#include <utility>

namespace okiagari::watch {

namespace {
// An attempt without an answer is given up; the host does not even refuse.
constexpr std::uint64_t kAttemptMs = 1'000;
constexpr std::size_t kUnreadBytesMax = 64u << 10;
}  // namespace

bool is_refusal(const std::string& connect_error) {
  return connect_error.find("refused") != std::string::npos;
}

Knock::Knock(net::Loop& loop, net::Endpoint endpoint, Handlers handlers)
    : loop_(loop),
      endpoint_(std::move(endpoint)),
      handlers_(std::move(handlers)),
      attempt_(std::make_shared<std::uint64_t>(0)) {}

Knock::~Knock() { drop(); }

void Knock::attempt(std::uint64_t now_ms) {
  if (connection_ || (is_trying_ && now_ms < attempted_ms_ + kAttemptMs)) return;
  is_trying_ = true;
  attempted_ms_ = now_ms;
  const std::uint64_t number = ++*attempt_;
  net::connect(loop_, endpoint_, [this, number, attempt = attempt_](auto connection, auto& error) {
    if (*attempt != number) return;
    is_trying_ = false;
    if (!connection) return handlers_.on_failed(error);
    connection_ = std::move(connection);
    connection_->start([](base::Bytes bytes) { return bytes.size(); },
                       [this, number, attempt](const std::string& reason) {
                         if (*attempt != number) return;
                         connection_ = nullptr;
                         handlers_.on_ended(reason);
                       },
                       kUnreadBytesMax);
    handlers_.on_accepted();
  });
}

void Knock::drop() {
  ++*attempt_;
  is_trying_ = false;
  if (connection_) connection_->close();
  connection_ = nullptr;
}

}  // namespace okiagari::watch
