// The Japan Meteorological Agency's XML (http://xml.kishou.go.jp/jmaxml1/): the parts of
// earthquake, tsunami and warning messages that say what, where and how strong.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "watch/alerts_in.h"
#include "watch/hazard_formats.h"

namespace okiagari::watch {

namespace {

// "+35.7+139.6-10000/": latitude and longitude in degrees, then height.
std::optional<Coordinate> read_coordinate(std::string_view text) {
  double parts[2] = {};
  for (double& part : parts) {
    if (text.empty() || (text[0] != '+' && text[0] != '-')) return std::nullopt;
    const std::size_t end = std::min(text.find_first_of("+-/", 1), text.size());
    const std::string_view number = text[0] == '+' ? text.substr(1, end - 1) : text.substr(0, end);
    const auto [read, error] = std::from_chars(number.data(), number.data() + number.size(), part);
    if (error != std::errc() || read != number.data() + number.size()) return std::nullopt;
    text = text.substr(end);
  }
  return Coordinate{parts[0], parts[1]};
}

void raise(int& rank, std::string_view intensity) {
  if (const auto found = intensity_rank(intensity)) rank = std::max(rank, *found);
}

Hazard::Area area_of(const XmlElement& from, std::string_view level) {
  Hazard::Area area;
  area.name = bounded_text(from.text_at("Name"));
  area.codes.push_back(bounded_text(from.text_at("Code")));
  area.level = bounded_text(level);
  raise(area.rank, level);
  return area;
}

void add(Hazard& hazard, Hazard::Area area) {
  if (hazard.areas.size() < kHazardAreasMax) hazard.areas.push_back(std::move(area));
}

// What was felt: prefectures and the areas in them.
void read_observed(const XmlElement& observed, Hazard& hazard) {
  hazard.intensity = bounded_text(observed.text_at("MaxInt"));
  raise(hazard.rank, hazard.intensity);
  for (const XmlElement* prefecture : observed.all("Pref")) {
    add(hazard, area_of(*prefecture, prefecture->text_at("MaxInt")));
    for (const XmlElement* area : prefecture->all("Area")) {
      add(hazard, area_of(*area, area->text_at("MaxInt")));
    }
  }
}

// What is expected, between two intensities; "over" stands for no upper one.
std::string_view upper_of(const XmlElement& forecast) {
  const std::string_view to = forecast.text_at("ForecastInt/To");
  return intensity_rank(to) ? to : forecast.text_at("ForecastInt/From");
}

void read_expected(const XmlElement& expected, Hazard& hazard) {
  hazard.intensity = bounded_text(upper_of(expected));
  raise(hazard.rank, hazard.intensity);
  for (const XmlElement* prefecture : expected.all("Pref")) {
    Hazard::Area whole = area_of(*prefecture, "");
    for (const XmlElement* area : prefecture->all("Area")) {
      const std::string_view level = upper_of(*area);
      add(hazard, area_of(*area, level));
      const int before = whole.rank;
      raise(whole.rank, level);
      if (whole.rank > before) whole.level = bounded_text(level);
    }
    add(hazard, std::move(whole));
  }
}

void read_earthquake(const XmlElement& body, Hazard& hazard) {
  hazard.kind = Hazard::Kind::earthquake;
  if (const XmlElement* quake = body.child("Earthquake")) {
    (void)parse_time(quake->text_at("OriginTime"), hazard.began_ns);
    hazard.place = bounded_text(quake->text_at("Hypocenter/Area/Name"));
    hazard.epicenter = read_coordinate(quake->text_at("Hypocenter/Area/Coordinate"));
    const std::string_view magnitude = quake->text_at("Magnitude");
    double value = 0;
    const auto [end, error] =
        std::from_chars(magnitude.data(), magnitude.data() + magnitude.size(), value);
    // "NaN": not known, or beyond 8.
    if (error == std::errc() && value > 0 && value < 11) hazard.magnitude = value;
  }
  if (const XmlElement* observed = body.at("Intensity/Observation")) {
    read_observed(*observed, hazard);
  }
  if (const XmlElement* expected = body.at("Intensity/Forecast")) read_expected(*expected, hazard);
}

int tsunami_rank(std::string_view name) {
  // A great warning's name contains the warning's.
  if (name.find("解除") != std::string_view::npos) return 0;
  if (name.find("大津波警報") != std::string_view::npos) return 3;
  if (name.find("津波警報") != std::string_view::npos) return 2;
  if (name.find("津波注意報") != std::string_view::npos) return 1;
  return 0;
}

void read_tsunami(const XmlElement& body, Hazard& hazard) {
  hazard.kind = Hazard::Kind::tsunami;
  if (const XmlElement* quake = body.child("Earthquake")) {
    hazard.place = bounded_text(quake->text_at("Hypocenter/Area/Name"));
    hazard.epicenter = read_coordinate(quake->text_at("Hypocenter/Area/Coordinate"));
  }
  const XmlElement* forecast = body.at("Tsunami/Forecast");
  if (forecast == nullptr) return;
  for (const XmlElement* item : forecast->all("Item")) {
    const XmlElement* place = item->child("Area");
    if (place == nullptr) continue;
    Hazard::Area area = area_of(*place, item->text_at("Category/Kind/Name"));
    area.rank = tsunami_rank(area.level);
    hazard.rank = std::max(hazard.rank, area.rank);
    add(hazard, std::move(area));
  }
}

// Warnings of the weather: lightning is what concerns a hall of machines.
void read_warnings(const XmlElement& report, Hazard& hazard) {
  const XmlElement* body = report.child("Body");
  for (const XmlElement* warning : body->all("Warning")) {
    for (const XmlElement* item : warning->all("Item")) {
      for (const XmlElement* kind : item->all("Kind")) {
        const std::string_view name = kind->text_at("Name");
        const bool is_lightning = name.find("雷") != std::string_view::npos ||
                                  name.find("竜巻") != std::string_view::npos;
        const XmlElement* place = item->child("Area");
        if (!is_lightning || place == nullptr) continue;
        hazard.kind = Hazard::Kind::lightning;
        Hazard::Area area = area_of(*place, name);
        area.rank = kind->text_at("Status") == "解除" ? 0 : 1;
        hazard.rank = std::max(hazard.rank, area.rank);
        add(hazard, std::move(area));
      }
    }
  }
}

}  // namespace

base::Result<Hazard> hazard_of_jma(const XmlElement& report) {
  Hazard hazard;
  const XmlElement* head = report.child("Head");
  const XmlElement* body = report.child("Body");
  if (head == nullptr || body == nullptr) return base::Error{"a report without Head or Body"};
  const std::string_view status = report.text_at("Control/Status");
  if (status == "通常") {
    hazard.status = Hazard::Status::actual;
  } else if (status == "訓練") {
    hazard.status = Hazard::Status::exercise;
  } else if (status == "試験") {
    hazard.status = Hazard::Status::test;
  } else {
    return base::Error{fmt::format("Control/Status '{}'", bounded_text(status))};
  }
  const std::string_view type = head->text_at("InfoType");
  if (type == "取消") {
    hazard.message = Hazard::Message::cancelled;
  } else if (type == "訂正") {
    hazard.message = Hazard::Message::updated;
  } else if (type != "発表" && type != "遅延") {
    return base::Error{fmt::format("Head/InfoType '{}'", bounded_text(type))};
  }
  if (!parse_time(head->text_at("ReportDateTime"), hazard.reported_ns)) {
    return base::Error{"Head/ReportDateTime is no time"};
  }
  hazard.title = bounded_text(report.text_at("Control/Title"));
  hazard.id = bounded_text(head->text_at("EventID"));
  if (hazard.id.empty()) hazard.id = fmt::format("{} {}", hazard.title, hazard.reported_ns);
  hazard.serial = bounded_text(head->text_at("Serial"));
  hazard.headline = bounded_text(head->text_at("Headline/Text"));
  if (body->child("Tsunami") != nullptr) {
    read_tsunami(*body, hazard);
  } else if (body->child("Earthquake") != nullptr || body->child("Intensity") != nullptr) {
    read_earthquake(*body, hazard);
  } else if (body->child("Warning") != nullptr) {
    read_warnings(report, hazard);
  } else if (hazard.title.find("地震") != std::string::npos) {
    // A cancellation has no more than a text.
    hazard.kind = Hazard::Kind::earthquake;
  } else if (hazard.title.find("津波") != std::string::npos) {
    hazard.kind = Hazard::Kind::tsunami;
  }
  return hazard;
}

}  // namespace okiagari::watch
