#include "drill/hazard_message.h"

#include <fmt/format.h>

#include <array>
#include <ctime>

namespace okiagari::drill {

namespace {

std::string tokyo_time(TimestampNs at_ns, const char* form) {
  constexpr std::time_t kTokyoS = 9 * 3600;
  const auto at_s = static_cast<std::time_t>(at_ns / 1'000'000'000) + kTokyoS;
  std::tm parts{};
  ::gmtime_r(&at_s, &parts);
  std::array<char, 64> text{};
  const std::size_t size = std::strftime(text.data(), text.size(), form, &parts);
  return {text.data(), size};
}

}  // namespace

std::string earthquake_message(const Earthquake& earthquake) {
  const std::string began = tokyo_time(earthquake.began_ns, "%Y-%m-%dT%H:%M:%S+09:00");
  return fmt::format(
      R"(<?xml version="1.0" encoding="UTF-8"?>
<Report xmlns="http://xml.kishou.go.jp/jmaxml1/"
        xmlns:jmx_eb="http://xml.kishou.go.jp/jmaxml1/elementBasis1/">
<Control><Title>震源・震度に関する情報</Title><DateTime>{0}</DateTime><Status>通常</Status></Control>
<Head xmlns="http://xml.kishou.go.jp/jmaxml1/informationBasis1/"><Title>震源・震度情報</Title>)"
      R"(<ReportDateTime>{0}</ReportDateTime><EventID>{1}</EventID><InfoType>発表</InfoType>)"
      R"(<Serial>1</Serial><Headline><Text>地震がありました。</Text></Headline></Head>
<Body xmlns="http://xml.kishou.go.jp/jmaxml1/body/seismology1/"><Earthquake>)"
      R"(<OriginTime>{0}</OriginTime><Hypocenter><Area><Name>{2}</Name>)"
      R"(<jmx_eb:Coordinate>+{3:.1f}+{4:.1f}-10000/</jmx_eb:Coordinate></Area></Hypocenter>)"
      R"(<jmx_eb:Magnitude type="Mj">{5:.1f}</jmx_eb:Magnitude></Earthquake>
<Intensity><Observation><MaxInt>{6}</MaxInt><Pref><Name>{2}</Name><Code>{7}</Code>)"
      R"(<MaxInt>{6}</MaxInt></Pref></Observation></Intensity></Body>
</Report>
)",
      began, earthquake.event, earthquake.prefecture, earthquake.latitude, earthquake.longitude,
      earthquake.magnitude, earthquake.intensity, earthquake.code);
}

}  // namespace okiagari::drill
