// CAP 1.2 (urn:oasis:names:tc:emergency:cap:1.2).
#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "watch/alerts_in.h"
#include "watch/hazard_formats.h"

namespace okiagari::watch {

namespace {

bool read_double(std::string_view text, double& into) {
  if (text.starts_with('+')) text.remove_prefix(1);
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), into);
  return error == std::errc() && end == text.data() + text.size();
}

bool contains_any(std::string_view text, std::initializer_list<std::string_view> words) {
  for (const std::string_view word : words) {
    if (text.find(word) != std::string_view::npos) return true;
  }
  return false;
}

Hazard::Kind kind_of(std::string_view event) {
  if (contains_any(event, {"arthquake", "地震"})) return Hazard::Kind::earthquake;
  if (contains_any(event, {"sunami", "津波"})) return Hazard::Kind::tsunami;
  if (contains_any(event, {"ightning", "hunder", "雷"})) return Hazard::Kind::lightning;
  return Hazard::Kind::other;
}

// "35.6,139.7 20": a point and a radius in kilometres.
void read_circle(std::string_view text, Hazard::Area& area) {
  const std::size_t comma = text.find(',');
  const std::size_t space = text.find(' ');
  if (comma == std::string_view::npos || space == std::string_view::npos || space < comma) return;
  Coordinate center;
  double radius_km = 0;
  if (!read_double(text.substr(0, comma), center.latitude) ||
      !read_double(text.substr(comma + 1, space - comma - 1), center.longitude) ||
      !read_double(text.substr(space + 1), radius_km)) {
    return;
  }
  area.center = center;
  area.radius_km = radius_km;
}

int rank_of(std::string_view severity) {
  return severity == "Extreme" ? 3 : severity == "Severe" ? 2 : severity == "Moderate" ? 1 : 0;
}

void add_areas(const XmlElement& info, Hazard& hazard) {
  for (const XmlElement* from : info.all("area")) {
    if (hazard.areas.size() >= kHazardAreasMax) return;
    Hazard::Area area;
    area.name = bounded_text(from->text_at("areaDesc"));
    area.level = bounded_text(info.text_at("severity"));
    area.rank = rank_of(area.level);
    for (const XmlElement* code : from->all("geocode")) {
      if (area.codes.size() < 64) area.codes.push_back(bounded_text(code->text_at("value")));
    }
    read_circle(from->text_at("circle"), area);
    hazard.areas.push_back(std::move(area));
  }
}

}  // namespace

base::Result<Hazard> hazard_of_cap(const XmlElement& alert) {
  Hazard hazard;
  hazard.id = bounded_text(alert.text_at("identifier"));
  if (hazard.id.empty()) return base::Error{"CAP: <identifier> is missing"};
  const std::string_view status = alert.text_at("status");
  if (status == "Actual") {
    hazard.status = Hazard::Status::actual;
  } else if (status == "Exercise") {
    hazard.status = Hazard::Status::exercise;
  } else if (status == "Test" || status == "System" || status == "Draft") {
    hazard.status = Hazard::Status::test;
  } else {
    return base::Error{fmt::format("CAP: <status> '{}'", bounded_text(status))};
  }
  const std::string_view type = alert.text_at("msgType");
  if (type == "Cancel") {
    hazard.message = Hazard::Message::cancelled;
  } else if (type == "Update") {
    hazard.message = Hazard::Message::updated;
  } else if (type != "Alert") {
    return base::Error{fmt::format("CAP: <msgType> '{}' is no hazard", bounded_text(type))};
  }
  if (!parse_time(alert.text_at("sent"), hazard.reported_ns)) {
    return base::Error{"CAP: <sent> is no time"};
  }
  const auto infos = alert.all("info");
  if (infos.empty() && hazard.message != Hazard::Message::cancelled) {
    return base::Error{"CAP: no <info>"};
  }
  for (const XmlElement* info : infos) {
    // Each is the same in another language, or for other areas.
    if (hazard.title.empty()) {
      hazard.title = bounded_text(info->text_at("event"));
      hazard.kind = kind_of(hazard.title);
      hazard.headline = bounded_text(info->text_at("headline"));
      (void)parse_time(info->text_at("onset"), hazard.began_ns);
      (void)parse_time(info->text_at("expires"), hazard.ends_ns);
    }
    hazard.rank = std::max(hazard.rank, rank_of(info->text_at("severity")));
    add_areas(*info, hazard);
  }
  return hazard;
}

}  // namespace okiagari::watch
