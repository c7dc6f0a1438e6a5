// Simulated time: what happens next, in order of time and, at one time, in the order in which it
// was planned. Nothing else moves the clock. Frames wait here in buffers that are used again.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "base/assert.h"
#include "base/bytes.h"

namespace okiagari::simulation {

using TimeUs = std::uint64_t;

// Everybody on the network: the machines for replicas first, then the gateways, the operator last.
// The cluster begins on the first of the machines; the others are there for servers that join.
using Endpoint = std::uint16_t;
inline constexpr Endpoint kNodes = 7;
inline constexpr Endpoint kFirstNodes = 3;
inline constexpr Endpoint kGateways = 2;
inline constexpr Endpoint kOperator = kNodes + kGateways;
inline constexpr Endpoint kEndpoints = kOperator + 1;

[[nodiscard]] constexpr bool is_node(Endpoint endpoint) { return endpoint < kNodes; }

enum class What : std::uint8_t {
  // Comes over a connection.
  link_opened,  // second = 1 when told to the side that opened it
  link_ended,
  frame,      // between replicas: in a buffer
  chunk,      // likewise, over a line for snapshots
  submit,     // gateway to replica: whole commands in a buffer
  attest,     // replica to the leading one: a whole command in a buffer
  subscribe,  // gateway to replica: first = its last event
  status,     // replica to gateway: first = term, second = is it open
  events,     // replica to gateway: through first
  caught_up,  // replica to gateway: through first
  refused,    // replica to gateway: first = the oldest event there is
  // Plans of the simulation itself.
  connect,      // from tries to reach to
  line_silent,  // what from sent to `to` was not acknowledged for a while
  turn,         // a replica's loop goes round
  wake,         // a replica's own deadline
  start,        // a replica's process is started by its supervisor
  gateway_start,
  member_acts,   // first = number of the member
  fault_begins,  // first = place in the schedule
  fault_ends,
  heal,
};

inline constexpr std::uint32_t kNoBuffer = 0xFFFFFFFF;

struct Happening {
  TimeUs at_us = 0;
  std::uint64_t order = 0;
  What what = What::turn;
  Endpoint from = 0;
  Endpoint to = 0;
  std::uint32_t buffer = kNoBuffer;
  std::uint64_t link = 0;  // number of the connection it comes over
  std::uint64_t first = 0;
  std::uint64_t second = 0;
};

class Agenda {
 public:
  [[nodiscard]] TimeUs now_us() const { return now_us_; }

  void add(Happening happening) {
    ASSERT(happening.at_us >= now_us_, "planned for {} at {}", happening.at_us, now_us_);
    happening.order = ++last_order_;
    heap_.push_back(happening);
    std::push_heap(heap_.begin(), heap_.end(), is_later);
  }
  // The next happening, and the clock is there. False when there is none.
  bool next(Happening& happening) {
    if (heap_.empty()) return false;
    std::pop_heap(heap_.begin(), heap_.end(), is_later);
    happening = heap_.back();
    heap_.pop_back();
    now_us_ = happening.at_us;
    return true;
  }

  [[nodiscard]] std::uint32_t keep(base::Bytes bytes) {
    if (free_buffers_.empty()) {
      free_buffers_.push_back(static_cast<std::uint32_t>(buffers_.size()));
      buffers_.emplace_back();
    }
    const std::uint32_t id = free_buffers_.back();
    free_buffers_.pop_back();
    buffers_[id].assign(bytes.begin(), bytes.end());
    return id;
  }
  // Valid until the next keep().
  [[nodiscard]] base::Bytes bytes(std::uint32_t buffer) const { return buffers_[buffer]; }
  // Takes the bytes and gives the buffer back.
  void take(std::uint32_t buffer, std::vector<std::byte>& into) {
    std::swap(into, buffers_[buffer]);
    free_buffers_.push_back(buffer);
  }
  void release(std::uint32_t buffer) {
    if (buffer != kNoBuffer) free_buffers_.push_back(buffer);
  }

 private:
  static bool is_later(const Happening& a, const Happening& b) {
    return a.at_us != b.at_us ? a.at_us > b.at_us : a.order > b.order;
  }

  TimeUs now_us_ = 0;
  std::uint64_t last_order_ = 0;
  std::vector<Happening> heap_;
  std::vector<std::vector<std::byte>> buffers_;
  std::vector<std::uint32_t> free_buffers_;
};

}  // namespace okiagari::simulation
