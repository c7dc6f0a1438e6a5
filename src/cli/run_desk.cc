#include "cli/run_desk.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>
#include <set>

namespace okiagari::cli {

namespace {

// The clocks that docs/desk.md promises.
constexpr double kCrashSeenMsMax = 200;
constexpr double kReportMsMax = 5'000;
constexpr double kCauseMsMax = 20'000;
constexpr double kPageMsMax = 2'000;
constexpr double kNoticeMsMax = 60'000;
constexpr double kSpreadMsMax = 5'000;

// What the page leaves out: evidence is many, and steps say little to a stranger.
bool is_told(const std::string& kind) {
  static const std::set<std::string> kLeftOut = {"incident.report_updated",
                                                 "incident.causes_updated", "playbook.started"};
  return !kLeftOut.contains(kind) && !kind.starts_with("evidence.log.");
}

double milliseconds(TimestampNs from_ns, TimestampNs to_ns) {
  return (static_cast<double>(to_ns) - static_cast<double>(from_ns)) / 1e6;
}

}  // namespace

base::Result<std::unique_ptr<RunDesk>> RunDesk::start(
    const std::string& market_folder, const std::string& out, std::size_t desks,
    const std::function<void(const std::string&)>& tell) {
  std::unique_ptr<RunDesk> run(new RunDesk());
  auto mail = MailReceiver::start(out + "/mail");
  if (!mail) return mail.error();
  run->mail_ = std::move(mail.value());
  deployment::DeskDeploymentOptions options;
  options.market_folder = market_folder;
  options.desks = desks;
  options.mail_server = run->mail_->endpoint();
  options.tell = tell;
  auto prepared = deployment::DeskDeployment::prepare(std::move(options));
  if (!prepared) return prepared.error();
  run->desks_ = std::move(prepared.value());
  if (base::Status status = run->desks_->start(); !status) return status.error();
  return run;
}

bool RunDesk::has_come_to(const std::vector<std::string>& kinds) const {
  for (const deployment::DeskDeployment::Place& place : desks_->places()) {
    const auto record = read_desk_record(place.folder);
    if (!record) continue;
    const bool has_all = std::all_of(kinds.begin(), kinds.end(), [&](const std::string& kind) {
      return record.value().first(kind, fault_ns_) != nullptr;
    });
    if (has_all) return true;
  }
  return false;
}

base::Status RunDesk::finish() {
  desks_->stop();
  mails_ = read_maildir(mail_->maildir());
  mail_->stop();
  // Every desk has the same; the one with most was there to the end.
  for (const deployment::DeskDeployment::Place& place : desks_->places()) {
    auto record = read_desk_record(place.folder);
    if (!record) return record.error();
    if (record.value().items.size() > record_.items.size()) record_ = std::move(record.value());
  }
  tell_story();
  return {};
}

std::optional<double> RunDesk::ms_of(std::string_view kind) const {
  const DeskRecord::Item* item = record_.first(kind, fault_ns_);
  if (item == nullptr) return std::nullopt;
  return milliseconds(fault_ns_, item->at_ns);
}

void RunDesk::tell_story() {
  const DeskRecord::Item* report = nullptr;
  for (const DeskRecord::Item& item : record_.items) {
    if (item.at_ns < fault_ns_) continue;
    if (item.kind.starts_with("incident.report")) report = &item;
    if (!is_told(item.kind)) continue;
    story_.lines.push_back({milliseconds(fault_ns_, item.at_ns), item.kind, item.en, item.ja});
  }
  story_.mails_delivered = mails_.size();
  if (report == nullptr) return;
  boost::system::error_code error;
  const boost::json::value data = boost::json::parse(report->data, error);
  if (error) return;
  const boost::json::value* sentences = data.get_object().if_contains("sentences");
  if (sentences == nullptr) return;
  for (const boost::json::value& sentence : sentences->get_array()) {
    story_.situation_report.push_back({0, "", std::string(sentence.at("en").as_string()),
                                       std::string(sentence.at("ja").as_string())});
  }
}

void RunDesk::judge(base::Report& report) const {
  judge_within("fail-over observed from outside", "incident.path_observed", kReportMsMax, report);
  judge_first_response(report);
}

void RunDesk::judge_within(const char* name, std::string_view kind, double most_ms,
                           base::Report& report) const {
  const std::optional<double> ms = ms_of(kind);
  report.check(fmt::format("{}: it happened", name), ms.has_value(), true);
  if (ms) report.figure_at_most(fmt::format("{}, after the kill", name), *ms, "ms", most_ms);
}

void RunDesk::judge_first_response(base::Report& report) const {
  judge_within("the desk opens an incident", "incident.opened", kCrashSeenMsMax, report);
  judge_within("situation report", "incident.report", kReportMsMax, report);
  judge_within("first hypothesis of the cause", "incident.causes", kCauseMsMax, report);
  judge_pages(report);
  judge_notices(report);
}

void RunDesk::judge_pages(base::Report& report) const {
  std::int64_t sent = 0;
  double first_ms = 0;
  const std::optional<double> seen_ms = ms_of("incident.opened");
  for (const DeskRecord::Effect& effect : record_.effects) {
    if (effect.owner != "page" || effect.kind != "mail" || effect.state != "done") continue;
    const double ms = milliseconds(fault_ns_, effect.ended_ns);
    first_ms = sent == 0 ? ms : std::min(first_ms, ms);
    ++sent;
  }
  std::set<std::string> ids;
  for (const ReceivedMail& mail : mails_) ids.insert(mail.message_id);
  report.check("somebody was paged", sent > 0, true);
  if (sent > 0 && seen_ms) {
    report.figure_at_most("first page taken by the mail server, after detection",
                          first_ms - *seen_ms, "ms", kPageMsMax);
  }
  report.figure("mails read back from the mail server", static_cast<double>(mails_.size()),
                "messages");
  report.check("mails that came twice", static_cast<std::int64_t>(mails_.size() - ids.size()),
               std::int64_t{0});
}

// All that goes out for one notice, from the first channel's delivery to the last one's.
void RunDesk::judge_notices(base::Report& report) const {
  const std::optional<double> released_ms = ms_of("notice.released");
  report.check("the public was told", released_ms.has_value(), true);
  if (!released_ms) return;
  report.figure_at_most("first notice released, after the kill", *released_ms, "ms", kNoticeMsMax);
  TimestampNs first_ns = 0;
  TimestampNs last_ns = 0;
  for (const DeskRecord::Effect& effect : record_.effects) {
    if (effect.owner != "notice" || effect.state != "done") continue;
    // Of the first release only.
    if (first_ns != 0 && effect.added_ns > first_ns + 1'000'000'000) continue;
    first_ns = first_ns == 0 ? effect.ended_ns : std::min(first_ns, effect.ended_ns);
    last_ns = std::max(last_ns, effect.ended_ns);
  }
  report.check("a channel has delivered the notice", first_ns != 0, true);
  if (first_ns == 0) return;
  report.figure_at_most("spread of the notice over its channels", milliseconds(first_ns, last_ns),
                        "ms", kSpreadMsMax);
}

}  // namespace okiagari::cli
