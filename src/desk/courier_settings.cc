#include "desk/courier_settings.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <fstream>
#include <sstream>

#include "base/hash.h"
#include "base/settings.h"

namespace okiagari::desk {

namespace {

using base::Settings;
using Presence = base::Settings::Presence;

void read_mail(Settings& file, MailSettings& mail) {
  Settings table = file.table("mail");
  if (!table.text("host", mail.host)) return;
  table.integer("port", mail.port, 1, 65'535);
  std::string security = "starttls";
  table.text("security", security);
  if (security == "starttls") {
    mail.security = MailSecurity::starttls;
  } else if (security == "tls") {
    mail.security = MailSecurity::tls;
  } else if (security == "none") {
    mail.security = MailSecurity::none;
  } else {
    table.refuse("security", "'security' is \"starttls\", \"tls\" or \"none\"");
  }
  table.text("user", mail.user);
  table.text("password", mail.password);
  if (mail.security == MailSecurity::none && !mail.password.empty()) {
    table.refuse("security", "a password is not sent without TLS: use \"starttls\" or \"tls\"");
  }
  table.text("from", mail.from, Presence::required);
  const std::size_t at = mail.from.find('@');
  if (at == std::string::npos || at == 0 || at + 1 == mail.from.size() ||
      mail.from.find_first_of("<> \r\n") != std::string::npos) {
    table.refuse("from", "'from' is a mail address alone, as in desk@exchange.example");
  }
  table.text("from_name", mail.from_name);
}

void read_secrets(Settings& file, CourierSettings& settings) {
  for (Settings& table : file.tables("secret")) {
    std::string name, value;
    table.text("name", name, Presence::required);
    table.text("value", value, Presence::required);
    if (!settings.secrets.emplace(name, value).second) {
      table.refuse("name", fmt::format("the secret '{}' is there twice", name));
    }
  }
  for (Settings& table : file.tables("siren")) {
    std::string name;
    table.text("name", name, Presence::required);
    std::vector<std::string> command = table.texts("command");
    if (command.empty() || !command.front().starts_with('/')) {
      table.refuse("command", "'command' is a list: the program's full path and its arguments");
    }
    if (!settings.sirens.emplace(name, std::move(command)).second) {
      table.refuse("name", fmt::format("the siren '{}' is there twice", name));
    }
  }
}

}  // namespace

base::Result<CourierSettings> parse_courier_settings(std::string_view text,
                                                     const std::string& origin) {
  auto file = Settings::parse(text, origin);
  if (!file) return file.error();
  CourierSettings settings;
  Settings& root = file.value();
  read_mail(root, settings.mail);
  read_secrets(root, settings);
  root.text("public_url", settings.public_url, Presence::required);
  if (settings.public_url.find("://") == std::string::npos || settings.public_url.ends_with('/')) {
    root.refuse("public_url", "'public_url' is the desk's address, without a slash at its end");
  }
  std::string key;
  if (root.text("ack_key", key, Presence::required) && !base::from_hex(key, settings.ack_key)) {
    root.refuse("ack_key", "'ack_key' is 64 hexadecimal digits; `openssl rand -hex 32` makes one");
  }
  root.text("ca_file", settings.ca_file);
  root.text("proxy", settings.proxy);
  root.integer("connect_timeout_ms", settings.connect_timeout_ms, 1, 600'000);
  root.integer("http_timeout_ms", settings.http_timeout_ms, 1, 600'000);
  root.integer("mail_timeout_ms", settings.mail_timeout_ms, 1, 600'000);
  root.integer("siren_timeout_ms", settings.siren_timeout_ms, 1, 600'000);
  root.integer("in_flight_max", settings.in_flight_max, 1, 1'000);
  root.integer("per_host_max", settings.per_host_max, 1, 1'000);
  if (base::Status status = root.finish(); !status) return status.error();
  return settings;
}

base::Result<CourierSettings> load_courier_settings(const std::string& path) {
  struct stat about {};
  if (::stat(path.c_str(), &about) != 0) {
    return base::Error{fmt::format("{}: cannot be read; does the file exist?", path)};
  }
  if ((about.st_mode & 0077) != 0) {
    return base::Error{
        fmt::format("{}: others may read it, and it holds secrets: chmod 600 {}", path, path)};
  }
  std::ifstream file(path);
  std::ostringstream text;
  text << file.rdbuf();
  return parse_courier_settings(text.str(), path);
}

}  // namespace okiagari::desk
