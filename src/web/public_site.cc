#include "web/public_site.h"

#include <fmt/format.h>

#include <boost/json.hpp>

#include "base/hash.h"
#include "net/http_target.h"
#include "net/problem.h"
#include "web/ed25519_pem.h"
#include "web/feeds.h"
#include "web/status_palette.h"
#include "web/statuspage_json.h"
#include "web/work_page.h"

namespace okiagari::web {

namespace {

constexpr TimestampNs kMinuteNs = 60'000'000'000;
constexpr std::string_view kHtml = "text/html; charset=utf-8";

net::HttpResponse content(std::string_view type, std::string body) {
  net::HttpResponse response;
  response.headers = {{"Content-Type", std::string(type)},
                      {"Cache-Control", "public, max-age=5"},
                      {"X-Content-Type-Options", "nosniff"},
                      {"Referrer-Policy", "no-referrer"}};
  if (type == kHtml) {
    response.headers.emplace_back(
        "Content-Security-Policy",
        "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; "
        "frame-ancestors 'none'");
  } else {
    response.headers.emplace_back("Access-Control-Allow-Origin", "*");
  }
  response.body = std::move(body);
  return response;
}

std::string_view after(std::string_view path, std::string_view prefix) {
  return path.starts_with(prefix) ? path.substr(prefix.size()) : std::string_view{};
}

Language language_of(const net::HttpParameters& form) {
  const auto found = form.find("language");
  return found != form.end() && found->second == "en" ? Language::en : Language::ja;
}

}  // namespace

PublicView PublicSite::view() const { return public_view(port_.desk(), settings_, clock_()); }

std::optional<net::HttpResponse> PublicSite::serve(const net::HttpRequest& request) {
  if (request.method == net::HttpMethod::post) return form(request);
  if (request.method != net::HttpMethod::get) return std::nullopt;
  if (request.path == "/subscriptions/confirm" || request.path == "/subscriptions/leave") {
    const bool is_leaving = request.path == "/subscriptions/leave";
    return answer_link(request, is_leaving,
                       preferred_language(request.header("accept-language").value_or("")));
  }
  if (auto found = page(request)) return found;
  return file(request.path);
}

std::optional<net::HttpResponse> PublicSite::page(const net::HttpRequest& request) const {
  std::string_view path = request.path;
  PageStyle style;
  if (path == "/") {
    style.language = preferred_language(request.header("accept-language").value_or(""));
    net::HttpResponse response = content(kHtml, status_page(view(), style));
    response.headers.emplace_back("Vary", "Accept-Language");
    return response;
  }
  if (path != "/ja" && path != "/en" && !path.starts_with("/ja/") && !path.starts_with("/en/")) {
    return std::nullopt;
  }
  style.language = path.starts_with("/ja") ? Language::ja : Language::en;
  path.remove_prefix(3);
  const PublicView now = view();
  if (path.empty() || path == "/") return content(kHtml, status_page(now, style));
  if (path == "/history") return content(kHtml, history_page(now, style));
  if (path == "/maintenance") return content(kHtml, work_page(now, style));
  if (path == "/verify") return content(kHtml, verify_page(now, style));
  const PublicIncident* incident = now.find(after(path, "/incidents/"));
  if (incident != nullptr) return content(kHtml, incident_page(now, *incident, style));
  return answered(404,
                  {{"Not found", "ページがありません"},
                   {"There is no such page.", "そのページはありません。"},
                   {},
                   {},
                   {}},
                  style.language);
}

std::optional<net::HttpResponse> PublicSite::file(std::string_view path) const {
  if (path == "/status.css") return content("text/css; charset=utf-8", status_css());
  if (path == "/history.atom") {
    return content("application/atom+xml; charset=utf-8", atom_feed(view()));
  }
  if (path == "/history.rss") {
    return content("application/rss+xml; charset=utf-8", rss_feed(view()));
  }
  if (path == "/maintenance.ics") {
    return content("text/calendar; charset=utf-8", maintenance_calendar(view()));
  }
  if (path == "/key.pem") {
    const PublicView now = view();
    if (now.public_key.empty()) return net::problem(404, "notices are not signed at present");
    return content("application/x-pem-file", ed25519_pem(now.public_key));
  }
  if (const std::string_view rest = after(path, "/api/v2/"); !rest.empty()) {
    auto body = statuspage_json(view(), rest);
    if (!body) return std::nullopt;
    return content("application/json; charset=utf-8", std::move(*body));
  }
  return notice_file(after(path, "/notices/"));
}

std::optional<net::HttpResponse> PublicSite::notice_file(std::string_view path) const {
  if (!path.ends_with(".txt") && !path.ends_with(".sig")) return std::nullopt;
  const auto* notices = port_.desk().part<desk::Notices>();
  const desk::Notice* notice =
      notices == nullptr ? nullptr : notices->find(path.substr(0, path.size() - 4));
  if (notice == nullptr || notice->state != desk::NoticeState::released) return std::nullopt;
  if (path.ends_with(".txt")) return content("text/plain; charset=utf-8", notice->signed_text);
  base::Signature signature{};
  if (!base::from_hex(notice->signature, signature)) return std::nullopt;
  return content("application/octet-stream",
                 {reinterpret_cast<const char*>(signature.data()), signature.size()});
}

net::HttpResponse PublicSite::answered(int status, const AnswerPage& answer,
                                       Language language) const {
  net::HttpResponse response = content(kHtml, answer_page(view(), answer, {language, {}}));
  response.status = status;
  for (auto& [name, value] : response.headers) {
    if (name == "Cache-Control") value = "no-store";
  }
  return response;
}

bool PublicSite::may_send_form(const std::string& peer) {
  const TimestampNs minute = clock_() / kMinuteNs;
  if (minute != minute_) forms_.clear();
  minute_ = minute;
  if (forms_.size() >= kPeersMax && !forms_.contains(peer)) return false;
  return ++forms_[peer] <= kFormsPerMinuteMax;
}

std::optional<net::HttpResponse> PublicSite::form(const net::HttpRequest& request) {
  const bool is_confirming = request.path == "/subscriptions/confirm";
  const bool is_leaving = request.path == "/subscriptions/leave";
  if (request.path != "/subscriptions" && !is_confirming && !is_leaving) return std::nullopt;
  if (!port_.leads()) {
    const std::string leader = port_.leader_url();
    if (leader.empty()) return net::problem(503, "no desk leads at present; try again");
    net::HttpResponse elsewhere;
    elsewhere.status = 307;
    elsewhere.headers = {{"Location", leader + request.target}};
    return elsewhere;
  }
  auto form = net::parse_parameters(request.body);
  if (!form) return net::problem(400, form.error().message);
  const Language language = language_of(form.value());
  // Whoever leaves is never held up.
  if (!is_leaving && !may_send_form(request.peer)) {
    return net::problem(429, "too many forms from this address; try again in a minute");
  }
  if (!is_confirming && !is_leaving) return subscribe(form.value(), language);
  return answer_link(request, is_leaving, language);
}

net::HttpResponse PublicSite::subscribe(const net::HttpParameters& form, Language language) {
  const auto found = form.find("target");
  const std::string target = found == form.end() ? std::string() : found->second;
  const bool is_webhook = desk::is_webhook_target(target);
  if (!is_webhook && !desk::is_mail_target(target)) {
    return answered(
        400,
        {{"Not subscribed", "登録できません"},
         {"This is no mail address and no URL that begins with https://. Go back and "
          "correct it.",
          "メールアドレスでも https:// で始まる URL でもありません。戻って修正してください。"},
         {},
         {},
         {}},
        language);
  }
  const std::string kind = is_webhook ? "webhook" : "mail";
  std::vector<std::string> components;
  boost::json::array names;
  if (const auto* known = port_.desk().part<desk::Components>()) {
    for (const desk::Component& component : known->all()) {
      if (!form.contains("component-" + component.id)) continue;
      components.push_back(component.id);
      names.emplace_back(component.id);
    }
  }
  const std::string id = tokens_.id_of(kind, target);
  const auto link = [&](std::string_view what, const std::string& token) {
    return fmt::format("{}/subscriptions/{}?id={}&token={}", settings_.url, what, id, token);
  };
  submit(
      "subscription.request",
      {{"id", id},
       {"kind", kind},
       {"target", target},
       {"language", to_string(language)},
       {"components", std::move(names)},
       {"confirm_url", link("confirm", tokens_.confirm_token(id, components, to_string(language)))},
       {"unsubscribe_url", link("leave", tokens_.leave_token(id))}});
  // The same answer whether it was known or not: nobody learns who subscribes.
  return answered(202,
                  {{"One step more", "確認のお願い"},
                   {"If the address can be subscribed, a confirmation is on its way. Open the link "
                    "in it. A second one is sent at the earliest after ten minutes.",
                    "登録できる宛先であれば、確認の連絡を送りました。記載のリンクを開いてください。"
                    "再送は10分後から可能です。"},
                   {},
                   {},
                   {}},
                  language);
}

bool PublicSite::is_token_good(const net::HttpParameters& query, bool is_leaving) const {
  const auto id = query.find("id");
  const auto token = query.find("token");
  if (id == query.end() || token == query.end()) return false;
  if (is_leaving) return is_same_token(token->second, tokens_.leave_token(id->second));
  const auto* subscriptions = port_.desk().part<desk::Subscriptions>();
  const desk::Subscription* known =
      subscriptions == nullptr ? nullptr : subscriptions->find(id->second);
  if (known == nullptr) return false;
  return is_same_token(token->second, tokens_.confirm_token(id->second, known->wanted_components,
                                                            known->wanted_language));
}

// A link that is opened only shows a button: programs that look at links in mail change nothing.
// A mail program that leaves with one click sends the form at once (RFC 8058).
net::HttpResponse PublicSite::answer_link(const net::HttpRequest& request, bool is_leaving,
                                          Language language) {
  if (!is_token_good(request.query, is_leaving)) {
    return answered(
        403,
        {{"This link is no longer good", "リンクが無効です"},
         {"It is incomplete, or a newer one was sent. Subscribe again to get one.",
          "リンクが不完全か、より新しいリンクが送られています。もう一度登録してください。"},
         {},
         {},
         {}},
        language);
  }
  const desk::Words title = is_leaving ? desk::Words{"Unsubscribe", "配信停止"}
                                       : desk::Words{"Confirm your subscription", "登録の確認"};
  if (request.method == net::HttpMethod::get) {
    return answered(
        200, {title, {"Press the button.", "ボタンを押してください。"}, request.target, {}, title},
        language);
  }
  submit(is_leaving ? "subscription.leave" : "subscription.confirm",
         {{"id", request.query.at("id")}});
  const desk::Words done = is_leaving
                               ? desk::Words{"You will get no more.", "今後は配信されません。"}
                               : desk::Words{"You will be told.", "今後お知らせを配信します。"};
  return answered(200, {title, done, {}, {}, {}}, language);
}

void PublicSite::submit(std::string type, boost::json::object body) {
  desk::Entry entry;
  entry.type = std::move(type);
  entry.by = "public";
  entry.body = std::move(body);
  port_.submit(std::move(entry), [](base::Status, std::uint64_t) {});
}

}  // namespace okiagari::web
