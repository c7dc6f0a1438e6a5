#include "check/model_stops.h"

#include <algorithm>
#include <set>

namespace okiagari::check {

const ModelStop* ModelStops::find(std::uint64_t key) const {
  const auto found = std::find_if(stops_.begin(), stops_.end(),
                                  [&](const ModelStop& stop) { return stop.order.key == key; });
  return found == stops_.end() ? nullptr : &*found;
}

ModelStop* ModelStops::find(std::uint64_t key) {
  return const_cast<ModelStop*>(static_cast<const ModelStops*>(this)->find(key));
}

void ModelStops::remove(std::uint64_t key) {
  std::erase_if(stops_, [&](const ModelStop& stop) { return stop.order.key == key; });
}

void ModelStops::count(std::uint16_t instrument, std::int32_t ticks) {
  const auto going = prices_meanwhile_.find(instrument);
  if (going == prices_meanwhile_.end()) {
    for (ModelStop& stop : stops_) {
      if (stop.order.instrument == instrument) stop.follow(ticks);
    }
  } else {
    going->second.push_back(ticks);
  }
  for (ModelStop& stop : stops_) {
    if (stop.order.instrument == instrument && stop.goes_at(ticks)) reach(stop);
  }
}

void ModelStops::add(const ModelStop& added, std::int32_t last_ticks) {
  for (ModelStop& stop : stops_) {
    const bool is_beside =
        stop.order.instrument == added.order.instrument && stop.order.side == added.order.side;
    if (is_beside && added.distance_ticks != 0) stop.follow(last_ticks);
  }
  stops_.push_back(added);
}

bool ModelStops::end_of_going(std::uint16_t instrument, std::int32_t last_ticks) {
  const auto going = prices_meanwhile_.find(instrument);
  if (going == prices_meanwhile_.end()) return false;
  const std::vector<std::int32_t> prices = going->second;
  prices_meanwhile_.erase(going);
  for (ModelStop& stop : stops_) {
    if (stop.order.instrument != instrument) continue;
    for (const std::int32_t ticks : prices) stop.follow(ticks);
  }
  count(instrument, last_ticks);
  return true;
}

std::size_t ModelStops::distances_with(const ModelStop& added, std::uint64_t without_key) const {
  std::set<std::int32_t> distances{added.distance_ticks};
  for (const ModelStop& stop : stops_) {
    const bool is_beside = stop.order.instrument == added.order.instrument &&
                           stop.order.side == added.order.side && stop.order.key != without_key;
    if (is_beside && stop.distance_ticks != 0) distances.insert(stop.distance_ticks);
  }
  return distances.size();
}

void ModelStops::forget_reached(std::uint16_t instrument) {
  prices_meanwhile_.erase(instrument);
  for (ModelStop& stop : stops_) {
    if (stop.order.instrument == instrument) stop.is_reached = false;
  }
}

const ModelStop* ModelStops::next(std::uint16_t instrument) const {
  const ModelStop* first[2] = {nullptr, nullptr};
  for (const ModelStop& stop : stops_) {
    if (!stop.is_reached || stop.order.instrument != instrument) continue;
    const ModelStop*& best = first[stop.order.side];
    const bool is_nearer =
        best != nullptr && (stop.order.side == 0 ? stop.trigger_ticks < best->trigger_ticks
                                                 : stop.trigger_ticks > best->trigger_ticks);
    if (best == nullptr || is_nearer) best = &stop;
  }
  if (first[0] == nullptr || first[1] == nullptr) return first[0] == nullptr ? first[1] : first[0];
  return first[0]->order.reference < first[1]->order.reference ? first[0] : first[1];
}

std::vector<std::uint64_t> ModelStops::keys_of(std::uint16_t session) const {
  std::vector<std::uint64_t> keys;
  for (const ModelStop& stop : stops_) {
    if (stop.order.key >> 32 == session) keys.push_back(stop.order.key);
  }
  return keys;
}

}  // namespace okiagari::check
