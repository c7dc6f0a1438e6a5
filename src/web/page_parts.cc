#include "web/page_parts.h"

#include <fmt/format.h>

#include <array>

#include "desk/time_text.h"
#include "web/markup.h"

namespace okiagari::web {

namespace {

struct StateLook {
  std::string_view css;
  std::string_view mark;
};

const StateLook& look_of(desk::ComponentState state) {
  static constexpr std::array<StateLook, 6> kLooks = {{
      {"unknown", "?"},
      {"operational", "✓"},
      {"degraded", "▲"},
      {"partial", "◆"},
      {"major", "✕"},
      {"maintenance", "⚒"},
  }};
  return kLooks.at(static_cast<std::size_t>(state));
}

std::string other_language_link(const PageStyle& style, const std::string& page) {
  const bool is_japanese = style.language == Language::ja;
  const std::string other = (is_japanese ? "en" : "ja") + page.substr(2);
  return fmt::format("<a href=\"{}\" lang=\"{}\" hreflang=\"{}\">{}</a>",
                     style.links.to(other, page), is_japanese ? "en" : "ja",
                     is_japanese ? "en" : "ja", is_japanese ? "English" : "日本語");
}

std::string freshness(const PublicView& view, const PageStyle& style) {
  const Speaker say(style.language);
  const std::string written = time_element(view.now_ns, style.language);
  const std::string changed =
      view.changed_ns == 0 ? std::string() : time_element(view.changed_ns, style.language);
  std::string html =
      fmt::format("<p>{} {}", say("このページの作成時刻:", "This page was written at"), written);
  if (!changed.empty()) {
    html += fmt::format("{} {}", say("。最後の変更:", ". Last change:"), changed);
  }
  html += fmt::format(
      "{}</p>",
      say("。ページは自動で更新されません。再読み込みしても作成時刻が15分以上前のままなら、"
          "作成する側が停止している可能性があります。その場合、新しい知らせがないことは無事を意味し"
          "ません。",
          ". It does not renew itself. If it still says a time more than 15 minutes ago after you "
          "reload it, its writer may be down: then no news is not good news."));
  return html;
}

}  // namespace

std::string page_name(const PageStyle& style, std::string_view rest) {
  return fmt::format("{}{}{}", to_string(style.language), rest.empty() ? "" : "/", rest);
}

std::string time_element(TimestampNs at_ns, Language language) {
  // Japan's readers have one clock; others are given both.
  const std::string jst = desk::jst_text(at_ns);
  const std::string words = language == Language::ja
                                ? jst
                                : fmt::format("{} ({})", desk::utc_text(at_ns), jst.substr(11));
  return fmt::format("<time datetime=\"{}\">{}</time>", desk::rfc3339_text(at_ns), words);
}

std::string state_element(desk::ComponentState state, Language language) {
  const StateLook& look = look_of(state);
  return fmt::format("<span class=\"state {}\"><span aria-hidden=\"true\">{}</span> {}</span>",
                     look.css, look.mark, Speaker(language)(desk::words_of(state)));
}

desk::Words status_words(std::string_view status) {
  if (status == "investigating") return {"Investigating", "調査中"};
  if (status == "identified") return {"Cause identified", "原因特定"};
  if (status == "monitoring") return {"Monitoring", "経過観察中"};
  if (status == "resolved") return {"Resolved", "復旧"};
  if (status == "postmortem") return {"Report published", "報告書公表"};
  return {std::string(status), std::string(status)};
}

desk::Words impact_words(std::string_view impact) {
  if (impact == "critical") return {"critical", "重大"};
  if (impact == "major") return {"major", "大"};
  if (impact == "minor") return {"minor", "軽微"};
  return {"none", "なし"};
}

std::string notice_article(const desk::Notice& notice, const PageStyle& style,
                           std::string_view from) {
  const Speaker say(style.language);
  std::string html =
      fmt::format("<article><h3>{}</h3><p class=\"soft\">{} · {}", escaped(say(notice.subject)),
                  time_element(notice.issued_ns, style.language), say(status_words(notice.status)));
  const std::string file = "notices/" + notice.id;
  html += fmt::format(" · <a href=\"{}\">{}</a>", style.links.to(file + ".txt", from),
                      say("署名対象の原文", "signed text"));
  if (notice.signature.empty()) {
    html += fmt::format(" · {}", say("署名なし", "not signed"));
  } else {
    html += fmt::format(" · <a href=\"{}\">{}</a>", style.links.to(file + ".sig", from),
                        say("署名", "signature"));
  }
  html += "</p>";
  if (notice.superseded_by != 0) {
    html += fmt::format("<p><strong>{}{}{}</strong></p>",
                        say("この内容は第", "This was corrected by notice No. "),
                        notice.superseded_by, say("報で訂正されました。", "."));
  }
  html += notice.status == "postmortem" ? from_markdown(say(notice.text))
                                        : paragraphs(say(notice.text));
  return html + "</article>";
}

std::string subscribe_form(const PublicView& view, const PageStyle& style) {
  const Speaker say(style.language);
  if (style.links.is_bundle) {
    return fmt::format(
        "<p>{}</p>", say("この写しからは登録できません。", "This copy cannot take subscriptions."));
  }
  std::string html = fmt::format(
      "<form method=\"post\" action=\"/subscriptions\"><input type=\"hidden\" name=\"language\" "
      "value=\"{}\"><label for=\"target\">{}</label><input id=\"target\" type=\"text\" "
      "name=\"target\" required maxlength=\"254\" autocomplete=\"email\" "
      "aria-describedby=\"target-help\"><p id=\"target-help\" class=\"soft\">{}</p>"
      "<fieldset><legend>{}</legend>",
      to_string(style.language),
      say("メールアドレス、または https:// で始まる Webhook の URL",
          "Mail address, or a webhook's URL that begins with https://"),
      say("確認の連絡を送ります。確認するまで何も配信しません。",
          "We send a confirmation first. Nothing else is sent before you confirm."),
      say("対象（選ばなければすべて）", "Components (none chosen: all)"));
  for (const PublicComponent& item : view.components) {
    html += fmt::format(
        "<label><input type=\"checkbox\" name=\"component-{0}\" value=\"yes\"> {1}</label>",
        escaped(item.component->id), escaped(say(item.component->name)));
  }
  return html + fmt::format("</fieldset><button>{}</button></form>", say("登録する", "Subscribe"));
}

std::string framed(const PublicView& view, const PageStyle& style, const FrameText& text) {
  const Speaker say(style.language);
  const auto link = [&](std::string_view to, std::string_view words) {
    return fmt::format("<a href=\"{}\"{}>{}</a> ", style.links.to(to, text.page),
                       to == text.page ? " aria-current=\"page\"" : "", words);
  };
  std::string html = fmt::format(
      "<!doctype html>\n<html lang=\"{}\"><head><meta charset=\"utf-8\">"
      "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">"
      "<title>{} – {}</title><link rel=\"stylesheet\" href=\"{}\">"
      "<link rel=\"alternate\" type=\"application/atom+xml\" href=\"{}\" title=\"Atom\">"
      "</head><body><a class=\"skip\" href=\"#main\">{}</a><header><p class=\"site\">{}</p>"
      "<nav aria-label=\"{}\">",
      to_string(style.language), escaped(text.title), escaped(say(view.settings.name)),
      style.links.to("status.css", text.page), style.links.to("history.atom", text.page),
      say("本文へ移動", "Skip to the content"), escaped(say(view.settings.name)),
      say("ページ", "Pages"));
  html += link(page_name(style, ""), say("現在の状況", "Current status"));
  html += link(page_name(style, "history"), say("履歴", "History"));
  html += link(page_name(style, "maintenance"), say("メンテナンス", "Maintenance"));
  html += link(page_name(style, "verify"), say("署名の確認方法", "How to check signatures"));
  html += other_language_link(style, text.page);
  html += fmt::format("</nav></header><main id=\"main\" tabindex=\"-1\"><h1>{}</h1>{}</main>",
                      escaped(text.title), text.body);
  html += "<footer>" + freshness(view, style);
  if (!view.settings.contact.ja.empty()) {
    html += fmt::format("<p>{} {}</p>", say("問い合わせ先:", "Contact:"),
                        escaped(say(view.settings.contact)));
  }
  html += "<p>" + link("history.atom", "Atom") + link("history.rss", "RSS") +
          link("maintenance.ics", say("メンテナンス予定（iCalendar）", "Maintenance (iCalendar)")) +
          link("api/v2/summary.json", "JSON") + "</p></footer></body></html>\n";
  return html;
}

}  // namespace okiagari::web
