#include "tests/simulation/bulk_lanes.h"

#include <algorithm>

namespace okiagari::simulation {

bool BulkLanes::uses_link(Endpoint from, Endpoint to) {
  Lane& lane = between(from, to);
  if (random_.chance(60)) break_line(lane);
  if (lane.over_link == 0) return false;
  --lane.over_link;
  tally_.count(Branch::chunk_over_link);
  return true;
}

void BulkLanes::break_line(Lane& lane) {
  if (lane.number == 0) return;
  tally_.count(Branch::bulk_line_broken);
  if (random_.chance(500)) lane.lost_through = lane.number;
  if (random_.chance(300)) lane.over_link = 1 + static_cast<std::uint32_t>(random_.below(8));
  lane.number = 0;
  drop_held(lane);
}

void BulkLanes::send(Happening message, TimeUs at_us, TimeUs extra_us, bool waits,
                     std::uint64_t& last_number) {
  Lane& lane = between(message.from, message.to);
  if (lane.number == 0) {
    lane.number = ++last_number;
    lane.last_arrival_us = 0;
    at_us += random_.below(2'000);  // to connect
  }
  message.link = lane.number;
  if (waits && lane.held.size() >= kHeldMax) return agenda_.release(message.buffer);
  if (waits) return lane.held.push_back(message);
  dispatch(lane, message, at_us, extra_us);
}

void BulkLanes::dispatch(Lane& lane, Happening message, TimeUs at_us, TimeUs extra_us) {
  TimeUs delay_us = 60 + random_.below(120) + (extra_us == 0 ? 0 : random_.below(extra_us));
  if (random_.chance(300)) delay_us += random_.below(5'000);
  if (random_.chance(50)) delay_us += random_.below(800'000);
  lane.last_arrival_us = std::max(lane.last_arrival_us, at_us + delay_us);
  message.at_us = lane.last_arrival_us;
  agenda_.add(message);
}

bool BulkLanes::is_on_its_way(Endpoint from, Endpoint to) const {
  const Lane& lane = lanes_[from][to];
  return lane.number != 0 && (!lane.held.empty() || lane.last_arrival_us > agenda_.now_us());
}

bool BulkLanes::is_delivered(const Happening& message) {
  Lane& lane = between(message.from, message.to);
  if (message.link < lane.accepted || message.link <= lane.lost_through) return false;
  if (message.link != lane.number) tally_.count(Branch::late_chunk);
  lane.accepted = message.link;
  return true;
}

void BulkLanes::flush(Endpoint from, Endpoint to) {
  Lane& lane = between(from, to);
  std::vector<Happening> held;
  std::swap(held, lane.held);
  for (const Happening& message : held) dispatch(lane, message, agenda_.now_us(), 0);
}

void BulkLanes::end(Endpoint from, Endpoint to) {
  Lane& lane = between(from, to);
  drop_held(lane);
  lane.number = 0;
}

void BulkLanes::drop_held(Lane& lane) {
  for (const Happening& message : lane.held) agenda_.release(message.buffer);
  lane.held.clear();
}

}  // namespace okiagari::simulation
