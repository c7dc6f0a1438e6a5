#include "web/work_page.h"

#include <fmt/format.h>

#include <algorithm>

#include "web/markup.h"
#include "web/page_parts.h"

namespace okiagari::web {

namespace {

using desk::MaintenanceState;

constexpr std::size_t kComingMax = 10;
constexpr std::size_t kOverMax = 50;

bool is_over(const desk::Maintenance& work) {
  return work.state == MaintenanceState::completed || work.state == MaintenanceState::cancelled;
}

desk::Words state_words(MaintenanceState state) {
  switch (state) {
    case MaintenanceState::scheduled:
      return {"Scheduled", "予定"};
    case MaintenanceState::in_progress:
      return {"In progress", "作業中"};
    case MaintenanceState::verifying:
      return {"Being verified", "確認中"};
    case MaintenanceState::completed:
      return {"Completed", "完了"};
    case MaintenanceState::cancelled:
      return {"Cancelled", "中止"};
  }
  return {};
}

std::string_view mark_of(MaintenanceState state) {
  if (state == MaintenanceState::completed) return "✓";
  if (state == MaintenanceState::cancelled) return "✕";
  return "⚒";
}

std::string article_of(const PublicView& view, const desk::Maintenance& work,
                       const PageStyle& style) {
  const Speaker say(style.language);
  std::string html = fmt::format(
      "<article><h3>{}</h3><p><span class=\"state maintenance\"><span aria-hidden=\"true\">{}"
      "</span> {}</span></p><p>{} – {}</p>{}",
      escaped(say(work.title)), mark_of(work.state), say(state_words(work.state)),
      time_element(work.from_ns, style.language), time_element(work.until_ns, style.language),
      paragraphs(say(work.text)));
  const std::string names = component_names(view, work.components, style.language);
  if (!names.empty()) {
    html += fmt::format("<p class=\"soft\">{} {}</p>", say("対象:", "Components:"), names);
  }
  return html + "</article>";
}

}  // namespace

std::string component_names(const PublicView& view, const std::vector<std::string>& ids,
                            Language language) {
  const Speaker say(language);
  std::string names;
  for (const std::string& id : ids) {
    const desk::Component* component = view.component(id);
    if (component == nullptr) continue;
    if (!names.empty()) names += say("、", ", ");
    names += escaped(say(component->name));
  }
  return names;
}

std::string coming_work(const PublicView& view, const PageStyle& style) {
  const Speaker say(style.language);
  std::vector<const desk::Maintenance*> coming;
  for (const desk::Maintenance* work : view.maintenances) {
    if (!is_over(*work)) coming.push_back(work);
  }
  std::stable_sort(coming.begin(), coming.end(),
                   [](const auto* a, const auto* b) { return a->from_ns < b->from_ns; });
  std::string html;
  for (std::size_t at = 0; at < std::min(coming.size(), kComingMax); ++at) {
    html += article_of(view, *coming[at], style);
  }
  if (coming.size() > kComingMax) {
    html +=
        fmt::format("<p>{}{}{}</p>", say("ほか ", ""), coming.size() - kComingMax,
                    say(" 件（カレンダーにすべてあります）", " more, all of them in the calendar"));
  }
  if (!html.empty()) return html;
  return fmt::format("<p>{}</p>", say("予定はありません。", "None is planned."));
}

std::string work_page(const PublicView& view, const PageStyle& style) {
  const Speaker say(style.language);
  const std::string page = page_name(style, "maintenance");
  std::string body = fmt::format("<h2>{}</h2>{}", say("これから・作業中", "To come and under way"),
                                 coming_work(view, style));
  body += fmt::format(
      "<p><a href=\"{}\">{}</a></p>", style.links.to("maintenance.ics", page),
      say("カレンダーに登録する（iCalendar）", "Put it into your calendar (iCalendar)"));
  body += fmt::format("<h2>{}</h2>", say("終わったもの", "Over"));
  std::size_t count = 0;
  for (const desk::Maintenance* work : view.maintenances) {
    if (is_over(*work) && ++count <= kOverMax) body += article_of(view, *work, style);
  }
  if (count == 0) body += fmt::format("<p>{}</p>", say("ありません。", "None."));
  return framed(view, style,
                {page, std::string(say("メンテナンス", "Maintenance")), std::move(body)});
}

}  // namespace okiagari::web
