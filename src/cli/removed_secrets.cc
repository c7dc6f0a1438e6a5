#include "cli/removed_secrets.h"

#include <algorithm>
#include <array>
#include <boost/json.hpp>
#include <filesystem>
#include <functional>

#include "base/whole_file.h"
#include "deployment/deployment_file.h"

namespace okiagari::cli {

namespace {

constexpr std::string_view kRemoved = "[removed]";
constexpr std::size_t kTextBytesMax = 16u << 20;
constexpr std::array<std::string_view, 11> kNames = {
    "token",         "password", "passphrase", "secret",  "seed",       "private",
    "second_factor", "ack_key",  "alert_key",  "url_key", "routing_key"};

bool is_secret_name(std::string_view name) {
  return std::any_of(kNames.begin(), kNames.end(), [&](std::string_view part) {
    return name.find(part) != std::string_view::npos;
  });
}

void remove_in(boost::json::value& value) {
  if (value.is_array()) {
    for (boost::json::value& item : value.get_array()) remove_in(item);
  }
  if (!value.is_object()) return;
  for (auto& member : value.get_object()) {
    const bool is_plain = !member.value().is_object() && !member.value().is_array();
    if (is_secret_name(member.key()) && is_plain) {
      member.value() = kRemoved;
    } else {
      remove_in(member.value());
    }
  }
}

// "name = value" loses its value; what is no such line stays.
std::string without_toml_secret(std::string_view line) {
  const std::size_t equals = line.find('=');
  if (equals == std::string_view::npos || !is_secret_name(line.substr(0, equals))) {
    return std::string(line);
  }
  return std::string(line.substr(0, equals)) + "= \"" + std::string(kRemoved) + "\"";
}

// Every text in a JSON document, or only those under names of secrets.
void texts_in(const boost::json::value& value, bool all,
              const std::function<void(std::string)>& take) {
  if (value.is_array()) {
    for (const boost::json::value& item : value.get_array()) texts_in(item, all, take);
  }
  if (!value.is_object()) return;
  for (const auto& member : value.get_object()) {
    if (member.value().is_string() && (all || is_secret_name(member.key()))) {
      take(std::string(member.value().get_string()));
    } else {
      texts_in(member.value(), all, take);
    }
  }
}

void read_json(const std::string& path, bool all, const std::function<void(std::string)>& take) {
  const auto text = base::read_whole_file(path, kTextBytesMax);
  if (!text) return;
  boost::system::error_code error;
  const boost::json::value value = boost::json::parse(text.value(), error);
  if (!error) texts_in(value, all, take);
}

// Values of TOML lines under names of secrets.
void read_toml(const std::string& path, const std::function<void(std::string)>& take) {
  const auto text = base::read_whole_file(path, kTextBytesMax);
  if (!text) return;
  std::string_view rest = text.value();
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find('\n'), rest.size());
    const std::string_view line = rest.substr(0, end);
    rest.remove_prefix(std::min(rest.size(), end + 1));
    const std::size_t equals = line.find('=');
    if (equals == std::string_view::npos || !is_secret_name(line.substr(0, equals))) continue;
    const std::size_t from = line.find('"', equals);
    const std::size_t to = line.rfind('"');
    if (from != std::string_view::npos && to > from) {
      take(std::string(line.substr(from + 1, to - from - 1)));
    }
  }
}

}  // namespace

std::string without_named_secrets(std::string_view text) {
  boost::system::error_code error;
  boost::json::value value = boost::json::parse(text, error);
  if (!error) {
    remove_in(value);
    return boost::json::serialize(value) + "\n";
  }
  std::string cleaned;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    cleaned += without_toml_secret(text.substr(0, end)) + "\n";
    text.remove_prefix(std::min(text.size(), end + 1));
  }
  return cleaned;
}

void KnownSecrets::add(std::string secret) {
  if (secret.size() < kBytesMin) return;
  const auto place = std::find_if(secrets_.begin(), secrets_.end(), [&](const std::string& known) {
    return known.size() <= secret.size();
  });
  secrets_.insert(place, std::move(secret));
}

void KnownSecrets::read(const std::string& market_folder) {
  const auto take = [this](std::string secret) { add(std::move(secret)); };
  read_json(deployment::DeploymentFile::path_in(market_folder), false, take);
  read_json(market_folder + "/desk/people.json", false, take);
  read_json(market_folder + "/desk/secrets.json", true, take);
  read_toml(market_folder + "/desk/courier.toml", take);
  read_toml(market_folder + "/credentials.toml", take);
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(market_folder + "/keys", error)) {
    read_json(entry.path().string(), false, take);
  }
}

std::string KnownSecrets::without(std::string text, std::size_t& removed) const {
  for (const std::string& secret : secrets_) {
    for (std::size_t at = text.find(secret); at != std::string::npos;
         at = text.find(secret, at + kRemoved.size())) {
      text.replace(at, secret.size(), kRemoved);
      ++removed;
    }
  }
  return text;
}

}  // namespace okiagari::cli
