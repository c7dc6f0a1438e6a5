// Defects that a test build puts in on purpose, so that the history checker is seen to find them. A
// place that hands messages on sends them through pass_planted(): in a normal build that is a plain
// call; in one with OKIAGARI_PLANTED_DEFECTS a single message of the process is dropped, doubled,
// swapped with the next one of its stream, or altered.
//
// Which: OKIAGARI_PLANT="<gateway|venue|journal|feed>.<drop|double|reorder|contradict>"; the
// message is drawn from OKIAGARI_PLANT_SEED; OKIAGARI_PLANT_NODE, when set, is the only node that
// does it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>
#include <utility>
#include <vector>

#include "base/bytes.h"

namespace okiagari::base {

// journal: a command on its way from the log to the state machine. Doubled there it would change
// nothing, since the venue knows its number; so the journal's double is one in the log itself, put
// in where a batch is taken.
enum class PlantPlace : std::uint8_t { none, gateway, venue, journal, journal_intake, feed };
enum class PlantKind : std::uint8_t { drop, twice, swap, alter };

// One defect, at the `nth` message (from 1) that passes `place`.
class PlantedDefect {
 public:
  PlantedDefect() = default;
  PlantedDefect(PlantPlace place, PlantKind kind, std::uint64_t nth)
      : place_(place), kind_(kind), nth_(nth) {}

  // As the environment says; nothing planted when it says nothing, or nothing known.
  static PlantedDefect from_environment() {
    const std::string_view plant = variable("OKIAGARI_PLANT");
    const auto dot = plant.find('.');
    if (dot == std::string_view::npos) return {};
    PlantedDefect defect;
    if (!parse_kind(plant.substr(dot + 1), defect.kind_)) return {};
    defect.place_ = parse_place(plant.substr(0, dot));
    if (defect.place_ == PlantPlace::journal && defect.kind_ == PlantKind::twice) {
      defect.place_ = PlantPlace::journal_intake;
    }
    defect.nth_ = drawn(std::strtoull(variable("OKIAGARI_PLANT_SEED").data(), nullptr, 10));
    defect.node_ = std::strtoull(variable("OKIAGARI_PLANT_NODE").data(), nullptr, 10);
    return defect;
  }

  // Says which node this process is; a defect for another node is forgotten.
  void at_node(std::uint64_t node) {
    if (node_ != 0 && node_ != node) place_ = PlantPlace::none;
  }

  [[nodiscard]] bool fired() const { return count_ >= nth_; }

  // Calls deliver(Bytes) with what shall go on instead of `message`. Order matters only within a
  // `stream`. An altered message differs in the lowest bit of the byte at `alter_at`.
  template <typename Deliver>
  void pass(PlantPlace place, std::uint64_t stream, Bytes message, std::size_t alter_at,
            Deliver&& deliver) {
    if (place != place_) return deliver(message);
    if (!held_.empty() && stream == held_stream_) {
      deliver(message);
      const std::vector<std::byte> held = std::exchange(held_, {});
      return deliver(Bytes(held));
    }
    if (++count_ != nth_) return deliver(message);
    fire(stream, message, alter_at, deliver);
  }

 private:
  template <typename Deliver>
  void fire(std::uint64_t stream, Bytes message, std::size_t alter_at, Deliver& deliver) {
    std::vector<std::byte> copy(message.begin(), message.end());
    switch (kind_) {
      case PlantKind::drop:
        return;
      case PlantKind::twice:
        deliver(message);
        return deliver(Bytes(copy));
      case PlantKind::swap:
        held_ = std::move(copy);
        held_stream_ = stream;
        return;
      case PlantKind::alter:
        if (alter_at < copy.size()) copy[alter_at] ^= std::byte{1};
        return deliver(Bytes(copy));
    }
  }

  static std::string_view variable(const char* name) {
    const char* value = std::getenv(name);
    return value == nullptr ? std::string_view("") : std::string_view(value);
  }
  static PlantPlace parse_place(std::string_view text) {
    if (text == "gateway") return PlantPlace::gateway;
    if (text == "venue") return PlantPlace::venue;
    if (text == "journal") return PlantPlace::journal;
    return text == "feed" ? PlantPlace::feed : PlantPlace::none;
  }
  static bool parse_kind(std::string_view text, PlantKind& kind) {
    if (text == "drop") kind = PlantKind::drop;
    if (text == "double") kind = PlantKind::twice;
    if (text == "reorder") kind = PlantKind::swap;
    if (text == "contradict") kind = PlantKind::alter;
    return text == "drop" || text == "double" || text == "reorder" || text == "contradict";
  }
  // Early enough for a short run, late enough for all sessions to be at work.
  static std::uint64_t drawn(std::uint64_t seed) {
    std::uint64_t z = (seed + 1) * 0x9E3779B97F4A7C15;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
    return 50 + (z ^ (z >> 31)) % 300;
  }

  PlantPlace place_ = PlantPlace::none;
  PlantKind kind_ = PlantKind::drop;
  std::uint64_t nth_ = 0;
  std::uint64_t node_ = 0;  // 0: any
  std::uint64_t count_ = 0;
  std::vector<std::byte> held_;
  std::uint64_t held_stream_ = 0;
};

#ifdef OKIAGARI_PLANTED_DEFECTS
inline PlantedDefect& planted_defect() {
  static PlantedDefect defect = PlantedDefect::from_environment();
  return defect;
}
inline void set_planted_node(std::uint64_t node) { planted_defect().at_node(node); }
template <typename Deliver>
void pass_planted(PlantPlace place, std::uint64_t stream, Bytes message, std::size_t alter_at,
                  Deliver&& deliver) {
  planted_defect().pass(place, stream, message, alter_at, std::forward<Deliver>(deliver));
}
#else
inline void set_planted_node(std::uint64_t) {}
template <typename Deliver>
void pass_planted(PlantPlace, std::uint64_t, Bytes message, std::size_t, Deliver&& deliver) {
  deliver(message);
}
#endif

}  // namespace okiagari::base
