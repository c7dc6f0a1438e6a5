#include "deployment/desk_people.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sodium.h>
#include <unistd.h>

#include <array>
#include <boost/json.hpp>
#include <filesystem>
#include <fstream>
#include <span>
#include <sstream>

#include "base/hash.h"
#include "desk/entry.h"

namespace okiagari::deployment {

namespace {

// Enough different people for every act that takes two.
struct Role {
  const char* login;
  std::vector<std::string> roles;
};
const std::array<Role, 5>& cast() {
  static const std::array<Role, 5> people = {{
      {"operator-1", {"incident_commander", "market_ops_approver"}},
      {"operator-2", {"market_ops_approver", "technology_approver"}},
      {"operator-3", {"duty_officer", "comms_approver"}},
      {"operator-4", {"comms_approver", "compliance"}},
      {"admin", {"admin"}},
  }};
  return people;
}

std::string draw_password() {
  std::array<std::byte, 12> bytes{};
  randombytes_buf(bytes.data(), bytes.size());
  return base::to_hex(bytes);
}

std::string hex_of(const std::string& bytes) { return base::to_hex(base::as_bytes(bytes)); }

}  // namespace

base::Status make_people(const std::string& path, const DeploymentFile& market) {
  std::error_code error;
  if (std::filesystem::exists(path, error)) return {};
  boost::json::array people;
  for (const Role& role : cast()) {
    boost::json::object person{{"login", role.login},
                               {"password", draw_password()},
                               {"second_factor", hex_of(desk::make_totp_secret())},
                               {"roles", boost::json::array(role.roles.begin(), role.roles.end())}};
    for (const OperatorPlace& place : market.operators) {
      if (place.name != role.login) continue;
      person["operator"] = place.id;
      person["public_key"] = place.public_key;
    }
    people.push_back(std::move(person));
  }
  const std::string text = boost::json::serialize(people) + "\n";
  const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (file < 0) return base::Error{fmt::format("{}: cannot be made", path)};
  const auto written = ::write(file, text.data(), text.size());
  const bool is_good = written == static_cast<ssize_t>(text.size()) && ::close(file) == 0;
  return is_good ? base::Status() : base::Error{fmt::format("{}: cannot be written", path)};
}

base::Result<std::vector<desk::NewAccount>> load_people(const std::string& path) {
  using std::filesystem::perms;
  std::error_code error;
  const perms permissions = std::filesystem::status(path, error).permissions();
  if (error || (permissions & (perms::group_all | perms::others_all)) != perms::none) {
    return base::Error{fmt::format("{}: is not there, or others may read it; chmod 600 it", path)};
  }
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  boost::system::error_code wrong;
  const boost::json::value value = boost::json::parse(text.str(), wrong);
  if (wrong || !value.is_array()) {
    return base::Error{fmt::format("{}: is no list of people", path)};
  }
  std::vector<desk::NewAccount> people;
  for (const boost::json::value& one : value.get_array()) {
    if (!one.is_object()) return base::Error{fmt::format("{}: a person is no object", path)};
    const boost::json::object& object = one.get_object();
    desk::NewAccount account;
    account.login = desk::text_or(object, "login");
    account.name = account.login;
    account.password = desk::text_or(object, "password");
    const std::string hex = desk::text_or(object, "second_factor");
    account.totp_secret.resize(hex.size() / 2);
    if (!base::from_hex(hex, std::as_writable_bytes(std::span(account.totp_secret)))) {
      return base::Error{fmt::format("{}: a second factor is no hex", path)};
    }
    account.roles = desk::texts_of(object, "roles");
    account.operator_id = static_cast<std::uint16_t>(desk::number_or(object, "operator", 0));
    account.public_key = desk::text_or(object, "public_key");
    people.push_back(std::move(account));
  }
  return people;
}

}  // namespace okiagari::deployment
