#include "deployment/desk_settings.h"

#include <fmt/format.h>

#include "base/settings.h"
#include "net/endpoint_setting.h"

namespace okiagari::deployment {

namespace {

using base::Settings;
constexpr auto kRequired = Settings::Presence::required;

void read_timeouts(Settings table, journal::Timeouts& into) {
  table.integer("election_ms", into.election_ms, 50, 60'000);
  table.integer("heartbeat_ms", into.heartbeat_ms, 5, 5'000);
  table.integer("silence_ms", into.silence_ms, 20, 60'000);
}

void read_updates(Settings table, DeskSettings::Updates& into) {
  table.integer("every_s", into.every_s, 15, 900);
  table.integer("warn_after_s", into.warn_after_s, 1, 880);
  table.integer("limit_s", into.limit_s, 15, 1'800);
  if (into.warn_after_s + 10 >= into.every_s || into.limit_s < into.every_s) {
    table.refuse("every_s",
                 "'warn_after_s' is more than ten seconds before 'every_s', 'limit_s' not before");
  }
}

void read_measures(Settings table, desk::MeasureLimits& into) {
  table.integer("worse_after_ms", into.worse_after_ms, 0, 60'000);
  table.integer("better_after_ms", into.better_after_ms, 0, 600'000);
}

DeskSettings::Component read_component(Settings& table) {
  DeskSettings::Component component;
  table.text("id", component.id, kRequired);
  table.text("of", component.of, kRequired);
  table.text("name_en", component.name_en, kRequired);
  table.text("name_ja", component.name_ja, kRequired);
  if (!component.of.starts_with("segment ") && !component.of.starts_with("instrument ")) {
    table.refuse("of", "'of' is like 'segment 2' or 'instrument KBS1'");
  }
  return component;
}

base::Result<DeskSettings> read(base::Result<Settings> settings) {
  if (!settings) return settings.error();
  Settings& root = settings.value();
  DeskSettings desk;
  root.integer("cluster", desk.host.cluster, 1, ~std::uint64_t{0} >> 1, kRequired);
  root.integer("desk", desk.host.desk, 1, 65'535, kRequired);
  root.text("market", desk.market_folder, kRequired);
  root.text("playbook", desk.playbook_path, kRequired);
  root.text("contacts", desk.contacts_path);
  root.text("courier", desk.courier_path);
  root.text("people", desk.people_path);
  root.text("notices", desk.notices_path);
  root.text("zone", desk.zone);
  read_updates(root.table("updates"), desk.updates);
  root.text("regulators", desk.regulators_path);
  root.text("secrets", desk.secrets_path, kRequired);
  root.text("bundle", desk.bundle_folder);
  root.text("console", desk.console_folder);
  root.text("public_scheme", desk.host.public_scheme);
  read_timeouts(root.table("timeouts"), desk.host.timeouts);
  read_measures(root.table("measures"), desk.measures);
  for (Settings& table : root.tables("component")) {
    desk.components.push_back(read_component(table));
  }
  for (Settings& table : root.tables("notice_mail")) {
    DeskSettings::NoticeMail& mail = desk.notice_mails.emplace_back();
    table.text("to", mail.to, kRequired);
    table.text("language", mail.language);
    if (mail.language != "ja" && mail.language != "en") {
      table.refuse("language", "'language' is ja or en");
    }
  }
  for (Settings& table : root.tables("server")) {
    desk::DeskPlace place;
    table.integer("desk", place.desk, 1, 65'535, kRequired);
    net::read_endpoint(table, "peers", place.peers, kRequired);
    net::read_endpoint(table, "http", place.http, kRequired);
    desk.host.desks.push_back(place);
  }
  const bool is_listed = desk.host.find(desk.host.desk) != nullptr;
  if (!is_listed) root.refuse("desk", "this desk is none of the [[server]] tables");
  if (base::Status status = root.finish(); !status) return status.error();
  return desk;
}

}  // namespace

base::Result<DeskSettings> load_desk_settings(const std::string& path) {
  return read(Settings::load(path));
}

base::Result<DeskSettings> parse_desk_settings(std::string_view text, const std::string& origin) {
  return read(Settings::parse(text, origin));
}

}  // namespace okiagari::deployment
