#include "desk/outgoing.h"

#include <date/date.h>
#include <fmt/format.h>
#include <sodium.h>

#include <algorithm>
#include <array>
#include <boost/json.hpp>

#include "base/base64.h"
#include "desk/mail_message.h"
#include "desk/page_message.h"

namespace okiagari::desk {

namespace {

namespace json = boost::json;

constexpr TimestampNs kSecondNs = 1'000'000'000;
// An alert whose end nobody tells ends by itself.
constexpr TimestampNs kAlertLivesNs = 4 * 3'600 * kSecondNs;
constexpr std::size_t kSummaryBytesMax = 1'000;
constexpr std::array<std::string_view, 5> kKinds = {"mail", "webhook", "pagerduty", "alertmanager",
                                                    "siren"};

std::string rfc3339(TimestampNs at_ns) {
  const date::sys_time<std::chrono::milliseconds> at{
      std::chrono::milliseconds(static_cast<std::int64_t>(at_ns / 1'000'000))};
  return date::format("%FT%TZ", at);
}

TimestampNs time_or(const json::object& what, std::string_view key, TimestampNs otherwise) {
  const std::int64_t at_ns = number_or(what, key, 0);
  return at_ns > 0 ? static_cast<TimestampNs>(at_ns) : otherwise;
}

// Not in the middle of a character.
std::string cut(std::string text, std::size_t bytes_max) {
  if (text.size() <= bytes_max) return text;
  while (bytes_max > 0 && (static_cast<unsigned char>(text[bytes_max]) & 0xc0) == 0x80) --bytes_max;
  text.resize(bytes_max);
  return text;
}

// Empty for what is no call.
std::string acknowledge_url(const Effect& effect, const CourierSettings& settings) {
  if (effect.owner != "page") return {};
  AckClaim claim;
  claim.incident = effect.incident;
  claim.step = static_cast<std::uint32_t>(number_or(effect.what, "step", 0));
  claim.person = text_or(effect.what, "person");
  claim.expires_s = number_or(effect.what, "expires_s", 0);
  return fmt::format("{}/ack/{}", settings.public_url, make_ack_token(claim, settings.ack_key));
}

std::string text_with_link(const Effect& effect, const std::string& url) {
  std::string text = text_or(effect.what, "text");
  for (std::size_t at = text.find(kAcknowledgeHere); at != std::string::npos;
       at = text.find(kAcknowledgeHere, at + url.size())) {
    text.replace(at, kAcknowledgeHere.size(), url);
  }
  return text;
}

base::Result<std::string> secret_of(const Effect& effect, const CourierSettings& settings) {
  const std::string name = text_or(effect.what, "secret");
  const auto found = settings.secrets.find(name);
  if (found == settings.secrets.end()) {
    return base::Error{fmt::format("this desk's courier settings have no secret '{}'", name)};
  }
  return found->second;
}

base::Result<Outgoing> make_mail(const Effect& effect, const CourierSettings& settings,
                                 TimestampNs wall_ns) {
  if (settings.mail.host.empty()) {
    return base::Error{"this desk's courier settings have no [mail]"};
  }
  MailMessage mail;
  mail.from = settings.mail.from;
  mail.from_name = settings.mail.from_name;
  mail.to = text_or(effect.what, "to");
  if (mail.to.find('@') == std::string::npos ||
      mail.to.find_first_of("<>\r\n ") != std::string::npos) {
    return base::Error{fmt::format("'{}' is no mail address", mail.to)};
  }
  mail.to_name = text_or(effect.what, "name");
  mail.subject = text_or(effect.what, "subject");
  mail.text = text_with_link(effect, acknowledge_url(effect, settings));
  mail.key = effect.key;
  mail.thread = effect.incident;
  mail.language = text_or(effect.what, "language", "ja");
  mail.is_urgent = number_or(effect.what, "severity", 4) == 1;
  mail.at_ns = time_or(effect.what, "at_ns", wall_ns);
  if (const json::value* headers = effect.what.if_contains("headers"); headers != nullptr) {
    if (const json::object* object = headers->if_object()) {
      for (const auto& header : *object) {
        if (!header.value().is_string()) continue;
        mail.headers.emplace_back(header.key(), header.value().get_string());
      }
    }
  }
  return Outgoing{OutgoingMail{mail.from, mail.to, to_mime(mail)}};
}

base::Result<Outgoing> make_webhook(const Effect& effect, const CourierSettings& settings,
                                    TimestampNs wall_ns) {
  json::object data = effect.what;
  // Who is called and where is between the desk and him alone.
  data.erase("secret");
  data.erase("answer");
  const std::string url = acknowledge_url(effect, settings);
  if (!url.empty()) {
    data["text"] = text_with_link(effect, url);
    data["acknowledge_url"] = url;
  }
  const json::object event{{"specversion", "1.0"},
                           {"id", effect.key},
                           {"source", settings.public_url},
                           {"type", fmt::format("okiagari.{}", effect.owner)},
                           {"subject", effect.incident.empty() ? effect.key : effect.incident},
                           {"time", rfc3339(time_or(effect.what, "at_ns", effect.added_ns))},
                           {"datacontenttype", "application/json"},
                           {"data", std::move(data)}};
  HttpPost post;
  post.url = text_or(effect.what, "to");
  post.body = json::serialize(event);
  const auto at_s = static_cast<std::int64_t>(wall_ns / kSecondNs);
  post.headers = {"Content-Type: application/cloudevents+json; charset=utf-8",
                  fmt::format("webhook-id: {}", effect.key),
                  fmt::format("webhook-timestamp: {}", at_s)};
  // Those whom the public registered have no secret between them and the desk.
  if (!text_or(effect.what, "secret").empty()) {
    auto secret = secret_of(effect, settings);
    if (!secret) return secret.error();
    post.headers.push_back("webhook-signature: " +
                           webhook_signature(secret.value(), effect.key, at_s, post.body));
  }
  return Outgoing{std::move(post)};
}

// The key of what was called, for the news about it too.
std::string key_of_call(const Effect& effect) {
  const std::string action = "/" + text_or(effect.what, "action");
  return effect.key.ends_with(action) ? effect.key.substr(0, effect.key.size() - action.size())
                                      : effect.key;
}

base::Result<Outgoing> make_pagerduty(const Effect& effect, const CourierSettings& settings,
                                      TimestampNs) {
  auto secret = secret_of(effect, settings);
  if (!secret) return secret.error();
  const std::int64_t severity = number_or(effect.what, "severity", 4);
  const std::string url = acknowledge_url(effect, settings);
  json::object event{{"routing_key", secret.value()},
                     {"event_action", text_or(effect.what, "action", "trigger")},
                     {"dedup_key", cut(key_of_call(effect), 255)},
                     {"client", "Okiagari"},
                     {"client_url", settings.public_url}};
  event["payload"] = {{"summary", cut(text_or(effect.what, "subject"), kSummaryBytesMax)},
                      {"source", settings.public_url},
                      {"severity", severity <= 1   ? "critical"
                                   : severity == 2 ? "error"
                                                   : "warning"},
                      {"timestamp", rfc3339(time_or(effect.what, "began_ns", effect.added_ns))},
                      {"component", "market"},
                      {"group", effect.incident},
                      {"custom_details", json::object{{"text", text_with_link(effect, url)}}}};
  if (!url.empty()) {
    event["links"] = json::array{json::object{{"href", url}, {"text", "acknowledge / 応答"}}};
  }
  return Outgoing{HttpPost{
      text_or(effect.what, "to"), {"Content-Type: application/json"}, json::serialize(event)}};
}

base::Result<Outgoing> make_alert(const Effect& effect, const CourierSettings& settings,
                                  TimestampNs wall_ns) {
  // It pages until it is told that it is over: an acknowledgement is the end of its calling.
  const bool is_over = text_or(effect.what, "action", "trigger") != "trigger";
  json::object alert;
  alert["labels"] = {{"alertname", "OkiagariIncident"},
                     {"incident", effect.incident},
                     {"severity", fmt::format("P{}", number_or(effect.what, "severity", 4))},
                     {"person", text_or(effect.what, "person")},
                     {"page", key_of_call(effect)}};
  alert["annotations"] = {
      {"summary", text_or(effect.what, "subject")},
      {"description", text_with_link(effect, acknowledge_url(effect, settings))}};
  const TimestampNs began_ns = time_or(effect.what, "began_ns", effect.added_ns);
  alert["startsAt"] = rfc3339(began_ns);
  alert["endsAt"] = rfc3339(is_over ? std::max(wall_ns, began_ns + 1) : wall_ns + kAlertLivesNs);
  alert["generatorURL"] = settings.public_url;
  std::string url = text_or(effect.what, "to");
  while (url.ends_with('/')) url.pop_back();
  return Outgoing{HttpPost{url + "/api/v2/alerts",
                           {"Content-Type: application/json"},
                           json::serialize(json::array{alert})}};
}

base::Result<Outgoing> make_siren(const Effect& effect, const CourierSettings& settings,
                                  TimestampNs) {
  const std::string name = text_or(effect.what, "to");
  const auto found = settings.sirens.find(name);
  if (found == settings.sirens.end()) {
    return base::Error{fmt::format("this desk's courier settings have no siren '{}'", name)};
  }
  SirenCommand siren;
  siren.command = found->second;
  const auto set = [&](std::string_view key, std::string value) {
    value.erase(std::remove(value.begin(), value.end(), '\0'), value.end());
    siren.environment.push_back(fmt::format("OKIAGARI_{}={}", key, value));
  };
  set("KEY", effect.key);
  set("INCIDENT", effect.incident);
  set("SEVERITY", fmt::format("{}", number_or(effect.what, "severity", 4)));
  set("SUBJECT", text_or(effect.what, "subject"));
  siren.environment.emplace_back("PATH=/usr/local/bin:/usr/bin:/bin");
  return Outgoing{std::move(siren)};
}

}  // namespace

bool is_carried(std::string_view kind) {
  return std::find(kKinds.begin(), kKinds.end(), kind) != kKinds.end();
}

base::Result<Outgoing> make_outgoing(const Effect& effect, const CourierSettings& settings,
                                     TimestampNs wall_ns) {
  if (effect.kind == "mail") return make_mail(effect, settings, wall_ns);
  if (effect.kind == "webhook") return make_webhook(effect, settings, wall_ns);
  if (effect.kind == "pagerduty") return make_pagerduty(effect, settings, wall_ns);
  if (effect.kind == "alertmanager") return make_alert(effect, settings, wall_ns);
  if (effect.kind == "siren") return make_siren(effect, settings, wall_ns);
  return base::Error{fmt::format("the courier does not carry '{}'", effect.kind)};
}

std::string webhook_signature(std::string_view secret, std::string_view id, std::int64_t at_s,
                              std::string_view body) {
  constexpr std::string_view kPrefix = "whsec_";
  std::string key(secret);
  if (secret.starts_with(kPrefix)) {
    if (auto decoded = base::from_base64(secret.substr(kPrefix.size()))) key = *decoded;
  }
  const std::string message = fmt::format("{}.{}.{}", id, at_s, body);
  std::array<unsigned char, crypto_auth_hmacsha256_BYTES> hash;
  crypto_auth_hmacsha256_state state;
  crypto_auth_hmacsha256_init(&state, reinterpret_cast<const unsigned char*>(key.data()),
                              key.size());
  crypto_auth_hmacsha256_update(&state, reinterpret_cast<const unsigned char*>(message.data()),
                                message.size());
  crypto_auth_hmacsha256_final(&state, hash.data());
  return "v1," + base::to_base64({reinterpret_cast<const char*>(hash.data()), hash.size()});
}

Fate fate_of_status(long status) {
  if (status >= 200 && status < 300) return Fate::done;
  if (status == 408 || status == 425 || status == 429 || status >= 500) return Fate::try_again;
  return Fate::refused;
}

}  // namespace okiagari::desk
