#include "desk/notices.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/json.hpp>

#include "desk/read_words.h"

namespace okiagari::desk {

namespace {

constexpr std::array<std::string_view, 5> kStatuses = {"investigating", "identified", "monitoring",
                                                       "resolved", "postmortem"};
constexpr std::size_t kChannelsMax = 100;

bool is_status(std::string_view status) {
  return std::find(kStatuses.begin(), kStatuses.end(), status) != kStatuses.end();
}

bool is_over(std::string_view status) { return status == "resolved" || status == "postmortem"; }

}  // namespace

const Notice* Notices::find(std::string_view id) const {
  const auto found = by_id_.find(id);
  return found == by_id_.end() ? nullptr : &notices_[found->second];
}

std::vector<const Notice*> Notices::released(std::string_view incident) const {
  std::vector<const Notice*> found;
  const auto of = by_incident_.find(incident);
  if (of == by_incident_.end()) return found;
  for (const std::size_t at : of->second) {
    if (notices_[at].state == NoticeState::released) found.push_back(&notices_[at]);
  }
  std::sort(found.begin(), found.end(),
            [](const Notice* a, const Notice* b) { return a->number < b->number; });
  return found;
}

const Notice* Notices::last_released(const std::string& incident) const {
  const std::vector<const Notice*> all = released(incident);
  return all.empty() ? nullptr : all.back();
}

std::string Notices::status_before(const std::string& incident) const {
  const Notice* last = last_released(incident);
  return last == nullptr ? "investigating" : last->status;
}

std::uint64_t Notices::last_number(const std::string& incident) const {
  std::uint64_t number = 0;
  const auto of = by_incident_.find(incident);
  if (of == by_incident_.end()) return 0;
  for (const std::size_t at : of->second) number = std::max(number, notices_[at].number);
  return number;
}

base::Status Notices::apply(const Entry& entry, Context& context) {
  static const std::map<std::string_view, Act> kActs = {{"templates", &Notices::set_templates},
                                                        {"channels", &Notices::set_channels},
                                                        {"key", &Notices::set_key},
                                                        {"clock", &Notices::set_clock},
                                                        {"auto", &Notices::make_auto},
                                                        {"draft", &Notices::draft},
                                                        {"approve", &Notices::approve},
                                                        {"reject", &Notices::reject},
                                                        {"signed", &Notices::take_signature},
                                                        {"cause", &Notices::state_cause},
                                                        {"effect", &Notices::take_fate}};
  const auto act = kActs.find(entry.what());
  if (act == kActs.end()) return base::Error{fmt::format("there is no entry '{}'", entry.type)};
  return (this->*act->second)(entry, context);
}

base::Status Notices::set_templates(const Entry& entry, Context&) {
  const boost::json::value* array = entry.body.if_contains("templates");
  if (array == nullptr || !array->is_array()) return base::Error{"'templates' is missing"};
  auto templates = NoticeTemplates::from_json(array->get_array());
  if (!templates) return templates.error();
  templates_ = std::move(templates.value());
  return {};
}

base::Status Notices::set_channels(const Entry& entry, Context&) {
  const boost::json::value* array = entry.body.if_contains("channels");
  if (array == nullptr || !array->is_array()) return base::Error{"'channels' is missing"};
  if (array->get_array().size() > kChannelsMax) {
    return base::Error{fmt::format("more than {} channels", kChannelsMax)};
  }
  std::vector<NoticeChannel> channels;
  for (const boost::json::value& item : array->get_array()) {
    if (!item.is_object()) return base::Error{"a channel is no object"};
    NoticeChannel channel;
    channel.id = text_or(item.get_object(), "id");
    channel.kind = text_or(item.get_object(), "kind");
    if (channel.id.empty() || channel.kind.empty()) {
      return base::Error{"a channel needs 'id' and 'kind'"};
    }
    const boost::json::value* with = item.get_object().if_contains("with");
    if (with != nullptr && with->is_object()) channel.with = with->get_object();
    channels.push_back(std::move(channel));
  }
  channels_ = std::move(channels);
  return {};
}

base::Status Notices::set_key(const Entry& entry, Context& context) {
  base::PublicKey key{};
  if (!base::from_hex(text_or(entry.body, "public_key"), key)) {
    return base::Error{"'public_key' is 64 hex digits"};
  }
  if (public_key_ && *public_key_ != key) {
    context.note(
        "", "notice.key",
        {"notices are signed with another key from now on", "以後のお知らせは別の鍵で署名する"});
  }
  public_key_ = key;
  return {};
}

base::Status Notices::set_clock(const Entry& entry, Context& context) {
  if (context.by.starts_with("person:")) return base::Error{"the configuration sets the clock"};
  constexpr std::int64_t kSecondNs = 1'000'000'000;
  const std::int64_t every_s = number_or(entry.body, "every_s", kUpdateEveryNs / kSecondNs);
  const std::int64_t warn_after_s = number_or(entry.body, "warn_after_s", kWarnAfterNs / kSecondNs);
  const std::int64_t limit_s = number_or(entry.body, "limit_s", kHardLimitNs / kSecondNs);
  // "No change" must have time to be signed.
  const std::int64_t signing_s = kSigningLimitNs / kSecondNs;
  const bool is_good = every_s > signing_s && every_s <= limit_s && warn_after_s >= 1 &&
                       warn_after_s < every_s - signing_s &&
                       limit_s <= static_cast<std::int64_t>(kHardLimitNs) / kSecondNs;
  if (!is_good) {
    return base::Error{
        "'warn_after_s' is at least ten seconds before 'every_s', and 'limit_s' between that and "
        "1800"};
  }
  update_every_ns_ = static_cast<TimestampNs>(every_s * kSecondNs);
  warn_after_ns_ = static_cast<TimestampNs>(warn_after_s * kSecondNs);
  hard_limit_ns_ = static_cast<TimestampNs>(limit_s * kSecondNs);
  return {};
}

base::Status Notices::check_room(const std::string& incident) const {
  if (incident.empty()) return base::Error{"'incident' is missing"};
  if (notices_.size() >= kNoticesMax) {
    return base::Error{fmt::format("there are {} notices; the desk takes no more", kNoticesMax)};
  }
  const auto of = by_incident_.find(incident);
  if (of != by_incident_.end() && of->second.size() >= kDraftsOfIncidentMax) {
    return base::Error{fmt::format("{} has {} notices and drafts; it takes no more", incident,
                                   kDraftsOfIncidentMax)};
  }
  return {};
}

Notice& Notices::keep(Notice notice, Context& context) {
  auto& of_incident = by_incident_[notice.incident];
  notice.id = fmt::format("{}/n{}", notice.incident, of_incident.size() + 1);
  notice.by = context.by;
  notice.drafted_ns = context.now_ns;
  of_incident.push_back(notices_.size());
  by_id_[notice.id] = notices_.size();
  notices_.push_back(std::move(notice));
  return notices_.back();
}

base::Status Notices::make_auto(const Entry& entry, Context& context) {
  Notice notice;
  notice.incident = text_or(entry.body, "incident");
  if (base::Status status = check_room(notice.incident); !status) return status;
  notice.template_id = text_or(entry.body, "template");
  const NoticeTemplate* from = templates_.find(notice.template_id);
  if (from == nullptr) {
    return base::Error{fmt::format("there is no template '{}'", notice.template_id)};
  }
  if (!from->is_pre_approved) {
    return base::Error{fmt::format("the template '{}' needs two people", notice.template_id)};
  }
  notice.status = from->status.empty() ? status_before(notice.incident) : from->status;
  const Notice* last = last_released(notice.incident);
  notice.facts =
      with_facts(last == nullptr ? boost::json::object{} : last->facts, public_facts(entry.body));
  issue(keep(std::move(notice), context), "template", context);
  return {};
}

base::Status Notices::read_text(const Entry& entry, Notice& notice) const {
  if (notice.template_id.empty()) {
    notice.subject = read_words(entry.body, "subject");
    notice.text = read_words(entry.body, "text");
    for (const std::string* text :
         {&notice.subject.en, &notice.subject.ja, &notice.text.en, &notice.text.ja}) {
      if (text->empty()) return base::Error{"'subject' and 'text' are needed, in en and ja"};
    }
    return {};
  }
  const NoticeTemplate* from = templates_.find(notice.template_id);
  if (from == nullptr) {
    return base::Error{fmt::format("there is no template '{}'", notice.template_id)};
  }
  if (notice.status.empty()) notice.status = from->status;
  return {};
}

base::Status Notices::read_correction(const Entry& entry, Notice& notice) const {
  const std::int64_t supersedes = number_or(entry.body, "supersedes", 0);
  if (supersedes == 0) return {};
  const std::vector<const Notice*> all = released(notice.incident);
  const auto corrected = std::find_if(all.begin(), all.end(), [&](const Notice* n) {
    return n->number == static_cast<std::uint64_t>(supersedes);
  });
  if (corrected == all.end()) {
    return base::Error{
        fmt::format("no notice No. {} of {} was released", supersedes, notice.incident)};
  }
  notice.correction_reason = read_words(entry.body, "correction_reason");
  if (is_empty(notice.correction_reason)) {
    return base::Error{"a correction needs a 'correction_reason'"};
  }
  notice.supersedes = static_cast<std::uint64_t>(supersedes);
  return {};
}

base::Result<Notice> Notices::read_draft(const Entry& entry, const Context& context) const {
  if (!context.by.starts_with("person:")) return base::Error{"a draft is a person's"};
  Notice notice;
  notice.incident = text_or(entry.body, "incident");
  if (base::Status status = check_room(notice.incident); !status) return status.error();
  notice.template_id = text_or(entry.body, "template");
  notice.status = text_or(entry.body, "status");
  if (base::Status status = read_text(entry, notice); !status) return status.error();
  if (notice.status.empty()) notice.status = status_before(notice.incident);
  if (!is_status(notice.status)) {
    return base::Error{fmt::format("'{}' is no status of a notice", notice.status)};
  }
  if (entry.body.contains("cause")) {
    return base::Error{"a cause is stated by 'notice.cause', with its evidence"};
  }
  if (notice.status == "identified" && !causes_.contains(notice.incident)) {
    return base::Error{"no cause is on record: nothing is identified"};
  }
  if (base::Status status = read_correction(entry, notice); !status) return status.error();
  const Notice* last = last_released(notice.incident);
  notice.facts =
      with_facts(last == nullptr ? boost::json::object{} : last->facts, public_facts(entry.body));
  return notice;
}

base::Status Notices::draft(const Entry& entry, Context& context) {
  auto read = read_draft(entry, context);
  if (!read) return read.error();
  Notice& kept = keep(std::move(read.value()), context);
  // What the second person sees is what will be said, but for the number and the times.
  kept.number = last_number(kept.incident) + 1;
  kept.issued_ns = context.now_ns;
  write_text(kept);
  kept.number = 0;
  kept.issued_ns = 0;
  context.note(kept.incident, "notice.drafted",
               {fmt::format("notice {} drafted: {}", kept.id, kept.subject.en),
                fmt::format("お知らせ案 {} を作成: {}", kept.id, kept.subject.ja)},
               {{"notice", kept.id}});
  return {};
}

Notice* Notices::find_in(const Entry& entry, NoticeState state, base::Status& why) {
  const std::string id = text_or(entry.body, "notice");
  const auto found = by_id_.find(id);
  if (found == by_id_.end()) {
    why = base::Error{fmt::format("there is no notice '{}'", id)};
    return nullptr;
  }
  Notice& notice = notices_[found->second];
  if (notice.state == state) return &notice;
  why = base::Error{
      fmt::format("the notice {} is {}, not {}", id, to_string(notice.state), to_string(state))};
  return nullptr;
}

base::Status Notices::approve(const Entry& entry, Context& context) {
  base::Status why;
  Notice* notice = find_in(entry, NoticeState::draft, why);
  if (notice == nullptr) return why;
  if (!context.by.starts_with("person:")) return base::Error{"a draft is approved by a person"};
  if (context.by == notice->by) return base::Error{"who wrote it cannot approve it"};
  issue(*notice, context.by, context);
  return {};
}

base::Status Notices::reject(const Entry& entry, Context& context) {
  base::Status why;
  Notice* notice = find_in(entry, NoticeState::draft, why);
  if (notice == nullptr) return why;
  const std::string reason = text_or(entry.body, "reason");
  notice->state = NoticeState::rejected;
  context.note(notice->incident, "notice.rejected",
               {fmt::format("notice {} rejected: {}", notice->id, reason),
                fmt::format("お知らせ案 {} を却下: {}", notice->id, reason)},
               {{"notice", notice->id}});
  return {};
}

base::Status Notices::state_cause(const Entry& entry, Context& context) {
  const std::string incident = text_or(entry.body, "incident");
  const Words cause = read_words(entry.body, "cause");
  if (!context.by.starts_with("person:")) return base::Error{"a cause is stated by a person"};
  if (incident.empty() || is_empty(cause)) return base::Error{"'incident' and 'cause' are needed"};
  if (texts_of(entry.body, "evidence").empty()) {
    return base::Error{"a cause is stated with 'evidence', by its ids"};
  }
  causes_[incident] = cause;
  context.note(
      incident, "notice.cause",
      {fmt::format("cause on record: {}", cause.en), fmt::format("原因を記録: {}", cause.ja)},
      {{"cause", to_json(cause)}, {"evidence", entry.body.at("evidence")}});
  return {};
}

void Notices::write_text(Notice& notice) const {
  boost::json::object facts = notice.facts;
  facts["number"] = notice.number;
  facts["issued_ns"] = notice.issued_ns;
  if (notice.next_update_by_ns != 0) facts["next_update_by_ns"] = notice.next_update_by_ns;
  const auto cause = causes_.find(notice.incident);
  if (cause != causes_.end()) facts["cause"] = to_json(cause->second);
  if (const Notice* last = last_released(notice.incident)) {
    facts["previous"] = last->number;
    facts["previous_issued_ns"] = last->issued_ns;
  }
  if (const NoticeTemplate* from = templates_.find(notice.template_id)) {
    notice.subject = render(from->subject, facts);
    notice.text = render(from->text, facts);
  }
}

void Notices::issue(Notice& notice, std::string approved_by, Context& context) {
  notice.previous = last_number(notice.incident);
  notice.number = notice.previous + 1;
  notice.approved_by = std::move(approved_by);
  notice.issued_ns = context.now_ns;
  if (!is_over(notice.status)) notice.next_update_by_ns = context.now_ns + update_every_ns_;
  write_text(notice);
  if (notice.supersedes != 0) {
    notice.text.en += fmt::format("\nCorrects notice No. {}: {}\n", notice.supersedes,
                                  notice.correction_reason.en);
    notice.text.ja +=
        fmt::format("\n第{}報の訂正: {}\n", notice.supersedes, notice.correction_reason.ja);
  }
  notice.signed_text = signed_text_of(notice);
  notice.state = NoticeState::signing;
  context.note(notice.incident, "notice.approved",
               {fmt::format("notice {} approved by {}", notice.id, notice.approved_by),
                fmt::format("お知らせ {} を {} が承認", notice.id, notice.approved_by)},
               {{"notice", notice.id}});
  // Nobody could sign it: nothing to wait for.
  if (public_key_) {
    signing_.push_back(notice.id);
  } else {
    release(notice, context);
  }
}

base::Status Notices::take_signature(const Entry& entry, Context& context) {
  base::Status why;
  Notice* notice = find_in(entry, NoticeState::signing, why);
  if (notice == nullptr) return why;
  base::Signature signature{};
  const std::string hex = text_or(entry.body, "signature");
  if (!public_key_ || !base::from_hex(hex, signature) ||
      !base::verify_signature(base::as_bytes(notice->signed_text), signature, *public_key_)) {
    return base::Error{fmt::format("the signature of {} is not good", notice->id)};
  }
  notice->signature = hex;
  release(*notice, context);
  return {};
}

void Notices::release(Notice& notice, Context& context) {
  notice.state = NoticeState::released;
  std::erase(signing_, notice.id);
  notice.released_ns = context.now_ns;
  notice.released_index = context.index;
  if (notice.supersedes != 0) {
    for (const std::size_t at : by_incident_[notice.incident]) {
      if (notices_[at].number == notice.supersedes) notices_[at].superseded_by = notice.number;
    }
  }
  context.note(notice.incident, "notice.released",
               {fmt::format("notice No. {} released: {}", notice.number, notice.subject.en),
                fmt::format("第{}報を公表: {}", notice.number, notice.subject.ja)},
               {{"notice", notice.id}, {"number", notice.number}, {"status", notice.status}});
  if (notice.signature.empty()) {
    context.note(notice.incident, "notice.unsigned",
                 {fmt::format("notice {} went out without a signature", notice.id),
                  fmt::format("お知らせ {} は署名なしで公表した", notice.id)});
  }
  Clock& clock = clocks_[notice.incident];
  clock = Clock{};
  clock.last_ns = context.now_ns;
  clock.is_running = !is_over(notice.status);
  keep_promises(notice, context);
  send(notice, context);
}

void Notices::keep_promises(const Notice& notice, Context& context) {
  promises_.keep(notice.incident, "next_update", context);
  if (notice.next_update_by_ns != 0) {
    Promise promise;
    promise.incident = notice.incident;
    promise.what = "next_update";
    promise.notice = notice.id;
    promise.due_ns = notice.next_update_by_ns;
    promises_.make(std::move(promise), "kept", context);
  }
  if (notice.status == "monitoring" || is_over(notice.status)) {
    promises_.keep(notice.incident, "recovery", context);
    return;
  }
  const boost::json::value* expected = notice.facts.if_contains("expected");
  if (expected == nullptr || !expected->is_object()) return;
  const std::int64_t to_ns = number_or(expected->get_object(), "to_ns", 0);
  if (to_ns <= 0) return;
  Promise promise;
  promise.incident = notice.incident;
  promise.what = "recovery";
  promise.notice = notice.id;
  promise.due_ns = static_cast<TimestampNs>(to_ns);
  for (const Promise& made : promises_.all()) {
    const bool is_same = made.incident == promise.incident && made.what == promise.what &&
                         made.due_ns == promise.due_ns;
    if (is_same) return;  // said again
  }
  promises_.make(std::move(promise), "revised", context);
}

base::Status Notices::take_fate(const Entry& entry, Context& context) {
  const std::string key = text_or(entry.body, "key");
  if (key.starts_with("maintenance/")) return {};  // the outbox keeps its fate
  const auto found = by_effect_.find(key);
  if (found == by_effect_.end()) return base::Error{fmt::format("'{}' is of no notice", key)};
  Notice& notice = notices_[found->second];
  const std::string channel = key.substr(fmt::format("notice/{}/", notice.id).size());
  std::size_t open = 0;
  for (Delivery& delivery : notice.deliveries) {
    if (delivery.channel == channel) {
      delivery.state = text_or(entry.body, "state");
      delivery.outcome = text_or(entry.body, "outcome");
      delivery.ended_ns = context.now_ns;
    }
    if (delivery.state == "waiting") ++open;
  }
  by_effect_.erase(found);
  if (open != 0) return {};
  context.note(
      notice.incident, "notice.delivered",
      {fmt::format("notice {}: every channel has an answer, {} s apart", notice.id,
                   spread_s(notice)),
       fmt::format("お知らせ {}: 全経路の結果が判明（時間差 {} 秒）", notice.id, spread_s(notice))},
      {{"notice", notice.id}, {"spread_s", spread_s(notice)}});
  return {};
}

TimestampNs Notices::next_of(const Clock& clock) const {
  if (!clock.is_running) return kNever;
  if (!clock.is_warned) return clock.last_ns + warn_after_ns_;
  // Made early enough to be out in time even if nobody signs it.
  if (!clock.is_no_change_made) return clock.last_ns + update_every_ns_ - kSigningLimitNs;
  return clock.is_breached ? kNever : clock.last_ns + hard_limit_ns_;
}

TimestampNs Notices::next_due_ns() const {
  TimestampNs due = promises_.next_due_ns();
  for (const auto& [incident, clock] : clocks_) due = std::min(due, next_of(clock));
  for (const std::string& id : signing_) {
    due = std::min(due, find(id)->issued_ns + kSigningLimitNs);
  }
  return due;
}

void Notices::advance(Context& context) {
  const std::vector<std::string> waiting = signing_;
  for (const std::string& id : waiting) {
    Notice& notice = notices_[by_id_.at(id)];
    if (notice.issued_ns + kSigningLimitNs <= context.now_ns) release(notice, context);
  }
  promises_.advance(context);
  for (auto& [incident, clock] : clocks_) {
    if (next_of(clock) <= context.now_ns) advance_clock(incident, clock, context);
  }
}

void Notices::advance_clock(const std::string& incident, Clock& clock, Context& context) {
  if (!clock.is_warned) {
    clock.is_warned = true;
    const TimestampNs left_s = (update_every_ns_ - warn_after_ns_) / 1'000'000'000;
    context.note(incident, "notice.update_due",
                 {fmt::format("the next notice is due in {} s", left_s),
                  fmt::format("次回のお知らせまで残り {} 秒", left_s)});
  } else if (!clock.is_no_change_made) {
    clock.is_no_change_made = true;
    context.follow("notice.auto", {{"incident", incident}, {"template", "no_change"}});
  } else {
    clock.is_breached = true;
    const TimestampNs limit_s = hard_limit_ns_ / 1'000'000'000;
    context.note(incident, "notice.update_breached",
                 {fmt::format("no notice for {} s: the hard limit is broken", limit_s),
                  fmt::format("{} 秒間お知らせがない（上限超過）", limit_s)});
  }
}

boost::json::value Notices::view() const {
  boost::json::array notices;
  for (const Notice& notice : notices_) notices.push_back(to_json(notice));
  boost::json::object clocks;
  for (const auto& [incident, clock] : clocks_) {
    if (!clock.is_running) continue;
    clocks[incident] = {{"last_ns", clock.last_ns},
                        {"next_update_by_ns", clock.last_ns + update_every_ns_},
                        {"breached", clock.is_breached}};
  }
  return {{"notices", std::move(notices)},
          {"clocks", std::move(clocks)},
          {"promises", promises_.view()},
          {"public_key", public_key_ ? base::to_hex(*public_key_) : ""},
          {"templates", templates_.to_json()}};
}

}  // namespace okiagari::desk
