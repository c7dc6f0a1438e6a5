// The incident room: everything about one outage on one page, as it happens.
import { useSignal } from "@preact/signals";
import { act, may } from "../api";
import { items, lineOf } from "../live";
import { Countdown, openOnes, useDues } from "../now";
import { Act, Card, Field, Table, useLook, Waiting } from "../parts";
import { SentTable } from "../sent";
import { State, who, word } from "../states";
import { dayTimeOf, language, said, t, timeOf, type Words } from "../words";

type Sentence = Words & { evidence?: string[] };
type Reason = Words & { evidence: string };
// Evidence of older entries has no Japanese.
type Evidence = { id: string; statement: string; statement_ja?: string; source: string };
type Hypothesis = {
  cause: string; title: Words; entity: string; state: string; band: string; probability: number;
  for: Reason[]; against: Reason[]; next_check: Words;
};
type Incident = {
  id: string; title: Words; status: string; severity: number; began_ns: number;
  facts: Record<string, any>; report: Sentence[]; hypotheses: Hypothesis[]; roles: Record<string, string>;
};
type Step = { id: string; title: Words; state: string; limit_ns?: number };
type Whole = {
  incident: Incident; evidence: Evidence[]; steps: Step[] | null;
  effects: { key: string; kind: string; state: string; outcome: string; added_ns: number }[];
};

export function Incidents() {
  const list = useLook<{ items: Incident[] }>("/incidents");
  const wanted = useSignal("");
  if (!list || typeof list === "string") return <Waiting for={list} />;
  const sorted = [...list.items].sort((a, b) => b.began_ns - a.began_ns);
  const shown = wanted.value || openOnes(list.items)[0]?.id || sorted[0]?.id;
  return (
    <>
      <Card title={t("incidents")}>
        <Table label={t("incidents")} empty="all_clear" heads={["severity", "state", "began", "title"]}
          rows={sorted.slice(0, 20).map((one) => [
            <span class={`severity s${one.severity}`}>{one.severity}</span>, <State of={one.status} />, dayTimeOf(one.began_ns),
            <button type="button" class="link" aria-current={one.id === shown}
              onClick={() => { wanted.value = one.id; }}>{one.id} {said(one.title)}</button>])} />
        {may("command") && <OpenOne />}
      </Card>
      {shown && <Room key={shown} id={shown} />}
    </>
  );
}

function OpenOne() {
  const ja = useSignal("");
  const en = useSignal("");
  const severity = useSignal("2");
  return (
    <details>
      <summary>{t("open_incident")}</summary>
      <p class="quiet">{t("title_is_public")}</p>
      <div class="form">
        <Field label={`${t("title")} (ja)`}><input lang="ja" value={ja.value} onInput={(event) => { ja.value = event.currentTarget.value; }} /></Field>
        <Field label={`${t("title")} (en)`}><input lang="en" value={en.value} onInput={(event) => { en.value = event.currentTarget.value; }} /></Field>
        <Field label={t("severity")}>
          <select value={severity.value} onChange={(event) => { severity.value = event.currentTarget.value; }}>{["1", "2", "3", "4"].map((one) => <option value={one}>{one}: {t(`severity_${one}` as "severity_1")}</option>)}</select>
        </Field>
        <Act label={t("open_incident")} off={!ja.value || !en.value}
          does={() => act("/incidents", { title: { ja: ja.value, en: en.value }, severity: Number(severity.value) })} />
      </div>
    </details>
  );
}

function Room(props: { id: string }) {
  const whole = useLook<Whole>(`/incidents/${props.id}`);
  if (!whole || typeof whole === "string") return <Waiting for={whole} />;
  const { incident } = whole;
  const path = `/incidents/${incident.id}`;
  const places = new Map(whole.evidence.map((one, place) => [one.id, place + 1]));
  return (
    <div class="room">
      <div>
        <Card title={`${incident.id} ${said(incident.title)}`}>
          <p><span class={`severity s${incident.severity}`}>{t("severity")} {incident.severity}</span> <State of={incident.status} /> <span class="quiet">{t("began")}</span> {dayTimeOf(incident.began_ns)}</p>
          <p class="acts">
            {may("acknowledge") && <Act label={t("acknowledge")} does={() => act(`${path}/page/acknowledge`)} />}
            {may("command") && <Act label={t("monitoring")} does={() => act(`${path}/status`, { status: "monitoring" })} />}
            {may("command") && <Act label={t("resolve")} does={() => act(`${path}/status`, { status: "resolved" })} />}
            {may("take_bundle") && <a class="button" href={`/api/desk/incidents/${incident.id}/bundle`} download>{t("bundle")}</a>}
          </p>
        </Card>
        <Report incident={incident} places={places} />
        <Causes list={incident.hypotheses} places={places} />
        <Steps path={path} steps={whole.steps ?? []} />
        <Evidences whole={whole} />
        <Sent whole={whole} />
      </div>
      <div>
        <Clocks incident={incident.id} />
        <Pages incident={incident.id} />
        <Timeline id={incident.id} path={path} />
      </div>
    </div>
  );
}

function Clocks(props: { incident: string }) {
  const dues = useDues().filter((one) => one.incident === props.incident);
  return (
    <Card title={t("clocks")}>
      {dues.length === 0 && <p class="quiet">{t("no_clock")}</p>}
      <ul class="clocks">
        {dues.map((one) => (
          <li key={`${one.what}${one.due_ns}`}><span>{one.what}</span> <Countdown due_ns={one.due_ns} /></li>))}
      </ul>
    </Card>
  );
}

// Where what is said comes from: numbers of the list of evidence below.
function Proof(props: { ids: string[]; places: Map<string, number> }) {
  const numbers = props.ids.map((id) => props.places.get(id)).filter((place) => place !== undefined);
  if (numbers.length === 0) return null;
  return <small class="proof">[{t("evidence")} {numbers.join(", ")}]</small>;
}

function Report(props: { incident: Incident; places: Map<string, number> }) {
  return (
    <Card title={t("report")}>
      {props.incident.report.length === 0 && <p class="quiet">{t("no_report")}</p>}
      <ul class="report">
        {props.incident.report.map((sentence) => <li>{said(sentence)} <Proof ids={sentence.evidence ?? []} places={props.places} /></li>)}
      </ul>
    </Card>
  );
}

// Entries written before reasons had a field of their own for it named their evidence in brackets.
const bare = (text: string): string => text.replace(/\s*\[[^\]]*\]/g, "");

function Reasons(props: { title: string; list: Reason[]; places: Map<string, number> }) {
  return (
    <div>
      <h3>{props.title}</h3>
      {props.list.length === 0 && <p class="quiet">{t("nothing")}</p>}
      <ul>{props.list.map((one) => <li>{bare(said(one))} <Proof ids={[one.evidence]} places={props.places} /></li>)}</ul>
    </div>
  );
}

function Causes(props: { list: Hypothesis[]; places: Map<string, number> }) {
  return (
    <Card title={t("causes")}>
      {props.list.length === 0 && <p class="quiet">{t("no_causes")}</p>}
      <ol class="causes">
        {props.list.map((one) => (
          <li>
            <p><strong>{said(one.title)}</strong> <code>{one.entity}</code> <State of={one.state} /> <span class="quiet">{word(one.band)}</span></p>
            <div class="two">
              <Reasons title={t("for")} list={one.for} places={props.places} />
              <Reasons title={t("against")} list={one.against} places={props.places} />
            </div>
            <p><span class="quiet">{t("next_check")}:</span> {said(one.next_check)}</p>
          </li>))}
      </ol>
    </Card>
  );
}

function Steps(props: { path: string; steps: Step[] }) {
  const reason = useSignal("");
  return (
    <Card title={t("steps")}>
      <ol class="steps">
        {props.steps.map((step) => (
          <li class={step.state}>
            <span>{said(step.title)}</span> <State of={step.state} />
            {step.limit_ns && step.state === "active" && <span> {t("step_limit")} {timeOf(step.limit_ns)}</span>}
            {step.state === "active" && may("run_playbook") && (
              <p class="acts">
                <Act label={t("done")} does={() => act(`${props.path}/steps/${step.id}/done`)} />
                <Field label={t("reason")}>
                  <input value={reason.value} onInput={(event) => { reason.value = event.currentTarget.value; }} />
                </Field>
                <Act label={t("skip")} off={!reason.value}
                  does={() => act(`${props.path}/steps/${step.id}/skip`, { reason: reason.value })} />
              </p>)}
          </li>))}
      </ol>
    </Card>
  );
}

// What was seen, in the reader's language where who saw it has words for it in both. Other systems'
// alerts stay as they came.
function Statement(props: { of: Evidence }) {
  const { statement, statement_ja } = props.of;
  return language.value === "ja" && statement_ja ? <span>{statement_ja}</span> : <span lang="en">{statement}</span>;
}

function Evidences(props: { whole: Whole }) {
  const { evidence } = props.whole;
  return (
    <Card title={t("evidence")}>
      {evidence.length === 0 ? <p class="quiet">{t("nothing")}</p> : (
        <details>
          <summary>{t("evidence_list")} ({evidence.length})</summary>
          <ol class="evidence">{evidence.map((one) => <li key={one.id}><Statement of={one} /> <small>{one.source} <code>{one.id}</code></small></li>)}</ol>
        </details>)}
    </Card>
  );
}

function Sent(props: { whole: Whole }) {
  return (
    <Card title={t("who_was_called")}>
      <SentTable list={props.whole.effects} />
    </Card>
  );
}

type Page = { incident: string; state: string; policy: string; acknowledged: Record<string, { at_ns: number; comment: string }>; missing: string[] };

// Who is on it, who has not answered.
function Pages(props: { incident: string }) {
  const pages = useLook<{ items: Page[] }>("/pages");
  if (!pages || typeof pages === "string") return null;
  const own = pages.items.filter((one) => one.incident === props.incident);
    return (
    <Card title={t("calls")}>
      {own.length === 0 && <p class="quiet">{t("nobody_called")}</p>}
      {own.map((one) => (
        <div key={one.policy}>
          <p><State of={one.state} /> {t("on_it")}: <strong>{Object.entries(one.acknowledged).map(([person, at]) => `${who(person)} (${timeOf(at.at_ns)})`).join(", ") || t("nobody")}</strong></p>
          {one.missing.length > 0 && <p>{t("missing")}: {one.missing.join(", ")}</p>}
        </div>))}
    </Card>
  );
}

function Timeline(props: { id: string; path: string }) {
  const note = useSignal("");
  const own = items.value.filter((item) => item.incident === props.id).slice(-300).reverse();
  return (
    <Card title={t("timeline")}>
      {may("write") && (
        <p class="acts">
          <Field label={t("note_text")}>
            <textarea rows={2} value={note.value} onInput={(event) => { note.value = event.currentTarget.value; }} />
          </Field>
          <Act label={t("note")} off={!note.value} does={async () => {
            await act(`${props.path}/notes`, { text: note.value });
            note.value = "";
          }} />
        </p>)}
      <div class="timeline" role="log" tabIndex={0} aria-label={t("timeline")}><ol>
        {own.length === 0 && <li class="quiet">{t("no_timeline")}</li>}
        {own.map((item) => (
          <li key={item.number}><time>{timeOf(item.at_ns)}</time> <span>{lineOf(item)}</span> <small>{who(item.by)}</small></li>))}
      </ol></div>
    </Card>
  );
}
