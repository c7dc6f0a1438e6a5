// Words and marks for the states that the desk's log names: never colour alone, and never a word of
// the log where people read.
import { language } from "./words";

type Look = { ja: string; en: string; kind: "good" | "warn" | "bad" | "plain" };

const looks: Record<string, Look> = {
  // servers and gateways
  alive: { ja: "稼働", en: "alive", kind: "good" }, gone: { ja: "停止", en: "gone", kind: "bad" },
  frozen: { ja: "固着", en: "frozen", kind: "bad" }, unreachable: { ja: "応答なし", en: "unreachable", kind: "bad" },
  unknown: { ja: "不明", en: "unknown", kind: "warn" }, leader: { ja: "主", en: "leader", kind: "good" },
  follower: { ja: "従", en: "follower", kind: "plain" }, candidate: { ja: "立候補中", en: "candidate", kind: "warn" },
  standby: { ja: "待機", en: "standby", kind: "plain" },
  // incidents and notices
  open: { ja: "対応中", en: "open", kind: "bad" }, investigating: { ja: "調査中", en: "investigating", kind: "bad" },
  identified: { ja: "原因特定", en: "identified", kind: "warn" }, monitoring: { ja: "監視中", en: "monitoring", kind: "warn" },
  resolved: { ja: "解決", en: "resolved", kind: "good" }, postmortem: { ja: "報告書", en: "report", kind: "good" },
  merged: { ja: "統合済み", en: "merged", kind: "plain" },
  draft: { ja: "下書き", en: "draft", kind: "warn" }, signing: { ja: "署名中", en: "being signed", kind: "warn" },
  released: { ja: "公表済み", en: "released", kind: "good" }, rejected: { ja: "差し戻し", en: "sent back", kind: "plain" },
  // steps, effects, proposals
  pending: { ja: "待ち", en: "not yet", kind: "plain" }, waiting: { ja: "待ち", en: "waiting", kind: "plain" }, active: { ja: "進行中", en: "under way", kind: "warn" },
  done: { ja: "完了", en: "done", kind: "good" }, skipped: { ja: "省略", en: "skipped", kind: "plain" },
  defaulted: { ja: "期限により自動実行", en: "done by itself at its limit", kind: "warn" },
  begun: { ja: "実行中", en: "begun", kind: "warn" }, given_up: { ja: "断念", en: "given up", kind: "bad" },
  to_sign: { ja: "署名待ち", en: "to be signed", kind: "warn" }, withdrawn: { ja: "取り下げ", en: "withdrawn", kind: "plain" }, approved: { ja: "承認済み", en: "approved", kind: "good" },
  executed: { ja: "実行済み", en: "carried out", kind: "good" }, failed: { ja: "失敗", en: "failed", kind: "bad" },
  expired: { ja: "失効", en: "expired", kind: "plain" }, kept: { ja: "守られた", en: "kept", kind: "good" },
  broken: { ja: "守られず", en: "broken", kind: "bad" },
  calling: { ja: "呼び出し中", en: "calling", kind: "warn" }, snoozed: { ja: "一時停止", en: "snoozed", kind: "plain" },
  acknowledged: { ja: "応答あり", en: "acknowledged", kind: "good" }, exhausted: { ja: "誰も応答せず", en: "nobody answered", kind: "bad" },
  ended: { ja: "終了", en: "ended", kind: "plain" },
  // components and maintenance
  operational: { ja: "正常", en: "operational", kind: "good" }, degraded_performance: { ja: "性能低下", en: "degraded", kind: "warn" },
  partial_outage: { ja: "一部停止", en: "partial outage", kind: "bad" }, major_outage: { ja: "停止", en: "major outage", kind: "bad" },
  under_maintenance: { ja: "メンテナンス中", en: "under maintenance", kind: "plain" },
  scheduled: { ja: "予定", en: "scheduled", kind: "plain" }, in_progress: { ja: "作業中", en: "in progress", kind: "warn" },
  verifying: { ja: "確認中", en: "verifying", kind: "warn" }, completed: { ja: "完了", en: "completed", kind: "good" },
  cancelled: { ja: "中止", en: "cancelled", kind: "plain" },
  // the market
  impaired: { ja: "売買に支障", en: "impaired", kind: "bad" }, full: { ja: "通常どおり売買可", en: "open", kind: "good" },
  auction_call: { ja: "板寄せの注文受付中", en: "orders for an auction", kind: "warn" }, limit_only: { ja: "指値注文のみ", en: "limit orders only", kind: "warn" },
  post_only: { ja: "板に残る指値のみ", en: "resting orders only", kind: "warn" }, closed: { ja: "取引時間外", en: "closed", kind: "plain" },
  cancel_only: { ja: "取消のみ受付", en: "cancels only", kind: "warn" }, halted: { ja: "全て停止", en: "halted", kind: "bad" },
  // hypotheses
  proposed: { ja: "仮説", en: "proposed", kind: "plain" }, supported: { ja: "裏付けあり", en: "supported", kind: "warn" },
  refuted: { ja: "否定", en: "refuted", kind: "plain" }, likely: { ja: "可能性が高い", en: "likely", kind: "plain" },
  unlikely: { ja: "可能性は低い", en: "unlikely", kind: "plain" }, even: { ja: "どちらとも言えない", en: "about as likely as not", kind: "plain" },
  very_likely: { ja: "可能性が極めて高い", en: "very likely", kind: "plain" }, very_unlikely: { ja: "可能性は極めて低い", en: "very unlikely", kind: "plain" },
  // promised times
  owed: { ja: "期限前", en: "not due yet", kind: "plain" },
};
const marks = { good: "✓", warn: "▲", bad: "✕", plain: "・" };

// As the market calls what it is when nothing is stopped.
export const tradingState = (state: string | undefined): string => (state === "open" || state === "continuous" ? "full" : state ?? "unknown");

// Who did it: a person by the login, the desk's own parts by what they are.
const doers: Record<string, { ja: string; en: string }> = {
  desk: { ja: "障害対策卓", en: "the desk" }, watch: { ja: "監視", en: "the watch" }, template: { ja: "承認済みのひな形", en: "a template approved before" },
  playbook: { ja: "手順書", en: "the playbook" }, outbox: { ja: "送信", en: "the outbox" }, link: { ja: "呼び出しのリンク", en: "the link in a call" },
};
export const who = (by: string): string => doers[by]?.[language.value] ?? by.replace("person:", "");

// By what road something leaves the desk, and who is behind a contact.
const roads: Record<string, { ja: string; en: string }> = {
  mail: { ja: "メール", en: "mail" }, file: { ja: "公表ページの写し", en: "copy of the public page" }, page: { ja: "公表ページ", en: "public page" },
  webhook: { ja: "Webhook", en: "webhook" }, pagerduty: { ja: "PagerDuty", en: "PagerDuty" }, alertmanager: { ja: "Alertmanager", en: "Alertmanager" },
  siren: { ja: "サイレン", en: "siren" }, halt_by_guard: { ja: "停止（ゲートウェイ）", en: "halt, by the gateways" }, halt_by_log: { ja: "停止（市場の記録）", en: "halt, by the market's log" },
  market_act: { ja: "市場の操作", en: "act of the market" },
  operations: { ja: "運用", en: "operations" }, administrators: { ja: "管理者", en: "administrators" }, management: { ja: "経営", en: "management" },
  regulators: { ja: "監督当局", en: "regulators" }, vendors: { ja: "取引先", en: "vendors" }, members: { ja: "参加者", en: "members" },
};
export const road = (kind: string): string => roads[kind]?.[language.value] ?? kind;

export function word(state: string | undefined): string {
  const look = looks[state ?? "unknown"];
  return look ? look[language.value] : (state ?? "");
}

export function State(props: { of: string | undefined }) {
  const kind = looks[props.of ?? "unknown"]?.kind ?? "plain";
  return <span class={`mark ${kind}`}><span aria-hidden="true">{marks[kind]}</span> {word(props.of)}</span>;
}
