// One change of a cluster's servers, asked of whoever leads, again and again until it is committed
// there: leaders change meanwhile, one change waits for another, and a server that joins needs time
// to catch up. Asking twice does no harm: what is so already stays so.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "client/operator_link.h"
#include "journal/identity.h"
#include "journal/membership.h"
#include "journal/replica.h"
#include "net/loop.h"
#include "net/tcp.h"

namespace okiagari::cli {

class MemberChange {
 public:
  // Where the node is that leads and is open; nothing while none does.
  using Leader = std::function<std::optional<net::Endpoint>()>;

  MemberChange(net::Loop& loop, Leader leader, journal::ClusterId cluster,
               journal::ServerChange change);

  // To be called between turns of the loop.
  void tick(std::uint64_t now_ms);
  [[nodiscard]] bool is_done() const { return is_done_; }
  // No leader will ever take it; words() say why.
  [[nodiscard]] bool is_refused() const { return is_refused_; }
  // What the last leader that was asked said against it; empty when it takes it.
  [[nodiscard]] const std::string& words() const { return words_; }

 private:
  void ask(const net::Endpoint& leader, std::uint64_t now_ms);

  net::Loop& loop_;
  Leader leader_;
  journal::ClusterId cluster_;
  journal::ServerChange change_;
  std::unique_ptr<client::OperatorLink> link_;
  bool is_waiting_ = false;
  bool is_done_ = false;
  bool is_refused_ = false;
  std::uint64_t asked_ms_ = 0;
  std::string words_ = "no server leads and is open";
};

}  // namespace okiagari::cli
