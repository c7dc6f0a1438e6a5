#include "desk/paging.h"

#include <absl/strings/str_join.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/json.hpp>

#include "desk/outbox.h"
#include "desk/page_message.h"

namespace okiagari::desk {

namespace {

constexpr TimestampNs kSecondNs = 1'000'000'000;
constexpr TimestampNs kHourNs = 3'600 * kSecondNs;
constexpr int kWorst = 1;
constexpr std::array<std::string_view, 5> kStateNames = {"calling", "snoozed", "acknowledged",
                                                         "exhausted", "ended"};

Words words_of(const boost::json::object& body, std::string_view key) {
  const boost::json::value* value = body.if_contains(key);
  if (value == nullptr) return {};
  if (!value->is_object()) return {text_or(body, key), text_or(body, key)};
  const std::string en = text_or(value->get_object(), "en");
  return {en, text_or(value->get_object(), "ja", en)};
}

bool is_name(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.';
  });
}

std::int64_t seconds(TimestampNs at_ns) { return static_cast<std::int64_t>(at_ns / kSecondNs); }

std::string names(const std::vector<Call>& calls) {
  std::string text;
  for (const Call& call : calls) text += (text.empty() ? "" : ", ") + call.person;
  return text;
}

}  // namespace

std::string_view to_string(PageState state) {
  return kStateNames.at(static_cast<std::size_t>(state));
}

std::vector<std::string> Page::missing() const {
  std::vector<std::string> found;
  for (const StepRun& run : steps) {
    if (!run.step.is_for_everyone) continue;
    for (const Call& call : run.calls) {
      if (acknowledged.contains(call.person)) continue;
      if (std::find(found.begin(), found.end(), call.person) == found.end()) {
        found.push_back(call.person);
      }
    }
  }
  return found;
}

Page* Paging::find_page(std::string_view incident) {
  const auto found = last_.find(std::string(incident));
  return found == last_.end() ? nullptr : &pages_.at(found->second);
}

const Page* Paging::page_of(std::string_view incident) const {
  const auto found = last_.find(std::string(incident));
  return found == last_.end() ? nullptr : &pages_.at(found->second);
}

base::Status Paging::apply(const Entry& entry, Context& context) {
  if (entry.type == "contact.tree") return take_tree(entry, context);
  if (entry.type == "page.start") return start(entry, context);
  if (entry.type == "page.effect") {
    effect_ended(entry, context);
    return {};
  }
  const std::string incident = text_or(entry.body, "incident");
  Page* page = find_page(incident);
  if (page == nullptr) {
    return base::Error{fmt::format("nobody is called for the incident '{}'", incident)};
  }
  if (entry.type == "page.acknowledge") return acknowledge(*page, entry, context);
  if (entry.type == "page.hand_over") return hand_over(*page, entry, context);
  if (entry.type == "page.link") return link(*page, entry, context);
  if (entry.type == "page.snooze") return snooze(*page, entry, context);
  if (page->state == PageState::ended) {
    return base::Error{fmt::format("the calls for '{}' have ended", incident)};
  }
  if (entry.type == "page.escalate") return escalate(*page, entry, context);
  if (entry.type == "page.close") {
    end(*page, PageState::ended, context);
    return {};
  }
  return base::Error{fmt::format("there is no entry '{}'", entry.type)};
}

base::Status Paging::take_tree(const Entry& entry, Context& context) {
  auto tree = read_contact_body(entry.body);
  if (!tree) return tree.error();
  tree_ = std::move(tree.value());
  context.note("", "contact.tree",
               {fmt::format("contact tree: {} people, {} schedules, {} policies",
                            tree_.people.size(), tree_.schedules.size(), tree_.policies.size()),
                fmt::format("連絡網: {} 名、当番表 {} 件、方針 {} 件", tree_.people.size(),
                            tree_.schedules.size(), tree_.policies.size())});
  return {};
}

base::Status Paging::start(const Entry& entry, Context& context) {
  auto incident = text_of(entry.body, "incident", 100);
  if (!incident) return incident.error();
  // It stands in keys, in links and in heads of mails.
  if (!is_name(incident.value())) {
    return base::Error{"'incident' has small letters, digits, '-', '_' and '.' only"};
  }
  const std::int64_t severity = number_or(entry.body, "severity", 4);
  if (severity < 1 || severity > 4) return base::Error{"'severity' is 1 to 4"};
  const bool is_covered = cover_ && severity > MaintenanceCover::kSevere &&
                          !context.by.starts_with("person:") &&
                          cover_->covers(incident.value(), context.now_ns);
  if (is_covered) {
    silenced_[incident.value()] = entry.body;
    context.note(incident.value(), "page.silenced",
                 {"nobody is called: a maintenance under way was announced for this",
                  "予告済みのメンテナンス中のため呼び出さない"});
    return {};
  }
  const std::string wanted = text_or(entry.body, "policy");
  const Policy* policy =
      wanted.empty() ? tree_.policy_for(static_cast<int>(severity)) : tree_.find_policy(wanted);
  if (policy == nullptr) {
    return base::Error{
        wanted.empty() ? fmt::format("no policy of the contact tree is for severity {}", severity)
                       : fmt::format("the contact tree has no policy '{}'", wanted)};
  }
  if (Page* before = find_page(incident.value()); before != nullptr && before->is_live()) {
    if (before->severity <= severity) return start_again(*before, entry, severity, context);
    end(*before, PageState::ended, context);
  }
  Page page;
  page.incident = incident.value();
  page.severity = static_cast<int>(severity);
  page.title = words_of(entry.body, "title");
  page.words = words_of(entry.body, "words");
  page.policy = *policy;
  begin(std::move(page), context);
  return {};
}

// What must not wait for the next step of calls that run already: a promise that was missed.
base::Status Paging::start_again(Page& before, const Entry& entry, std::int64_t severity,
                                 Context& context) {
  const bool can_go_on =
      before.state == PageState::calling && before.next_step < before.policy.steps.size();
  if (!flag_or(entry.body, "escalates", false) || !can_go_on) {
    return base::Error{fmt::format("people are being called for '{}' already, severity {} for {}",
                                   before.incident, before.severity, severity)};
  }
  const Words why = words_of(entry.body, "title");
  context.note(before.incident, "page.escalated",
               {fmt::format("the next step is taken at once: {}", why.en),
                fmt::format("次の段階を直ちに行う: {}", why.ja)});
  before.due_ns = context.now_ns;
  do_due(before, context);
  return {};
}

// Wider, worse or longer than was announced: now people are called.
void Paging::call_for_uncovered(const TimelineItem& item, Context& context) {
  if (item.kind == "incident.resolved" || item.kind == "incident.merged") {
    silenced_.erase(item.incident);
    return;
  }
  const bool concerns_all = item.kind.starts_with("maintenance.");
  for (auto at = silenced_.begin(); at != silenced_.end();) {
    const bool is_concerned = concerns_all || item.incident == at->first;
    if (!is_concerned || cover_->covers(at->first, context.now_ns)) {
      ++at;
      continue;
    }
    boost::json::object body = std::move(at->second);
    if (const auto* severity = item.data.if_contains("severity")) body["severity"] = *severity;
    at = silenced_.erase(at);
    context.follow("page.start", std::move(body));
  }
}

void Paging::begin(Page page, Context& context) {
  const std::uint32_t count = ++page_count_[page.incident];
  page.id = count == 1 ? page.incident : fmt::format("{}.{}", page.incident, count);
  page.began_ns = context.now_ns;
  page.due_ns = context.now_ns + page.policy.steps.front().after_s * kSecondNs;
  last_[page.incident] = page.id;
  Page& kept = pages_.insert_or_assign(page.id, std::move(page)).first->second;
  context.note(kept.incident, "page.started",
               {fmt::format("people are called by the policy '{}'", kept.policy.id),
                fmt::format("方針「{}」に従い招集を開始", kept.policy.id)},
               {{"page", kept.id}, {"policy", kept.policy.id}, {"severity", kept.severity}});
  do_due(kept, context);
}

void Paging::do_due(Page& page, Context& context) {
  while (page.due_ns <= context.now_ns) {
    if (page.state == PageState::snoozed) {
      page.state = PageState::calling;
      page.next_step = 0;
      page.round = 0;
      page.acknowledged.clear();
      context.note(page.incident, "page.snooze_over",
                   {"the snooze is over: people are called again", "猶予が終わり、再び招集する"});
    }
    begin_next_step(page, context);
  }
  for (StepRun& run : page.steps) {
    for (Call& one : run.calls) {
      if (one.second_route_ns > context.now_ns) continue;
      one.second_route_ns = kNever;
      if (page.state == PageState::calling) call(page, run, one, context);
    }
  }
}

void Paging::begin_next_step(Page& page, Context& context) {
  if (page.next_step >= page.policy.steps.size()) {
    if (page.round >= page.policy.repeat) {
      page.state = PageState::exhausted;
      page.due_ns = kNever;
      context.note(page.incident, "page.exhausted",
                   {"every step was taken and not all who must have answered",
                    "すべての段階を終えたが、必要な応答が得られていない"},
                   {{"page", page.id}});
      return;
    }
    ++page.round;
    page.next_step = 0;
  }
  const PolicyStep step = page.policy.steps[page.next_step++];
  plan_next(page, context);
  begin_step(page, step, context);
}

// The last step too is given its time before nobody is said to have answered.
void Paging::plan_next(Page& page, Context& context) {
  const bool is_last = page.next_step >= page.policy.steps.size();
  const std::uint32_t after_s =
      is_last ? page.policy.repeat_after_s : page.policy.steps[page.next_step].after_s;
  page.due_ns = context.now_ns + after_s * kSecondNs;
}

void Paging::begin_step(Page& page, const PolicyStep& step, Context& context) {
  std::vector<Call> calls;
  for (const std::string& id : tree_.resolve(step.targets, seconds(context.now_ns))) {
    if (!page.acknowledged.contains(id)) calls.push_back({id});
  }
  begin_calls(page, step, std::move(calls), context);
}

void Paging::begin_calls(Page& page, const PolicyStep& step, std::vector<Call> calls,
                         Context& context) {
  StepRun run;
  run.number = static_cast<std::uint32_t>(page.steps.size()) + 1;
  run.begun_ns = context.now_ns;
  run.step = step;
  run.calls = std::move(calls);
  page.steps.push_back(std::move(run));
  StepRun& kept = page.steps.back();
  const std::string called = names(kept.calls);
  context.note(page.incident, "page.step",
               {fmt::format("step {}: calls {}", kept.number, called.empty() ? "nobody" : called),
                fmt::format("第 {} 段階: {} を呼び出す", kept.number,
                            called.empty() ? "該当者なし" : called)},
               {{"page", page.id}, {"step", kept.number}});
  for (Call& one : kept.calls) call(page, kept, one, context);
  if (is_lost(page)) page.due_ns = context.now_ns;
}

// Nobody on duty, or nobody who can be reached: no time is lost on it. What comes behind the last
// step keeps its time, so that all rounds are not over at once.
bool Paging::is_lost(const Page& page) {
  if (page.state != PageState::calling || page.next_step >= page.policy.steps.size()) return false;
  const std::vector<Call>& calls = page.steps.back().calls;
  return std::all_of(calls.begin(), calls.end(),
                     [](const Call& one) { return one.is_failed || one.is_held; });
}

void Paging::call(Page& page, StepRun& run, Call& call, Context& context) {
  const Person* person = tree_.find_person(call.person);
  if (person == nullptr || call.routes_used >= person->routes.size()) {
    fail(page, run, call,
         {fmt::format("{} has no other route", call.person),
          fmt::format("{} への経路が残っていない", call.person)},
         context);
    return;
  }
  if (!spend(page, call, context.now_ns)) {
    call.is_held = true;
    context.note(page.incident, "page.held",
                 {fmt::format("{} is not called: {} calls within the hour are enough", call.person,
                              tree_.pages_per_hour),
                  fmt::format("{} は呼び出さない（1時間に {} 回の上限）", call.person,
                              tree_.pages_per_hour)});
    return;
  }
  const std::size_t route = call.routes_used++;
  call.second_route_ns = kNever;
  if (run.step.second_route_after_s != 0 && call.routes_used < person->routes.size()) {
    call.second_route_ns = context.now_ns + run.step.second_route_after_s * kSecondNs;
  }
  Effect effect = page_effect(page, run, *person, route, context.now_ns);
  places_[effect.key] = {page.id, run.number, call.person};
  context.outbox.add(std::move(effect), context);
}

// Routes of one call count once. The worst severity always goes through.
bool Paging::spend(const Page& page, const Call& call, TimestampNs now_ns) {
  if (call.routes_used != 0) return true;
  std::deque<TimestampNs>& calls = called_[call.person];
  while (!calls.empty() && calls.front() + kHourNs <= now_ns) calls.pop_front();
  if (page.severity > kWorst && calls.size() >= tree_.pages_per_hour) return false;
  calls.push_back(now_ns);
  return true;
}

void Paging::fail(Page& page, StepRun& run, Call& call, const Words& why, Context& context) {
  call.is_failed = true;
  context.note(page.incident, "page.unreachable", why,
               {{"page", page.id}, {"step", run.number}, {"person", call.person}});
}

void Paging::effect_ended(const Entry& entry, Context& context) {
  const std::string key = text_or(entry.body, "key");
  const std::string outcome = text_or(entry.body, "outcome");
  const auto place = places_.find(key);
  if (place == places_.end()) return;  // news to a pager: nobody waits for it
  Page& page = pages_.at(place->second.page);
  StepRun& run = page.steps.at(place->second.step - 1);
  const auto found = std::find_if(run.calls.begin(), run.calls.end(), [&](const Call& one) {
    return one.person == place->second.person;
  });
  ASSERT(found != run.calls.end(), "{} was called by nobody", key);
  if (text_or(entry.body, "state") == "done") {
    context.note(page.incident, "page.sent",
                 {fmt::format("{} was handed over: {}", key, outcome),
                  fmt::format("{} を引き渡した: {}", key, outcome)},
                 {{"key", key}, {"person", found->person}});
    return;
  }
  if (page.state != PageState::calling || page.acknowledged.contains(found->person)) return;
  context.note(page.incident, "page.route_failed",
               {fmt::format("{} failed ({}): the next route is taken", key, outcome),
                fmt::format("{} が失敗（{}）、次の経路を使う", key, outcome)},
               {{"key", key}, {"person", found->person}});
  call(page, run, *found, context);
  if (run.number == page.steps.size() && is_lost(page)) {
    page.due_ns = context.now_ns;
    do_due(page, context);
  }
}

base::Status Paging::acknowledge(Page& page, const Entry& entry, Context& context) {
  std::string person = text_or(entry.body, "person");
  if (person.empty() && entry.by.starts_with("person:")) person = entry.by.substr(7);
  if (person.empty()) return base::Error{"'person' is missing: who acknowledges"};
  const std::string comment = text_or(entry.body, "comment");
  if (page.acknowledged.contains(person) && comment.empty()) return {};
  page.acknowledged.try_emplace(person, Acknowledgement{context.now_ns, comment});
  const std::string said = comment.empty() ? "" : ": " + comment;
  const std::vector<std::string> missing = page.missing();
  const bool is_over = page.is_live() && missing.empty();
  for (auto& [key, place] : places_) {
    if (place.page == page.id && place.person == person) context.outbox.withdraw(key, context);
  }
  if (is_over) end(page, PageState::acknowledged, context);
  boost::json::object data{{"page", page.id}, {"person", person}, {"comment", comment}};
  if (is_over || !page.is_live()) {
    context.note(page.incident, is_over ? "page.acknowledged" : "page.comment",
                 {fmt::format("{} acknowledges{}", person, said),
                  fmt::format("{} が応答した{}", person, said)},
                 std::move(data));
    return {};
  }
  context.note(
      page.incident, "page.acknowledged_by_one",
      {fmt::format("{} acknowledges{}; still missing: {}", person, said,
                   absl::StrJoin(missing, ", ")),
       fmt::format("{} が応答した{}。未応答: {}", person, said, absl::StrJoin(missing, ", "))},
      std::move(data));
  return {};
}

base::Status Paging::escalate(Page& page, const Entry& entry, Context& context) {
  const std::int64_t step =
      number_or(entry.body, "step", static_cast<std::int64_t>(page.next_step) + 1);
  const auto steps = static_cast<std::int64_t>(page.policy.steps.size());
  if (step == steps + 1) return base::Error{"there is no further step; name one with 'step'"};
  if (step < 1 || step > steps) return base::Error{fmt::format("'step' is 1 to {}", steps)};
  context.note(page.incident, "page.escalated",
               {fmt::format("step {} of the policy is taken at once", step),
                fmt::format("方針の第 {} 段階を直ちに行う", step)});
  page.state = PageState::calling;
  page.next_step = static_cast<std::size_t>(step) - 1;
  page.due_ns = context.now_ns;
  do_due(page, context);
  return {};
}

base::Status Paging::hand_over(Page& page, const Entry& entry, Context& context) {
  const std::string to = text_or(entry.body, "to");
  if (page.state == PageState::ended) return base::Error{"the calls have ended"};
  if (tree_.find_person(to) == nullptr) {
    return base::Error{fmt::format("the contact tree has no person '{}'", to)};
  }
  const std::string comment = text_or(entry.body, "comment");
  context.note(page.incident, "page.handed_over",
               {fmt::format("handed over to {}{}", to, comment.empty() ? "" : ": " + comment),
                fmt::format("{} に引き継ぐ{}", to, comment.empty() ? "" : ": " + comment)});
  PolicyStep step;
  step.targets = {"person:" + to};
  page.state = PageState::calling;
  page.acknowledged.erase(to);
  page.next_step = 0;
  page.due_ns = context.now_ns + page.policy.repeat_after_s * kSecondNs;
  begin_step(page, step, context);
  do_due(page, context);
  return {};
}

// One person more, who was told already, on the route that somebody chooses; who else is called and
// when stays as it was.
base::Status Paging::link(Page& page, const Entry& entry, Context& context) {
  const std::string id = text_or(entry.body, "person");
  const std::string kind = text_or(entry.body, "route");
  if (page.state == PageState::ended) return base::Error{"the calls have ended"};
  const Person* person = tree_.find_person(id);
  if (person == nullptr) {
    return base::Error{fmt::format("the contact tree has no person '{}'", id)};
  }
  if (page.acknowledged.contains(id)) return base::Error{fmt::format("{} has acknowledged", id)};
  const auto route =
      std::find_if(person->routes.begin(), person->routes.end(),
                   [&](const Route& one) { return kind.empty() || one.kind == kind; });
  if (route == person->routes.end()) {
    return base::Error{fmt::format("{} has no route '{}'", id, kind)};
  }
  PolicyStep step;
  step.targets = {"person:" + id};
  Call call{id};
  call.routes_used = static_cast<std::size_t>(route - person->routes.begin());
  const TimestampNs due_ns = page.due_ns;
  begin_calls(page, step, {call}, context);
  page.due_ns = due_ns;
  return {};
}

base::Status Paging::snooze(Page& page, const Entry& entry, Context& context) {
  const std::int64_t wanted_s = number_or(entry.body, "seconds", 0);
  const std::string reason = text_or(entry.body, "reason");
  if (page.state == PageState::ended) return base::Error{"the calls have ended"};
  if (wanted_s < 1 || wanted_s > kSnoozeMaxS) {
    return base::Error{fmt::format("'seconds' is 1 to {}", kSnoozeMaxS)};
  }
  if (reason.empty()) return base::Error{"a snooze needs a 'reason'"};
  end(page, PageState::snoozed, context);
  page.due_ns = context.now_ns + static_cast<TimestampNs>(wanted_s) * kSecondNs;
  context.note(page.incident, "page.snoozed",
               {fmt::format("nobody is called for {} s: {}", wanted_s, reason),
                fmt::format("{} 秒間呼び出さない: {}", wanted_s, reason)},
               {{"page", page.id}, {"until_ns", page.due_ns}});
  return {};
}

// Nothing more is sent: what waits is withdrawn, and pagers that repeat by themselves are told.
void Paging::end(Page& page, PageState state, Context& context) {
  const PageState before = page.state;
  page.state = state;
  page.due_ns = kNever;
  for (StepRun& run : page.steps) {
    for (Call& one : run.calls) one.second_route_ns = kNever;
  }
  for (const auto& [key, place] : places_) {
    if (place.page == page.id) context.outbox.withdraw(key, context);
  }
  if (state == PageState::ended && before != PageState::ended) {
    tell_pagers(page, "resolve", context);
    context.note(page.incident, "page.ended", {"the calls have ended", "招集を終了した"},
                 {{"page", page.id}});
  } else if (state == PageState::acknowledged || state == PageState::snoozed) {
    tell_pagers(page, "acknowledge", context);
  }
}

void Paging::tell_pagers(const Page& page, std::string_view action, Context& context) {
  std::vector<Effect> news;
  for (const auto& [key, place] : places_) {
    const Effect* called = place.page == page.id ? context.outbox.find(key) : nullptr;
    if (called == nullptr) continue;
    const bool repeats = called->kind == "pagerduty" || called->kind == "alertmanager";
    const bool has_left = called->state != EffectState::waiting && called->attempts != 0;
    if (repeats && has_left) news.push_back(page_news(page, *called, action, context.now_ns));
  }
  for (Effect& effect : news) context.outbox.add(std::move(effect), context);
}

void Paging::heard(const TimelineItem& item, Context& context) {
  if (!silenced_.empty()) call_for_uncovered(item, context);
  const bool is_over = item.kind == "incident.resolved" || item.kind == "incident.merged";
  const bool is_sized = item.kind == "incident.severity";
  if (!is_over && !is_sized) return;
  Page* page = find_page(item.incident);
  if (page == nullptr || page->state == PageState::ended) return;
  if (is_over) {
    end(*page, PageState::ended, context);
    return;
  }
  const std::int64_t severity = number_or(item.data, "severity", page->severity);
  const Policy* policy = tree_.policy_for(static_cast<int>(severity));
  if (severity >= page->severity || policy == nullptr || policy->id == page->policy.id) return;
  // It has become worse: others must come, and those who know it must hear that.
  Page worse;
  worse.incident = page->incident;
  worse.severity = static_cast<int>(severity);
  worse.title = page->title;
  worse.words = page->words;
  worse.policy = *policy;
  end(*page, PageState::ended, context);
  begin(std::move(worse), context);
}

TimestampNs Paging::next_due_ns() const {
  TimestampNs due = kNever;
  for (const auto& [id, page] : pages_) {
    due = std::min(due, page.due_ns);
    for (const StepRun& run : page.steps) {
      for (const Call& one : run.calls) due = std::min(due, one.second_route_ns);
    }
  }
  return due;
}

void Paging::advance(Context& context) {
  for (auto& [id, page] : pages_) do_due(page, context);
}

boost::json::object to_json(const Page& page) {
  boost::json::array steps;
  for (const StepRun& run : page.steps) {
    boost::json::array calls;
    for (const Call& call : run.calls) {
      calls.push_back({{"person", call.person},
                       {"routes_used", call.routes_used},
                       {"held", call.is_held},
                       {"unreachable", call.is_failed}});
    }
    steps.push_back({{"number", run.number},
                     {"begun_ns", run.begun_ns},
                     {"everyone", run.step.is_for_everyone},
                     {"calls", std::move(calls)}});
  }
  boost::json::object acknowledged;
  for (const auto& [person, one] : page.acknowledged) {
    acknowledged[person] = {{"at_ns", one.at_ns}, {"comment", one.comment}};
  }
  const std::vector<std::string> missing = page.missing();
  return {{"page", page.id},
          {"incident", page.incident},
          {"severity", page.severity},
          {"title", to_json(page.title)},
          {"policy", page.policy.id},
          {"state", to_string(page.state)},
          {"began_ns", page.began_ns},
          {"due_ns", page.due_ns == kNever ? 0 : page.due_ns},
          {"steps", std::move(steps)},
          {"acknowledged", std::move(acknowledged)},
          {"missing", boost::json::array(missing.begin(), missing.end())}};
}

boost::json::value Paging::view() const {
  boost::json::array pages;
  for (const auto& [id, page] : pages_) pages.push_back(to_json(page));
  return pages;
}

}  // namespace okiagari::desk
