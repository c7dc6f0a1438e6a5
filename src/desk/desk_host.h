// One desk of one or three: its replica of the log, its state, and the turn of its loop. Those who
// see, think, call and serve pages are attached to it and hear when this desk leads.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/types.h"
#include "desk/desk_port.h"
#include "desk/dispatcher.h"
#include "desk/projection.h"
#include "desk/replicated_desk.h"
#include "journal/timeouts.h"
#include "net/loop.h"
#include "net/tcp.h"

namespace okiagari::desk {

struct DeskPlace {
  NodeId desk = 0;
  net::Endpoint peers;
  net::Endpoint http;
};

struct DeskHostOptions {
  std::uint64_t cluster = 0;  // of the desks, not of the market
  NodeId desk = 0;
  std::vector<DeskPlace> desks;  // all, this one too
  std::string data_folder;
  std::string public_scheme = "http";  // of the desks' addresses
  // Longer than the market's: a desk that changes hands a little later harms nobody.
  journal::Timeouts timeouts = {.election_ms = 600, .heartbeat_ms = 50, .silence_ms = 400};

  [[nodiscard]] const DeskPlace* find(NodeId desk) const;
};

// Prepares an empty data folder for that desk; an error when it is one already.
[[nodiscard]] base::Status format_desk(const DeskHostOptions& options);
[[nodiscard]] bool is_desk_formatted(const std::string& data_folder);

class DeskHost final : public DeskPort {
 public:
  // Errors name the file or address and what to do.
  static base::Result<std::unique_ptr<DeskHost>> open(net::Loop& loop, DeskHostOptions options,
                                                      ReplicatedDesk::MakeDesk make);
  ~DeskHost() override;

  // Called in each turn, for whatever has work of its own; the answer is when it wants the next one
  // at the latest, in monotonic milliseconds.
  using TurnHook = std::function<std::uint64_t(std::uint64_t now_ms)>;
  void attach(TurnHook hook) { hooks_.push_back(std::move(hook)); }
  void attach(Hands& hands) { dispatcher_->add(hands); }
  // Told when this desk begins or ceases to lead.
  std::function<void(bool leads)> on_lead;

  // One turn: waits for something to do, and does it. An error is final: end the process.
  base::Status turn();

  [[nodiscard]] const Desk& desk() const override { return state_.desk(); }
  [[nodiscard]] bool leads() const override { return state_.leads(); }
  [[nodiscard]] std::string leader_url() const override;
  [[nodiscard]] std::vector<std::string> other_urls() const override;
  void submit(Entry entry, OnAnswer on_answer) override {
    state_.submit(std::move(entry), std::move(on_answer));
  }
  [[nodiscard]] boost::json::object live_picture() const override;
  // Where the picture comes from.
  std::function<boost::json::object()> picture;

  [[nodiscard]] boost::json::object status() const;
  // Hands leadership over before an orderly end; true when this desk may go.
  bool leave(std::uint64_t now_ms);

 private:
  struct Machinery;
  DeskHost(net::Loop& loop, DeskHostOptions options, ReplicatedDesk::MakeDesk make);
  base::Status start();
  base::Status open_links();
  void await_sync();

  net::Loop& loop_;
  DeskHostOptions options_;
  ReplicatedDesk state_;
  std::unique_ptr<Dispatcher> dispatcher_;
  std::unique_ptr<Projection> projection_;
  std::unique_ptr<Machinery> machinery_;
  std::vector<TurnHook> hooks_;
  std::uint64_t leaving_since_ms_ = 0;
};

}  // namespace okiagari::desk
