// Public messages about what nature does: earthquakes, tsunamis, lightning. As the Japan
// Meteorological Agency publishes them in its XML (VXSE43, VXSE44, VXSE53, VTSE41, VPWW54) and as
// anybody does in CAP 1.2. Which of them concern a site is said by hazard_relevance.h.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/types.h"

namespace okiagari::watch {

struct Coordinate {
  double latitude = 0;
  double longitude = 0;
};

struct Hazard {
  enum class Kind : std::uint8_t { earthquake, tsunami, lightning, other };
  enum class Status : std::uint8_t { actual, exercise, test };
  enum class Message : std::uint8_t { issued, updated, cancelled };
  struct Area {
    std::string name;
    std::vector<std::string> codes;
    std::string level;                 // intensity "5-", or the warning's name
    int rank = 0;                      // of intensities: see intensity_rank(); of warnings: 1 to 3
    std::optional<Coordinate> center;  // of a circle
    double radius_km = 0;
  };

  Kind kind = Kind::other;
  Status status = Status::actual;
  Message message = Message::issued;
  std::string id;      // the event's: the same in every message about it
  std::string serial;  // of the message within the event
  std::string title;
  std::string headline;
  std::string place;  // where it comes from, in words
  TimestampNs reported_ns = 0;
  TimestampNs began_ns = 0;
  TimestampNs ends_ns = 0;
  std::optional<Coordinate> epicenter;
  double magnitude = 0;   // 0: not said
  std::string intensity;  // the highest anywhere
  int rank = 0;
  std::vector<Area> areas;
};

// The Agency's scale of intensity, 0 to 7 with 5 and 6 in two halves, as 0 to 9: "5-" is 5, "5+" 6,
// "6-" 7, "6+" 8, "7" 9. Nothing for what is not on the scale.
[[nodiscard]] std::optional<int> intensity_rank(std::string_view intensity);

// Of either format, told apart by the document's root. Errors say what is wrong.
[[nodiscard]] base::Result<Hazard> parse_hazard(std::string_view xml);

}  // namespace okiagari::watch
