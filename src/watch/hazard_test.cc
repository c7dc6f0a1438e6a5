// Method: messages laid out as the Agency's schema has them, in fuzz/corpus/hazard.
#include "watch/hazard.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

#include "test_places.h"
#include "watch/hazard_relevance.h"
#include "watch/signal.h"
#include "watch/xml_document.h"

namespace okiagari::watch {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

std::string sample(const std::string& name) {
  std::ifstream file(std::string(OKIAGARI_SOURCE_DIR) + "/fuzz/corpus/hazard/" + name);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::string replaced(std::string text, std::string_view what, std::string_view by) {
  const std::size_t at = text.find(what);
  return at == std::string::npos ? "" : text.replace(at, what.size(), by);
}

Hazard parsed(const std::string& xml) {
  auto hazard = parse_hazard(xml);
  EXPECT_TRUE(hazard.ok()) << hazard.error().message;
  return hazard.ok() ? hazard.value() : Hazard{};
}

std::string refusal(const std::string& xml) {
  const auto hazard = parse_hazard(xml);
  return hazard.ok() ? "" : hazard.error().message;
}

SiteSettings tokyo() {
  SiteSettings site;
  site.name = "tokyo";
  site.areas = {"東京都", "311", "130000", "東京"};
  site.where = Coordinate{35.68, 139.77};
  return site;
}

SiteSettings osaka() {
  SiteSettings site;
  site.name = "osaka";
  site.areas = {"大阪府"};
  site.where = Coordinate{34.69, 135.5};
  return site;
}

TEST(HazardTest, EarthquakeConcernsTheSiteWhereItWasStrongAndNotTheOther) {
  const Hazard hazard = parsed(sample("earthquake.xml"));
  EXPECT_EQ(hazard.kind, Hazard::Kind::earthquake);
  EXPECT_EQ(hazard.magnitude, 6.1);
  EXPECT_EQ(hazard.intensity, "5+");
  EXPECT_EQ(hazard.id, "20260301085930");
  ASSERT_TRUE(hazard.epicenter.has_value());
  EXPECT_EQ(hazard.epicenter->longitude, 140.1);
  const auto seen = concerns(hazard, {tokyo(), osaka()});
  ASSERT_THAT(seen, SizeIs(1));
  EXPECT_EQ(seen[0].entity, "site tokyo");
  EXPECT_EQ(seen[0].signal, signal::earthquake);
  EXPECT_THAT(seen[0].statement.en, HasSubstr("magnitude 6.1; 5+ at 東京都"));
}

TEST(HazardTest, EarlyWarningTellsTheExpectedIntensity) {
  const Hazard hazard = parsed(sample("early_warning.xml"));
  EXPECT_EQ(hazard.intensity, "5+") << "no upper bound is said: the lower one counts";
  EXPECT_THAT(concerns(hazard, {tokyo()}), SizeIs(1));
}

TEST(HazardTest, TsunamiIsRankedByItsWarning) {
  const Hazard hazard = parsed(sample("tsunami.xml"));
  EXPECT_EQ(hazard.kind, Hazard::Kind::tsunami);
  EXPECT_EQ(hazard.rank, 3);
  const auto seen = concerns(hazard, {tokyo(), osaka()});
  ASSERT_THAT(seen, SizeIs(1));
  EXPECT_EQ(seen[0].value, 1) << "an advisory where the site is";
}

TEST(HazardTest, LightningIsPickedOutOfTheWarningsOfTheWeather) {
  const Hazard hazard = parsed(sample("lightning.xml"));
  EXPECT_EQ(hazard.kind, Hazard::Kind::lightning);
  EXPECT_THAT(hazard.areas, SizeIs(1)) << "rain is nobody's concern here";
  EXPECT_THAT(concerns(hazard, {tokyo()}), SizeIs(1));
}

TEST(HazardTest, CapConcernsWhoIsNamedOrWithinTheCircle) {
  const Hazard hazard = parsed(sample("cap.xml"));
  EXPECT_EQ(hazard.kind, Hazard::Kind::tsunami);
  SiteSettings nameless = tokyo();
  nameless.areas.clear();
  EXPECT_THAT(concerns(hazard, {tokyo(), nameless, osaka()}), SizeIs(2));
}

TEST(HazardTest, ExercisesAndTestsConcernNobody) {
  for (const char* word : {"訓練", "試験"}) {
    const Hazard hazard = parsed(replaced(sample("earthquake.xml"), "通常", word));
    EXPECT_THAT(concerns(hazard, {tokyo()}), IsEmpty()) << word;
  }
  const Hazard exercise = parsed(replaced(sample("cap.xml"), "Actual", "Exercise"));
  EXPECT_THAT(concerns(exercise, {tokyo()}), IsEmpty());
}

TEST(HazardTest, CancellationIsToldToWhoeverCouldHaveBeenToldOfTheEvent) {
  const Hazard hazard = parsed(
      "<Report><Control><Title>震源・震度に関する情報</Title><Status>通常</Status></Control><Head>"
      "<ReportDateTime>2026-03-01T09:10:00+09:00</ReportDateTime><EventID>1</EventID>"
      "<InfoType>取消</InfoType></Head><Body><Text>取り消します。</Text></Body></Report>");
  EXPECT_EQ(hazard.message, Hazard::Message::cancelled);
  const auto seen = concerns(hazard, {tokyo()});
  ASSERT_THAT(seen, SizeIs(1));
  EXPECT_THAT(seen[0].statement.en, testing::StartsWith("cancelled: "));
  EXPECT_NE(seen[0].until_ns, 0u);
}

TEST(HazardTest, EntityBombIsRefusedBeforeItExpands) {
  EXPECT_THAT(refusal("<!DOCTYPE a [<!ENTITY b \"bbbbbbbbbb\"><!ENTITY c \"&b;&b;&b;&b;\">]>"
                      "<alert>&c;</alert>"),
              HasSubstr("document type"));
}

TEST(HazardTest, BrokenHugeAndDeepDocumentsAreRefusedWithTheReason) {
  EXPECT_THAT(refusal("<alert><identifier>"), HasSubstr("broken in line 1"));
  EXPECT_THAT(refusal(std::string(kXmlBytesMax + 1, ' ')), HasSubstr("at most"));
  std::string deep;
  for (int i = 0; i < 100; ++i) deep += "<a>";
  EXPECT_THAT(refusal(deep), HasSubstr("too deeply"));
  EXPECT_THAT(refusal("<feed/>"), HasSubstr("neither CAP"));
  EXPECT_THAT(refusal(replaced(sample("cap.xml"), "Actual", "Perhaps")), HasSubstr("Perhaps"));
}

}  // namespace
}  // namespace okiagari::watch
