// What `okiagari halt` was asked to stop or start, and the two forms that this can take: an act for
// the log, a document for gateways.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "cli/command_line.h"
#include "cli/desk_client.h"
#include "cli/operator_access.h"
#include "client/market_act.h"
#include "deployment/market_nodes.h"
#include "wire/halt_document.h"
#include "wire/link_frames.h"

namespace okiagari::cli {

struct HaltRequest {
  bool market = false;
  std::uint16_t segment = 0;
  std::string instrument;
  std::uint16_t member = 0;
  std::string state;  // empty: cancel-only, or full for a lift
  std::string reason;
  std::string code;
  std::uint64_t number = 0;   // 0: the clock's milliseconds
  std::uint64_t cluster = 0;  // 0: the market folder's
  std::uint64_t valid_s = 3'600;
  std::string file;
  std::vector<std::string> gateway_dirs;
  std::string propose;
  bool preview = false;
  // Of a lift.
  std::uint64_t lifts = 0;
  std::string proof;
  // By way of the desk, on its record.
  bool by_desk = false;
  std::string incident;
  DeskAccess desk;
  deployment::MarketNodesOptions nodes;
  OperatorAccess access;

  void add_to(Command command, bool is_lift);

  // Empty when exactly one thing is named.
  [[nodiscard]] std::string fault() const;
  [[nodiscard]] venue::Scope scope() const;
  // As documents call it.
  [[nodiscard]] std::string target() const;
  [[nodiscard]] base::Result<std::uint64_t> find_cluster() const;
  [[nodiscard]] base::Result<wire::HaltDocument> document(bool is_lift) const;
  [[nodiscard]] wire::PreviewRequest preview_request() const;
  [[nodiscard]] base::Result<venue::InstrumentState> wanted_state(bool is_lift) const;
};

[[nodiscard]] std::uint64_t wall_s();

}  // namespace okiagari::cli
