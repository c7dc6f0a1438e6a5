// What the public is told: both languages side by side, written by one and released by another.
import { useSignal } from "@preact/signals";
import { act, may } from "../api";
import { type Open, openOnes } from "../now";
import { Act, Card, Field, Table, useLook, Waiting } from "../parts";
import { road, State, who, word } from "../states";
import { dayTimeOf, type Key, said, t, type Words } from "../words";
import words from "../words.json";

type Notice = {
  id: string; incident: string; state: string; status: string; number: number; subject: Words; text: Words; by: string; approved_by: string;
  drafted_ns: number; deliveries: { channel: string; state: string }[];
};
type Promise_ = { number: number; incident: string; what: string; due_ns: number; state: string };
const statuses = ["investigating", "identified", "monitoring", "resolved", "postmortem"];

const SHOWN_FIRST = 4;

// What waits for somebody stands before what is out.
const newestFirst = (all: Notice[]): Notice[] => [...all].reverse().sort((a, b) =>
  Number(b.state === "draft") - Number(a.state === "draft") || b.drafted_ns - a.drafted_ns);
const channelOf = (channel: string): string => {
  const [kind, ...rest] = channel.split("/");
  return [road(kind!), ...rest].join(" ");
};
const promiseWord = (what: string): string => (what === "next_update" ? t("next_update") : what in words.en ? t(what as Key) : what);

export function Notices() {
  const found = useLook<{ items: { notices: Notice[]; promises: Promise_[]; templates: { id: string }[] } }>("/notices");
  if (!found || typeof found === "string") return <Waiting for={found} />;
  const { notices, promises } = found.items;
  return (
    <>
      {may("draft_notice") && <Editor />}
      {notices.length === 0 && <Card title={t("notices")}><p class="quiet">{t("no_notice")}</p></Card>}
      {newestFirst(notices).slice(0, SHOWN_FIRST).map((one) => <One key={one.id} notice={one} />)}
      {notices.length > SHOWN_FIRST && <details><summary>{t("earlier")} ({notices.length - SHOWN_FIRST})</summary>{newestFirst(notices).slice(SHOWN_FIRST).map((one) => <One key={one.id} notice={one} />)}</details>}
      <Card title={t("promises")}>
        <Table label={t("promises")} empty="no_promise" heads={["incident", "what", "time", "state"]}
          rows={[...promises].sort((a, b) => b.due_ns - a.due_ns).slice(0, 50).map((one) => [one.incident, promiseWord(one.what), dayTimeOf(one.due_ns), <State of={one.state === "open" ? "owed" : one.state} />])} />
      </Card>
    </>
  );
}

function Editor() {
  const incidents = useLook<{ items: Open[] }>("/incidents");
  const incident = useSignal("");
  const status = useSignal("investigating");
  const subject = useSignal<Words>({ ja: "", en: "" });
  const text = useSignal<Words>({ ja: "", en: "" });
  const list = incidents && typeof incidents !== "string" ? [...incidents.items].reverse() : [];
  const chosen = incident.value || openOnes(list)[0]?.id || list[0]?.id || "";
  const whole = subject.value.ja && subject.value.en && text.value.ja && text.value.en && chosen;
  const column = (language: "ja" | "en") => (
    <div lang={language}>
      <h3>{language === "ja" ? t("japanese") : t("english")}</h3>
      <Field label={`${t("subject")} (${language})`}>
        <input value={subject.value[language]} onInput={(event) => { subject.value = { ...subject.value, [language]: event.currentTarget.value }; }} />
      </Field>
      <Field label={`${t("text")} (${language})`}>
        <textarea rows={5} value={text.value[language]} onInput={(event) => { text.value = { ...text.value, [language]: event.currentTarget.value }; }} />
      </Field>
    </div>
  );
  return (
    <Card title={t("draft_new")}>
      <div class="form">
        <Field label={t("incident")}>
          <select value={chosen} onChange={(event) => { incident.value = event.currentTarget.value; }}>{list.map((one) => <option value={one.id}>{one.id} {said(one.title)}</option>)}</select>
        </Field>
        <Field label={t("status")}>
          <select value={status.value} onChange={(event) => { status.value = event.currentTarget.value; }}>{statuses.map((one) => <option value={one}>{word(one)}</option>)}</select>
        </Field>
      </div>
      <div class="two">{column("ja")}{column("en")}</div>
      <p class="quiet">{list.length === 0 ? t("notice_needs_incident") : t("two_people")}</p>
      <Act label={t("draft_new")} off={!whole}
        does={() => act("/notices", { incident: chosen, status: status.value, subject: subject.value, text: text.value })} />
    </Card>
  );
}

function One(props: { notice: Notice }) {
  const { notice } = props;
  const reason = useSignal("");
  return (
    <Card title={`${notice.number ? `${t("number")} ${notice.number} ` : ""}${notice.id}`}>
      <p><State of={notice.state} /> / {word(notice.status)} / {t("drafted_by")}: {who(notice.by)} {dayTimeOf(notice.drafted_ns)}{notice.approved_by && ` / ${t("approved_by")}: ${who(notice.approved_by)}`}</p>
      <div class="two">
        <div lang="ja"><h3>{notice.subject.ja}</h3><pre tabIndex={0}>{notice.text.ja}</pre></div>
        <div lang="en"><h3>{notice.subject.en}</h3><pre tabIndex={0}>{notice.text.en}</pre></div>
      </div>
      {notice.state === "draft" && may("release_notice") && (
        <p class="acts">
          <Act danger label={t("approve")} does={() => act(`/notices/${notice.id}/approve`)} />
          <Field label={t("reason")}><input value={reason.value} onInput={(event) => { reason.value = event.currentTarget.value; }} /></Field>
          <Act label={t("reject")} off={!reason.value} does={() => act(`/notices/${notice.id}/reject`, { reason: reason.value })} />
        </p>)}
      {notice.deliveries?.length > 0 && (
        <ul class="line">{notice.deliveries.map((one) => <li key={one.channel}>{channelOf(one.channel)} <State of={one.state} /></li>)}</ul>)}
    </Card>
  );
}
