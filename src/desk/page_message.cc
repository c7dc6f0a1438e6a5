#include "desk/page_message.h"

#include <fmt/format.h>

#include <boost/json.hpp>

namespace okiagari::desk {

namespace {

constexpr TimestampNs kSecondNs = 1'000'000'000;
constexpr TimestampNs kNewsNs = 3'600 * kSecondNs;

std::string in_english(const Page& page, const StepRun& run, const Person& person) {
  std::string text =
      fmt::format("Incident {}, severity {}.\n{}\n", page.incident, page.severity, page.title.en);
  if (!page.words.en.empty()) text += page.words.en + "\n";
  text += fmt::format("\nTo {}: step {} of the calls, which began at {} UTC.\n", person.name,
                      run.number, local_text(static_cast<LocalSeconds>(page.began_ns / kSecondNs)));
  text += run.step.is_for_everyone ? "Everyone who is called must acknowledge:\n"
                                   : "Acknowledge, and nobody else is called:\n";
  return text + std::string(kAcknowledgeHere) + "\n";
}

std::string in_japanese(const Page& page, const StepRun& run, const Person& person) {
  std::string text =
      fmt::format("障害 {}、重大度 {}\n{}\n", page.incident, page.severity, page.title.ja);
  if (!page.words.ja.empty()) text += page.words.ja + "\n";
  text += fmt::format("\n{} 様: {} (UTC) に始まった呼出しの第 {} 段階です。\n", person.name,
                      local_text(static_cast<LocalSeconds>(page.began_ns / kSecondNs)), run.number);
  text += run.step.is_for_everyone ? "呼び出された全員の応答が必要です:\n"
                                   : "応答すると、以後の呼出しは止まります:\n";
  return text + std::string(kAcknowledgeHere) + "\n";
}

}  // namespace

std::string route_name(const Route& route, std::size_t at) {
  return at == 0 ? route.kind : fmt::format("{}-{}", route.kind, at + 1);
}

std::string page_key(const Page& page, const StepRun& run, const Person& person,
                     std::size_t route) {
  return fmt::format("page/{}/{}/{}/{}", page.id, run.number, person.id,
                     route_name(person.routes.at(route), route));
}

Effect page_effect(const Page& page, const StepRun& run, const Person& person, std::size_t route,
                   TimestampNs now_ns) {
  const Route& way = person.routes.at(route);
  const bool japanese_first = person.language == "ja";
  const std::string english = in_english(page, run, person);
  const std::string japanese = in_japanese(page, run, person);
  Effect effect;
  effect.key = page_key(page, run, person, route);
  effect.kind = way.kind;
  effect.owner = "page";
  effect.incident = page.incident;
  effect.repeat_is_safe = way.kind != "mail";
  effect.give_up_ns = now_ns + run.step.give_up_s * kSecondNs;
  effect.what = {
      {"action", "trigger"},
      {"to", way.to},
      {"secret", way.secret},
      {"page", page.id},
      {"step", run.number},
      {"severity", page.severity},
      {"person", person.id},
      {"name", person.name},
      {"language", person.language},
      {"title", to_json(page.title)},
      {"subject", fmt::format("[{} P{}] {}", page.incident, page.severity,
                              japanese_first ? page.title.ja : page.title.en)},
      {"text", japanese_first ? japanese + "\n--\n" + english : english + "\n--\n" + japanese},
      {"began_ns", page.began_ns},
      {"at_ns", now_ns},
      {"expires_s", now_ns / kSecondNs + Paging::kAcknowledgeForS},
  };
  return effect;
}

Effect page_news(const Page& page, const Effect& called, std::string_view action,
                 TimestampNs now_ns) {
  Effect effect;
  effect.key = fmt::format("{}/{}", called.key, action);
  effect.kind = called.kind;
  effect.owner = "page";
  effect.incident = page.incident;
  effect.give_up_ns = now_ns + kNewsNs;
  effect.what = called.what;
  effect.what["action"] = action;
  effect.what["at_ns"] = now_ns;
  return effect;
}

}  // namespace okiagari::desk
