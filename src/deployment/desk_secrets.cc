#include "deployment/desk_secrets.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sodium.h>
#include <unistd.h>

#include <boost/json.hpp>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <utility>

#include "base/hash.h"

namespace okiagari::deployment {

namespace {

std::array<std::pair<const char*, DeskSecrets::Key*>, 5> keys_of(DeskSecrets& secrets) {
  return {{{"notice_seed", &secrets.notice_seed},
           {"link_key", &secrets.link_key},
           {"session_key", &secrets.session_key},
           {"alert_key", &secrets.alert_key},
           {"second_factor_key", &secrets.second_factor_key}}};
}

base::Result<DeskSecrets> make(const std::string& path) {
  DeskSecrets secrets;
  boost::json::object object;
  for (const auto& [name, key] : keys_of(secrets)) {
    randombytes_buf(key->data(), key->size());
    object[name] = base::to_hex(*key);
  }
  const std::string text = boost::json::serialize(object) + "\n";
  const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (file < 0) return base::Error{fmt::format("{}: cannot be made", path)};
  const auto written = ::write(file, text.data(), text.size());
  const bool is_good =
      written == static_cast<ssize_t>(text.size()) && ::fsync(file) == 0 && ::close(file) == 0;
  if (!is_good) return base::Error{fmt::format("{}: cannot be written", path)};
  return secrets;
}

}  // namespace

base::Result<DeskSecrets> load_or_make_secrets(const std::string& path) {
  std::error_code error;
  if (!std::filesystem::exists(path, error)) return make(path);
  const auto permissions = std::filesystem::status(path, error).permissions();
  using std::filesystem::perms;
  if ((permissions & (perms::group_all | perms::others_all)) != perms::none) {
    return base::Error{
        fmt::format("{}: others may read it; chmod 600 it, and if they may have, "
                    "make a new one",
                    path)};
  }
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  boost::system::error_code wrong;
  const boost::json::value value = boost::json::parse(text.str(), wrong);
  DeskSecrets secrets;
  for (const auto& [name, key] : keys_of(secrets)) {
    const boost::json::value* hex =
        wrong || !value.is_object() ? nullptr : value.get_object().if_contains(name);
    if (hex == nullptr || !hex->is_string() || !base::from_hex(hex->get_string(), *key)) {
      return base::Error{fmt::format("{}: '{}' is no key of 64 hex digits", path, name)};
    }
  }
  return secrets;
}

}  // namespace okiagari::deployment
