#include "base/report.h"

#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <fstream>
#include <iterator>
#include <limits>
#include <string>

#include "test_places.h"

namespace okiagari::base {
namespace {

namespace json = boost::json;

json::value load_schema() {
  std::ifstream file(std::string(OKIAGARI_SOURCE_DIR) + "/docs/report.schema.json");
  return json::parse(std::string(std::istreambuf_iterator<char>(file), {}));
}

bool has_type(const json::value& value, std::string_view name) {
  if (name == "object") return value.is_object();
  if (name == "array") return value.is_array();
  if (name == "string") return value.is_string();
  if (name == "boolean") return value.is_bool();
  if (name == "integer") return value.is_int64() || value.is_uint64();
  if (name == "number") return value.is_number();
  return name == "null" && value.is_null();
}

// The part of JSON Schema that the report's schema uses; the first offence in words, or nothing.
std::string offence(const json::value& value, const json::object& schema,
                    const std::string& where) {
  if (const json::value* type = schema.if_contains("type")) {
    bool fits = false;
    if (type->is_string())
      fits = has_type(value, type->as_string());
    else
      for (const auto& one : type->as_array()) fits = fits || has_type(value, one.as_string());
    if (!fits) return where + " has the wrong type";
  }
  if (const json::value* properties = schema.if_contains("properties")) {
    for (const auto& name : schema.at("required").as_array()) {
      if (!value.as_object().contains(name.as_string())) {
        return where + " lacks " + std::string(name.as_string());
      }
    }
    for (const auto& [name, member] : value.as_object()) {
      const json::value* inner = properties->as_object().if_contains(name);
      if (inner == nullptr) return where + " has a stray " + std::string(name);
      const std::string found =
          offence(member, inner->as_object(), where + "." + std::string(name));
      if (!found.empty()) return found;
    }
  }
  if (const json::value* items = schema.if_contains("items")) {
    for (const auto& item : value.as_array()) {
      const std::string found = offence(item, items->as_object(), where + "[]");
      if (!found.empty()) return found;
    }
  }
  return {};
}

Report sample() {
  Report report("bench sample", 7);
  report.figure("told only", 3.5, "s");
  report.figure_at_most("latency", 4, "ms", 5);
  report.figure_at_least("throughput", 10, "orders/s", 10);
  report.check("lost", std::int64_t{0}, std::int64_t{0});
  report.check("conserved", true, true);
  report.check("hash", std::string("ab"), std::string("ab"));
  return report;
}

TEST(Report, FitsItsSchema) {
  const json::value schema = load_schema();
  EXPECT_EQ(offence(json::parse(sample().to_json()), schema.as_object(), "report"), "");
}

TEST(Report, TheSchemaRefusesWhatIsNotAReport) {
  const json::value schema = load_schema();
  json::value broken = json::parse(sample().to_json());
  broken.as_object().erase("holds");
  EXPECT_NE(offence(broken, schema.as_object(), "report"), "");
  broken = json::parse(sample().to_json());
  broken.at("figures").as_array()[0].at("value") = "fast";
  EXPECT_NE(offence(broken, schema.as_object(), "report"), "");
}

TEST(Report, HoldsOnlyWhenEverythingInItHolds) {
  EXPECT_TRUE(sample().holds());
  EXPECT_EQ(sample().exit_status(), 0);
  Report late = sample();
  late.figure_at_most("gap", 61, "ms", 60);
  EXPECT_FALSE(late.holds());
  Report slow = sample();
  slow.figure_at_least("rate", 1, "orders/s", 2);
  EXPECT_FALSE(slow.holds());
  Report lossy = sample();
  lossy.check("lost", std::int64_t{1}, std::int64_t{0});
  EXPECT_EQ(lossy.exit_status(), 1);
}

TEST(Report, AFigureThatCouldNotBeMeasuredMissesItsTarget) {
  Report report("bench", 0);
  report.figure_at_most("gap", std::numeric_limits<double>::quiet_NaN(), "ms", 60);
  EXPECT_FALSE(report.holds());
  const json::value parsed = json::parse(report.to_json());
  EXPECT_TRUE(parsed.at("figures").as_array()[0].at("value").is_null());
}

TEST(Report, ACheckOfOneTypeDoesNotPassAsAnother) {
  Report report("check", 0);
  report.check("lost", true, std::int64_t{1});
  EXPECT_FALSE(report.holds());
}

}  // namespace
}  // namespace okiagari::base
