#include "check/model_stops.h"

#include <algorithm>

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

void ModelStops::reach(std::uint16_t instrument, std::int32_t ticks) {
  for (ModelStop& stop : stops_) {
    if (stop.order.instrument == instrument && stop.goes_at(ticks)) stop.is_reached = true;
  }
}

void ModelStops::forget_reached(std::uint16_t instrument) {
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
