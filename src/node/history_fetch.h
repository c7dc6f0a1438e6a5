// Gets what the history lacks from the other servers: after a peer's snapshot was installed here,
// the past before it is only there. One request at a time; what comes is held to the chain before
// it is taken.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "base/result.h"
#include "client/operator_link.h"
#include "net/loop.h"
#include "node/config.h"
#include "node/history.h"

namespace okiagari::node {

class HistoryFetch {
 public:
  HistoryFetch(net::Loop& loop, const NodeConfig& config, History& history)
      : loop_(loop), config_(config), history_(history) {}

  // Goes on fetching while something is missing. The error is that of a write.
  base::Status end_turn(std::uint64_t now_ms);
  [[nodiscard]] std::uint64_t next_deadline_ms() const {
    return history_.is_complete() ? UINT64_MAX : retry_ms_;
  }

 private:
  void ask_next_server(std::uint64_t now_ms);
  void request();
  void take(base::Bytes bytes);

  net::Loop& loop_;
  const NodeConfig& config_;
  History& history_;
  std::unique_ptr<client::OperatorLink> link_;
  std::size_t server_ = 0;  // whom it asks, in the configuration
  NodeId asked_ = 0;
  std::uint64_t retry_ms_ = 0;  // then the next one is asked
  std::string failure_;
};

}  // namespace okiagari::node
