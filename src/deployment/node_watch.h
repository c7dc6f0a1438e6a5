// The status of all nodes as they tell it themselves, at once when it changes: for whoever must
// know who leads.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "client/operator_link.h"
#include "journal/identity.h"
#include "net/loop.h"
#include "net/tcp.h"
#include "wire/link_frames.h"

namespace okiagari::deployment {

class NodeWatch {
 public:
  NodeWatch(net::Loop& loop, journal::ClusterId cluster, const std::vector<net::Endpoint>& nodes);

  // Connects where there is no connection; to be called now and then between turns of the loop.
  void tick(std::uint64_t now_ms);

  // The last status of the node at that place in the list, while it can be reached.
  [[nodiscard]] const std::optional<wire::NodeStatus>& status(std::size_t at) const {
    return places_[at]->status;
  }
  // Where the node is that leads in the highest term and is open; nothing when nobody does.
  [[nodiscard]] std::optional<std::size_t> leader() const;

 private:
  struct Place {
    net::Endpoint endpoint;
    std::unique_ptr<client::OperatorLink> link;
    std::uint64_t retry_ms = 0;
    std::uint64_t heard_ms = 0;
    bool lost = false;
    std::optional<wire::NodeStatus> status;
  };
  void connect(Place& place, std::uint64_t now_ms);

  net::Loop& loop_;
  journal::ClusterId cluster_;
  std::vector<std::unique_ptr<Place>> places_;
};

}  // namespace okiagari::deployment
