// The lines for snapshots between replicas, as the network has them: beside each link, with delays,
// breaks and losses of their own. What is sent over one arrives in order, may come long before or
// long after what the link carries, and what a line that broke still holds may come until the next
// one brings something; whether its sender is alive meanwhile, or leads, is not asked. The real
// ones are kinder (journal/bulk_line.h): they end with their peer.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "tests/simulation/agenda.h"
#include "tests/simulation/random.h"
#include "tests/simulation/tally.h"

namespace okiagari::simulation {

class BulkLanes {
 public:
  BulkLanes(Agenda& agenda, Tally& tally, std::uint64_t seed)
      : agenda_(agenda), tally_(tally), random_(seed, 8) {}

  // Whether the next piece goes over the link, as to a peer that takes no such line.
  [[nodiscard]] bool uses_link(Endpoint from, Endpoint to);
  // `extra_us` is what a fault adds to the way. With `waits` it stays until flush(). `last_number`
  // is the network's, which numbers all connections.
  void send(Happening message, TimeUs at_us, TimeUs extra_us, bool waits,
            std::uint64_t& last_number);
  [[nodiscard]] bool is_on_its_way(Endpoint from, Endpoint to) const;
  // Of a piece that has come: whether its receiver reads it.
  [[nodiscard]] bool is_delivered(const Happening& message);

  // What waits comes now.
  void flush(Endpoint from, Endpoint to);
  // One of the two has ended: what waits is lost, what is on its way is not.
  void end(Endpoint from, Endpoint to);

 private:
  static constexpr std::size_t kHeldMax = 64;

  struct Lane {
    std::uint64_t number = 0;        // of the line; 0: none was opened yet
    std::uint64_t accepted = 0;      // the newest of which something has come
    std::uint64_t lost_through = 0;  // what lines up to this one carried is lost
    std::uint32_t over_link = 0;     // so many pieces more go over the link
    TimeUs last_arrival_us = 0;
    std::vector<Happening> held;
  };

  [[nodiscard]] Lane& between(Endpoint from, Endpoint to) { return lanes_[from][to]; }
  void dispatch(Lane& lane, Happening message, TimeUs at_us, TimeUs extra_us);
  void break_line(Lane& lane);
  void drop_held(Lane& lane);

  Agenda& agenda_;
  Tally& tally_;
  Random random_;
  std::array<std::array<Lane, kNodes>, kNodes> lanes_;
};

}  // namespace okiagari::simulation
