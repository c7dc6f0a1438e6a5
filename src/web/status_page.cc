#include "web/status_page.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "desk/read_words.h"
#include "desk/time_text.h"
#include "web/ed25519_pem.h"
#include "web/markup.h"
#include "web/page_parts.h"
#include "web/work_page.h"

namespace okiagari::web {

namespace {

constexpr std::size_t kRecentMax = 10;
constexpr std::size_t kHistoryMax = 200;
constexpr std::size_t kOpenMax = 30;  // the rest is counted and linked

std::string_view css_of(std::string_view indicator) {
  if (indicator == "critical") return "major";
  if (indicator == "major") return "partial";
  return indicator == "minor" ? "degraded" : "operational";
}

std::string_view mark_of(std::string_view indicator) {
  if (indicator == "critical") return "✕";
  if (indicator == "major") return "◆";
  return indicator == "minor" ? "▲" : "✓";
}

std::string components_table(const PublicView& view, const PageStyle& style) {
  const Speaker say(style.language);
  std::string html = fmt::format(
      "<table><thead><tr><th scope=\"col\">{}</th><th scope=\"col\">{}</th></tr></thead><tbody>",
      say("対象", "Component"), say("状態", "State"));
  for (const PublicComponent& item : view.components) {
    const desk::Component& component = *item.component;
    html += fmt::format("<tr><th scope=\"row\">{}</th><td>{}", escaped(say(component.name)),
                        state_element(item.shown, style.language));
    if (component.said) {
      // Both are shown: what a person says, and what was measured.
      html += fmt::format(
          "<br><span class=\"soft\">{} {} ({} {}). {} </span>{}",
          say("担当者による表示:", "Set by a person:"), escaped(say(component.said->reason)),
          say("期限", "until"), time_element(component.said->until_ns, style.language),
          say("計測値:", "Measured:"), state_element(component.measured, style.language));
    }
    html += "</td></tr>";
  }
  return html + "</tbody></table>";
}

// "2026-11" as a heading.
std::string month_words(const std::string& month, Language language) {
  static constexpr std::array<std::string_view, 12> kNames = {
      "January", "February", "March",     "April",   "May",      "June",
      "July",    "August",   "September", "October", "November", "December"};
  std::size_t number = 0;
  std::from_chars(month.data() + 5, month.data() + month.size(), number);
  if (number < 1 || number > 12) return month;
  if (language == Language::ja) return fmt::format("{}年{}月", month.substr(0, 4), number);
  return fmt::format("{} {}", kNames.at(number - 1), month.substr(0, 4));
}

// Mark, word and colour of how bad it is; of what is over only the words.
std::string impact_element(const PublicIncident& incident, Language language) {
  const Speaker say(language);
  const std::string words =
      fmt::format("{} {}", say("影響度:", "Impact:"), say(impact_words(incident.impact)));
  if (incident.is_over()) return words;
  return fmt::format("<span class=\"state {}\"><span aria-hidden=\"true\">{}</span> {}</span>",
                     css_of(incident.impact), mark_of(incident.impact), words);
}

std::string incident_link(const PublicIncident& incident, const PageStyle& style,
                          std::string_view from) {
  return fmt::format("<a href=\"{}\">{}</a>",
                     style.links.to(page_name(style, "incidents/" + incident.id), from),
                     escaped(Speaker(style.language)(incident.title)));
}

// "1 h 05 min"; empty while it lasts.
std::string duration_of(const PublicIncident& incident, Language language) {
  if (incident.resolved_ns <= incident.began_ns) return {};
  const Speaker say(language);
  const std::uint64_t minutes = (incident.resolved_ns - incident.began_ns) / 60'000'000'000;
  if (minutes == 0) return std::string(say("1分未満", "under a minute"));
  if (minutes < 60) return fmt::format("{}{}", minutes, say("分", " min"));
  return fmt::format("{}{}{:02}{}", minutes / 60, say("時間", " h "), minutes % 60,
                     say("分", " min"));
}

std::string open_incidents(const PublicView& view, const PageStyle& style) {
  const Speaker say(style.language);
  const std::string page = page_name(style, "");
  std::string html;
  std::size_t count = 0;
  for (const PublicIncident& incident : view.incidents) {
    if (incident.is_over()) continue;
    if (++count > kOpenMax) continue;
    html +=
        fmt::format("<section class=\"incident\"><h3>{}</h3><p>{} · {} · {} {}</p>",
                    incident_link(incident, style, page), impact_element(incident, style.language),
                    say(status_words(incident.status)), say("発生:", "since"),
                    time_element(incident.began_ns, style.language));
    html += notice_article(*incident.notices.back(), style, page);
    if (incident.notices.size() > 1) {
      html += fmt::format("<p><a href=\"{}\">{}{}{}</a></p>",
                          style.links.to(page_name(style, "incidents/" + incident.id), page),
                          say("これまでのお知らせ ", "All "), incident.notices.size(),
                          say(" 件", " notices"));
    }
    html += "</section>";
  }
  if (count > kOpenMax) {
    html += fmt::format("<p><a href=\"{}\">{}{}{}</a></p>",
                        style.links.to(page_name(style, "history"), page), say("ほか ", ""),
                        count - kOpenMax, say(" 件", " more"));
  }
  if (count == 0) {
    html = fmt::format(
        "<p>{}</p>", say("現在、公表中の障害はありません。", "No incident is open at this time."));
  }
  return html;
}

// By month, the newest first; `level` of the months' headings.
std::string past_list(const PublicView& view, const PageStyle& style, std::string_view from,
                      std::size_t most, int level) {
  const Speaker say(style.language);
  std::string html;
  std::string month;
  std::size_t count = 0;
  for (const PublicIncident& incident : view.incidents) {
    const bool is_on_front = from == page_name(style, "");
    if ((is_on_front && !incident.is_over()) || ++count > most) continue;
    const std::string of = desk::jst_text(incident.began_ns).substr(0, 7);
    if (of != month) {
      html += fmt::format("{}<h{}>{}</h{}><ul class=\"past\">", month.empty() ? "" : "</ul>", level,
                          month_words(of, style.language), level);
      month = of;
    }
    const std::string lasted = duration_of(incident, style.language);
    html += fmt::format(
        "<li>{}<br><span class=\"soft\">{} · {} · {}", incident_link(incident, style, from),
        time_element(incident.began_ns, style.language), say(status_words(incident.status)),
        impact_element(incident, style.language));
    if (!lasted.empty()) html += fmt::format(" · {} {}", say("継続時間", "lasted"), lasted);
    html += "</span></li>";
  }
  if (html.empty()) return fmt::format("<p>{}</p>", say("ありません。", "None."));
  return html + "</ul>";
}

double quality_of(std::string_view item) {
  const std::size_t at = item.find("q=");
  if (at == std::string_view::npos) return 1;
  double quality = 0;
  std::from_chars(item.data() + at + 2, item.data() + item.size(), quality);
  return quality;
}

}  // namespace

std::string_view to_string(Language language) { return language == Language::ja ? "ja" : "en"; }

Language preferred_language(std::string_view accept) {
  double ja = 0;
  double en = 0;
  accept = accept.substr(0, 500);
  while (!accept.empty()) {
    const std::size_t comma = accept.find(',');
    std::string_view item = accept.substr(0, comma);
    accept.remove_prefix(comma == std::string_view::npos ? accept.size() : comma + 1);
    while (item.starts_with(' ')) item.remove_prefix(1);
    if (item.starts_with("ja")) ja = std::max(ja, quality_of(item));
    if (item.starts_with("en")) en = std::max(en, quality_of(item));
  }
  return en > ja ? Language::en : Language::ja;
}

std::string PageLinks::to(std::string_view page, std::string_view from) const {
  if (!is_bundle) return fmt::format("/{}", page);
  std::string link;
  for (std::size_t at = from.find('/'); at != std::string_view::npos; at = from.find('/', at + 1)) {
    link += "../";
  }
  const bool is_file = page.find('.') != std::string_view::npos;
  return fmt::format("{}{}{}", link, page, is_file ? "" : ".html");
}

std::string status_page(const PublicView& view, const PageStyle& style) {
  const Speaker say(style.language);
  const std::string page = page_name(style, "");
  std::string body =
      fmt::format("<p class=\"state summary {}\"><span aria-hidden=\"true\">{}</span> {}</p>",
                  css_of(view.indicator), mark_of(view.indicator), escaped(say(view.summary)));
  body += fmt::format("<h2>{}</h2>", say("対応中の障害", "Open incidents"));
  body += open_incidents(view, style);
  body += fmt::format("<h2>{}</h2>", say("各機能の状態", "Components"));
  body += components_table(view, style);
  body += fmt::format("<h2>{}</h2>", say("メンテナンス", "Maintenance"));
  body += coming_work(view, style);
  body += fmt::format("<h2>{}</h2>", say("最近の障害", "Recent incidents"));
  body += past_list(view, style, page, kRecentMax, 3);
  body += fmt::format("<h2>{}</h2>", say("配信登録", "Be told"));
  body += subscribe_form(view, style);
  return framed(view, style,
                {page, std::string(say("現在の状況", "Current status")), std::move(body)});
}

std::string history_page(const PublicView& view, const PageStyle& style) {
  const Speaker say(style.language);
  const std::string page = page_name(style, "history");
  return framed(view, style,
                {page, std::string(say("障害の履歴", "History of incidents")),
                 past_list(view, style, page, kHistoryMax, 2)});
}

std::string incident_page(const PublicView& view, const PublicIncident& incident,
                          const PageStyle& style) {
  const Speaker say(style.language);
  const std::string page = page_name(style, "incidents/" + incident.id);
  std::string body =
      fmt::format("<p><strong>{}</strong> · {} · {} {}", say(status_words(incident.status)),
                  impact_element(incident, style.language), say("発生:", "since"),
                  time_element(incident.began_ns, style.language));
  if (incident.resolved_ns != 0) {
    body += fmt::format(" · {} {}", say("復旧の公表:", "resolved, as told at"),
                        time_element(incident.resolved_ns, style.language));
  }
  body += "</p>";
  const std::string names = component_names(view, incident.components, style.language);
  if (!names.empty()) body += fmt::format("<p>{} {}</p>", say("対象:", "Components:"), names);
  body += fmt::format("<h2>{}</h2>", say("お知らせ（新しい順）", "Notices, the newest first"));
  for (auto at = incident.notices.rbegin(); at != incident.notices.rend(); ++at) {
    body += notice_article(**at, style, page);
  }
  return framed(view, style, {page, say(incident.title), std::move(body)});
}

std::string verify_page(const PublicView& view, const PageStyle& style) {
  const Speaker say(style.language);
  std::string body = fmt::format(
      "<p>{}</p>", say("お知らせには Ed25519 "
                       "の署名があります。公開鍵は別の経路（規則集など）でも確かめてください。",
                       "Notices are signed with Ed25519. Compare the public key with one that you "
                       "got by another "
                       "route, such as the rule book."));
  if (view.public_key.empty()) {
    body += fmt::format("<p>{}</p>", say("現在、署名の鍵は設定されていません。",
                                         "No key for signatures is set at present."));
  } else {
    body += fmt::format(
        "<pre>{}</pre><p>{}</p><pre>openssl pkeyutl -verify -pubin -inkey key.pem -rawin -in "
        "n1.txt -sigfile n1.sig</pre>",
        ed25519_pem(view.public_key),
        say("公開鍵を key.pem、原文を n1.txt、署名を n1.sig として保存し、次を実行します:",
            "Save the key as key.pem, the signed text as n1.txt and the signature as n1.sig, then "
            "run:"));
    body += fmt::format(
        "<h2>{}</h2><p>{}</p><pre>openssl pkeyutl -verify -pubin -inkey key.pem -rawin -in "
        "MANIFEST.txt -sigfile MANIFEST.sig\nsed -n 's/^sha256 //p' MANIFEST.txt | sha256sum "
        "-c</pre>",
        say("ページ全体の写しを確かめる", "Checking a copy of the whole page"),
        say("写しのフォルダーで次を実行します:", "In the folder of the copy, run:"));
  }
  return framed(view, style,
                {page_name(style, "verify"),
                 std::string(say("署名の確認方法", "How to check signatures")), std::move(body)});
}

std::string answer_page(const PublicView& view, const AnswerPage& answer, const PageStyle& style) {
  const Speaker say(style.language);
  std::string body = fmt::format("<p>{}</p>", escaped(say(answer.text)));
  if (!answer.post_to.empty()) {
    body += fmt::format(
        "<form method=\"post\" action=\"{}\"><input type=\"hidden\" name=\"token\" value=\"{}\">"
        "<input type=\"hidden\" name=\"language\" value=\"{}\"><button>{}</button></form>",
        escaped(answer.post_to), escaped(answer.token), to_string(style.language),
        escaped(say(answer.button)));
  }
  return framed(view, style, {page_name(style, ""), say(answer.title), std::move(body)});
}

}  // namespace okiagari::web
