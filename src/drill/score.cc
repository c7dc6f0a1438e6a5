#include "drill/score.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>
#include <iterator>
#include <set>

namespace okiagari::drill {

namespace {

constexpr std::size_t kAmong = 3;

bool is_right(const FaultCard& card, const ToldCause& told) {
  return std::find(card.right_causes.begin(), card.right_causes.end(), told.cause) !=
         card.right_causes.end();
}

std::string median_s(std::vector<double> ms) {
  if (ms.empty()) return "-";
  const auto middle = ms.begin() + static_cast<std::ptrdiff_t>(ms.size() / 2);
  std::nth_element(ms.begin(), middle, ms.end());
  return fmt::format("{:.1f} s", *middle / 1'000);
}

std::string largest_s(const std::vector<double>& ms) {
  if (ms.empty()) return "-";
  return fmt::format("{:.1f} s", *std::max_element(ms.begin(), ms.end()) / 1'000);
}

std::string share(std::size_t part, std::size_t whole) {
  if (whole == 0) return "-";
  return fmt::format("{} of {} ({:.0f} %)", part, whole,
                     100.0 * static_cast<double>(part) / static_cast<double>(whole));
}

std::map<Fault, Tally> by_fault(const std::vector<DrillResult>& results) {
  std::map<Fault, Tally> tallies;
  for (const DrillResult& result : results) tallies[result.fault].add(result);
  return tallies;
}

Tally all_of(const std::vector<DrillResult>& results) {
  Tally tally;
  for (const DrillResult& result : results) tally.add(result);
  return tally;
}

boost::json::object to_json(const Tally& tally) {
  boost::json::object firsts;
  for (const auto& [cause, count] : tally.firsts) firsts[cause] = count;
  return {{"drills", tally.drills},
          {"class_right", tally.class_right},
          {"cause_right", tally.cause_right},
          {"cause_among_three", tally.among_three},
          {"unknown", tally.unknown},
          {"confident", tally.confident},
          {"confidently_wrong", tally.confidently_wrong},
          {"wrong_without_confidence", tally.wrong_without_confidence},
          {"class_right_at_first", tally.class_right_at_first},
          {"confidently_wrong_at_first", tally.confidently_wrong_at_first},
          {"incidents_before", tally.incidents_before},
          {"taken_back", tally.taken_back},
          {"first_hypotheses", std::move(firsts)}};
}

void append_rows(std::string& text, const std::map<Fault, Tally>& tallies,
                 const std::vector<std::string>& causes) {
  for (const FaultCard& card : fault_cards()) {
    const auto found = tallies.find(card.fault);
    if (found == tallies.end()) continue;
    const Tally& tally = found->second;
    text += fmt::format("| {} |", card.title);
    for (const std::string& cause : causes) {
      const auto count = tally.firsts.find(cause);
      const bool right = std::find(card.right_causes.begin(), card.right_causes.end(), cause) !=
                         card.right_causes.end();
      if (count == tally.firsts.end()) {
        text += right ? " **0** |" : " |";
      } else {
        text +=
            right ? fmt::format(" **{}** |", count->second) : fmt::format(" {} |", count->second);
      }
    }
    text += fmt::format(" {}/{} | {}/{} | {}/{} | {} | {} | {} |\n", tally.class_right,
                        tally.drills, tally.cause_right, tally.drills, tally.among_three,
                        tally.drills, tally.confidently_wrong, median_s(tally.incident_ms),
                        median_s(tally.first_answer_ms));
  }
}

void append_rates(std::string& text, const Tally& all) {
  const auto row = [&](const char* name, std::size_t count) {
    text += fmt::format("| {} | {} |\n", name, share(count, all.drills));
  };
  text += "\n| all drills | |\n|---|---|\n";
  row("first hypothesis of the right class (top-1)", all.class_right);
  row("first hypothesis is the cause itself", all.cause_right);
  row("the cause is among the first three (top-3)", all.among_three);
  row("unknown, or nothing said", all.unknown);
  row("told with confidence", all.confident);
  row("confidently wrong", all.confidently_wrong);
  row("wrong, but not with confidence", all.wrong_without_confidence);
  row("of the right class at first, before all evidence was there", all.class_right_at_first);
  row("confidently wrong at first", all.confidently_wrong_at_first);
  row("the fault taken back, as verified", all.taken_back);
  text += fmt::format("| incidents without a fault | {} |\n", all.incidents_before);
  text += fmt::format("| incident opened after the fault, median and longest | {}, {} |\n",
                      median_s(all.incident_ms), largest_s(all.incident_ms));
  text += fmt::format("| first hypothesis after the fault, median and longest | {}, {} |\n",
                      median_s(all.first_answer_ms), largest_s(all.first_answer_ms));
}

}  // namespace

Score score(const DrillResult& result, const std::optional<Answer>& answer) {
  Score score;
  if (!answer || answer->causes.empty()) {
    score.first = kNothingSaid;
    score.is_unknown = true;
    return score;
  }
  const FaultCard& card = card_of(result.fault);
  const ToldCause& first = answer->causes.front();
  score.first = first.cause;
  score.first_class = first.cause_class;
  score.is_unknown = first.cause == kUnknown;
  score.is_confident = first.is_confident;
  score.cause_right = is_right(card, first);
  score.class_right = score.cause_right || first.cause_class == card.right_class;
  const auto end =
      answer->causes.begin() + static_cast<std::ptrdiff_t>(std::min(kAmong, answer->causes.size()));
  score.among_three = std::any_of(answer->causes.begin(), end,
                                  [&](const ToldCause& told) { return is_right(card, told); });
  return score;
}

void Tally::add(const DrillResult& result) {
  const Score last = score(result, result.last);
  const Score first = score(result, result.first);
  ++drills;
  class_right_at_first += first.class_right ? 1 : 0;
  confidently_wrong_at_first += first.confidently_wrong() ? 1 : 0;
  incidents_before += result.incidents_before;
  class_right += last.class_right ? 1 : 0;
  cause_right += last.cause_right ? 1 : 0;
  among_three += last.among_three ? 1 : 0;
  unknown += last.is_unknown ? 1 : 0;
  confident += last.is_confident ? 1 : 0;
  confidently_wrong += last.confidently_wrong() ? 1 : 0;
  wrong_without_confidence += last.wrong_without_confidence() ? 1 : 0;
  taken_back += result.is_taken_back ? 1 : 0;
  ++firsts[last.first];
  if (result.incident_ms) incident_ms.push_back(*result.incident_ms);
  if (result.first) first_answer_ms.push_back(result.first->ms);
}

std::string confusion_table(const std::vector<DrillResult>& results) {
  const std::map<Fault, Tally> tallies = by_fault(results);
  const Tally all = all_of(results);
  // The right ones in the order of the faults, then the others as they come.
  std::vector<std::string> causes;
  const auto add = [&](const std::string& cause) {
    if (all.firsts.contains(cause) &&
        std::find(causes.begin(), causes.end(), cause) == causes.end())
      causes.push_back(cause);
  };
  for (const FaultCard& card : fault_cards()) {
    for (const std::string_view cause : card.right_causes) add(std::string(cause));
  }
  for (const auto& [cause, count] : all.firsts) add(cause);
  std::string text = "| inflicted \\ first hypothesis |";
  for (const std::string& cause : causes) text += fmt::format(" {} |", cause);
  text +=
      " class right | cause right | among three | confidently wrong | incident after | "
      "hypothesis after |\n|---|";
  for (std::size_t i = 0; i < causes.size() + 6; ++i) text += "---|";
  text += "\n";
  append_rows(text, tallies, causes);
  append_rates(text, all);
  return text;
}

boost::json::object tally_json(const std::vector<DrillResult>& results) {
  boost::json::object faults;
  for (const auto& [fault, tally] : by_fault(results)) faults[card_of(fault).name] = to_json(tally);
  return {{"all", to_json(all_of(results))}, {"faults", std::move(faults)}};
}

}  // namespace okiagari::drill
