#include "desk/clock_rules.h"

#include <algorithm>

namespace okiagari::desk {

namespace {

constexpr std::uint64_t kHourS = 3'600;
constexpr std::uint64_t kDayS = 86'400;

std::vector<ReportField> japan_fields() {
  return {{"firm", {"Firm", "会社名"}},
          {"aware_ns", {"Noticed at", "認識した日時"}},
          {"began_ns", {"Occurred at", "発生日時"}},
          {"affected", {"Services and products hit", "影響を受けたサービス・商品"}},
          {"members_hit_count", {"Members hit", "影響を受けた参加者数"}},
          {"orders_in_flight", {"Orders hit", "影響を受けた注文件数"}},
          {"title", {"Symptom", "事象の概要"}},
          {"cause", {"Cause", "原因"}},
          {"trading_state", {"State of trading", "売買の状態"}},
          {"response", {"Response so far", "これまでの対応"}},
          {"expected", {"Outlook for recovery", "復旧見込み"}},
          {"notices", {"Notice to clients", "顧客への周知"}},
          {"complaints", {"Complaints", "苦情の状況"}},
          {"vendors", {"Vendors involved", "外部委託先の関与"}},
          {"cyber", {"Cyber attack or not", "サイバー攻撃の有無"}},
          {"prevention", {"Prevention of recurrence", "再発防止策"}},
          {"next_report", {"Next report", "次回報告予定"}}};
}

std::vector<ReportField> dora_initial_fields() {
  return {{"incident", {"Incident reference code", "障害番号"}},
          {"aware_ns", {"Time of detection", "検知時刻"}},
          {"classified_ns", {"Time of classification", "分類時刻"}},
          {"title", {"Description", "概要"}},
          {"criteria", {"Criteria met", "該当基準"}},
          {"member_states", {"Member states hit", "影響を受けた加盟国"}},
          {"discovered_by", {"How it was discovered", "発見の経緯"}},
          {"cause", {"Origin, if known", "原因"}},
          {"continuity_plan", {"Continuity plan activated", "継続計画の発動"}},
          {"reclassification", {"Reclassification", "再分類"}},
          {"lei", {"LEI of the entity", "LEI"}},
          {"other", {"Other", "その他"}}};
}

std::vector<ReportField> dora_intermediate_fields() {
  return {{"authority_reference", {"Reference code from the authority", "当局の参照番号"}},
          {"began_ns", {"Time of occurrence", "発生時刻"}},
          {"recovered_ns", {"Time of recovery", "復旧時刻"}},
          {"criteria", {"Criteria, in detail", "該当基準"}},
          {"type", {"Type of the incident", "種別"}},
          {"affected", {"Functions and infrastructure hit", "影響を受けた機能"}},
          {"members_hit_count", {"Impact on clients", "顧客への影響"}},
          {"other_authorities", {"Reports to other authorities", "他当局への報告"}},
          {"response", {"Temporary and recovery actions", "対応"}},
          {"indicators", {"Indicators of compromise", "侵害指標"}}};
}

std::vector<ReportField> dora_final_fields() {
  return {{"cause", {"Root causes", "根本原因"}},
          {"recovered_ns", {"Time resolved", "解決時刻"}},
          {"cause_addressed_ns", {"Time the cause was addressed", "原因除去の時刻"}},
          {"response", {"Resolution", "解決方法"}},
          {"resolution_authorities", {"Information for resolution authorities", "破綻処理当局"}},
          {"costs", {"Direct and indirect costs, recoveries", "費用"}},
          {"recurrence", {"Recurrence", "再発"}}};
}

std::vector<ReportField> reg_sci_fields() {
  return {{"affected", {"Systems", "システム"}},
          {"title", {"Description of the event", "概要"}},
          {"members_hit_count", {"Participants affected, number", "影響を受けた参加者数"}},
          {"trading_state", {"Market impact", "市場への影響"}},
          {"response", {"Steps taken and planned", "対応"}},
          {"expected", {"Time resolved or expected", "解決時刻または見込み"}}};
}

std::vector<ReportField> reg_sci_final_fields() {
  std::vector<ReportField> fields = reg_sci_fields();
  fields.push_back({"cause", {"Cause", "原因"}});
  fields.push_back({"rules", {"Rules concerned", "関係規則"}});
  fields.push_back({"notices", {"Copies of what was disseminated", "公表文の写し"}});
  fields.push_back({"losses", {"Parties that may have lost, number and total", "損失"}});
  return fields;
}

std::vector<ReportField> mas_fields() {
  return {{"title", {"Executive summary", "要旨"}},
          {"began_ns", {"Occurred at", "発生時刻"}},
          {"cause", {"Root cause", "根本原因"}},
          {"affected", {"Impact", "影響"}},
          {"response", {"Measures", "対応"}}};
}

using Start = ClockStart;
using Length = ClockLength;

void add_japan(std::vector<ClockRule>& rules) {
  const std::vector<ReportField> fields = japan_fields();
  rules.push_back({"jp_fsa_occurrence",
                   "jp_fsa",
                   {"FSA: occurrence", "金融庁: 発生報告"},
                   Start::aware,
                   "",
                   Length::at_once,
                   0,
                   "ja",
                   fields});
  rules.push_back({"jp_fsa_recovery",
                   "jp_fsa",
                   {"FSA: recovery", "金融庁: 復旧報告"},
                   Start::recovered,
                   "",
                   Length::at_once,
                   0,
                   "ja",
                   fields});
  rules.push_back({"jp_fsa_cause",
                   "jp_fsa",
                   {"FSA: cause", "金融庁: 原因報告"},
                   Start::cause_known,
                   "",
                   Length::at_once,
                   0,
                   "ja",
                   fields});
  rules.push_back({"jp_fsa_status",
                   "jp_fsa",
                   {"FSA: status within a month", "金融庁: 1か月以内の現況報告"},
                   Start::aware,
                   "",
                   Length::months,
                   1,
                   "ja",
                   fields});
}

void add_dora(std::vector<ClockRule>& rules) {
  rules.push_back({"dora_initial",
                   "dora",
                   {"DORA: initial", "DORA: 初回"},
                   Start::classified,
                   "",
                   Length::seconds,
                   4 * kHourS,
                   "en",
                   dora_initial_fields()});
  rules.push_back({"dora_intermediate",
                   "dora",
                   {"DORA: intermediate", "DORA: 中間"},
                   Start::submitted,
                   "dora_initial",
                   Length::seconds,
                   72 * kHourS,
                   "en",
                   dora_intermediate_fields()});
  rules.push_back({"dora_final",
                   "dora",
                   {"DORA: final", "DORA: 最終"},
                   Start::submitted,
                   "dora_intermediate",
                   Length::months,
                   1,
                   "en",
                   dora_final_fields()});
}

void add_reg_sci(std::vector<ClockRule>& rules) {
  const std::vector<ReportField> fields = reg_sci_fields();
  rules.push_back({"reg_sci_notify",
                   "reg_sci",
                   {"Reg SCI: notify", "Reg SCI: 通知"},
                   Start::aware,
                   "",
                   Length::at_once,
                   0,
                   "en",
                   fields});
  rules.push_back({"reg_sci_written",
                   "reg_sci",
                   {"Reg SCI: in writing", "Reg SCI: 書面"},
                   Start::aware,
                   "",
                   Length::seconds,
                   24 * kHourS,
                   "en",
                   fields});
  rules.push_back({"reg_sci_interim",
                   "reg_sci",
                   {"Reg SCI: interim", "Reg SCI: 中間"},
                   Start::occurred,
                   "",
                   Length::seconds,
                   30 * kDayS,
                   "en",
                   fields});
  rules.push_back({"reg_sci_final",
                   "reg_sci",
                   {"Reg SCI: final", "Reg SCI: 最終"},
                   Start::closed,
                   "",
                   Length::business_days,
                   5,
                   "en",
                   reg_sci_final_fields()});
}

void add_mas(std::vector<ClockRule>& rules) {
  rules.push_back({"mas_notify",
                   "mas",
                   {"MAS: notify", "MAS: 通知"},
                   Start::aware,
                   "",
                   Length::seconds,
                   kHourS,
                   "en",
                   mas_fields()});
  rules.push_back({"mas_report",
                   "mas",
                   {"MAS: root cause and impact", "MAS: 原因と影響"},
                   Start::aware,
                   "",
                   Length::seconds,
                   14 * kDayS,
                   "en",
                   mas_fields()});
}

std::vector<ClockRule> make_rules() {
  std::vector<ClockRule> rules;
  add_japan(rules);
  add_dora(rules);
  add_reg_sci(rules);
  add_mas(rules);
  return rules;
}

}  // namespace

const std::vector<ClockRule>& clock_rules() {
  static const std::vector<ClockRule> kRules = make_rules();
  return kRules;
}

const ClockRule* find_clock_rule(std::string_view id) {
  const auto at = std::find_if(clock_rules().begin(), clock_rules().end(),
                               [&](const ClockRule& rule) { return rule.id == id; });
  return at == clock_rules().end() ? nullptr : &*at;
}

}  // namespace okiagari::desk
