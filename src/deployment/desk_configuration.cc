#include "deployment/desk_configuration.h"

#include <fmt/format.h>

#include <boost/json.hpp>
#include <filesystem>

#include "base/hash.h"
#include "base/whole_file.h"
#include "deployment/desk_people.h"
#include "desk/contact_tree.h"
#include "desk/notice_template.h"
#include "desk/regulators_file.h"
#include "desk/time_zone.h"

namespace okiagari::deployment {

namespace {

desk::Entry make_entry(std::string type, boost::json::object body) {
  desk::Entry entry;
  entry.type = std::move(type);
  entry.by = "desk";
  entry.body = std::move(body);
  const std::string text = boost::json::serialize(entry.body);
  entry.request =
      fmt::format("configuration/{}/{:016x}", entry.type, base::hash64(base::as_bytes(text)));
  return entry;
}

boost::json::array channels(const DeskSettings& settings) {
  boost::json::array array;
  if (!settings.bundle_folder.empty()) {
    array.push_back({{"id", "page"}, {"kind", "file"}, {"with", boost::json::object{}}});
  }
  for (const DeskSettings::NoticeMail& mail : settings.notice_mails) {
    array.push_back({{"id", fmt::format("mail/{}", mail.to)},
                     {"kind", "mail"},
                     {"with", {{"to", mail.to}, {"language", mail.language}}}});
  }
  return array;
}

boost::json::object component(std::string id, const char* kind, std::string en, std::string ja) {
  return {{"id", std::move(id)}, {"kind", kind}, {"name", {{"en", en}, {"ja", ja}}}};
}

// The real units of the market, as the public knows them.
boost::json::array components(const DeskSettings& settings, const DeploymentFile& market) {
  boost::json::array array;
  for (const GatewayPlace& place : market.gateways) {
    array.push_back(component(fmt::format("gateway-{}", place.gateway), "order_entry",
                              fmt::format("Order entry, gateway {}", place.gateway),
                              fmt::format("注文受付（ゲートウェイ{}）", place.gateway)));
  }
  array.push_back(component("matching", "matching", "Matching", "売買のマッチング"));
  for (const DeskSettings::Component& one : settings.components) {
    array.push_back(component(one.id, "matching", one.name_en, one.name_ja));
    array.back().get_object()["of"] = one.of;
  }
  array.push_back(component("feed", "market_data", "Market data", "相場配信"));
  return array;
}

boost::json::array operators(const DeploymentFile& market) {
  boost::json::array array;
  for (const OperatorPlace& place : market.operators) {
    array.push_back({{"id", place.id},
                     {"name", place.name},
                     {"public_key", place.public_key},
                     {"stop_only", place.stop_only}});
  }
  return array;
}

}  // namespace

base::Result<std::vector<desk::Entry>> configuration_entries(const DeskSettings& settings,
                                                             const DeploymentFile& market,
                                                             const DeskSecrets& secrets) {
  std::vector<desk::Entry> entries;
  entries.push_back(make_entry("component.define", {{"components", components(settings, market)}}));
  entries.push_back(make_entry("approval.operators", {{"operators", operators(market)}}));
  entries.push_back(make_entry("notice.clock", {{"every_s", settings.updates.every_s},
                                                {"warn_after_s", settings.updates.warn_after_s},
                                                {"limit_s", settings.updates.limit_s}}));
  auto zone = desk::TimeZone::of_system(settings.zone);
  if (!zone) return zone.error();
  entries.push_back(make_entry("maintenance.zone", {{"zone", zone.value().to_json()}}));
  if (!settings.contacts_path.empty()) {
    auto text = base::read_whole_file(settings.contacts_path);
    if (!text) return text.error();
    auto body = desk::make_contact_body(text.value(), settings.contacts_path);
    if (!body) return body.error();
    entries.push_back(make_entry("contact.tree", std::move(body.value())));
  }
  if (!settings.notices_path.empty()) {
    auto templates = desk::NoticeTemplates::load(settings.notices_path);
    if (!templates) return templates.error();
    entries.push_back(make_entry("notice.templates", {{"templates", templates.value().to_json()}}));
    entries.push_back(make_entry("notice.channels", {{"channels", channels(settings)}}));
  }
  if (!settings.regulators_path.empty()) {
    auto body = desk::load_regulators(settings.regulators_path);
    if (!body) return body.error();
    entries.push_back(make_entry("clock.regimes", std::move(body.value())));
  }
  if (!settings.people_path.empty()) {
    auto people = load_people(settings.people_path);
    if (!people) return people.error();
    for (const desk::NewAccount& person : people.value()) {
      auto entry = desk::account_entry(person, "desk", secrets.second_factor_key);
      if (!entry) return entry.error();
      // Passwords are hashed anew each time; the person is the same.
      entry.value().request = fmt::format("configuration/account/{}", person.login);
      entries.push_back(std::move(entry.value()));
    }
  }
  return entries;
}

}  // namespace okiagari::deployment
