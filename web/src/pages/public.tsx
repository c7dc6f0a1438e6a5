// What the public page shows of the market's parts: measured, or set by a person who says why and
// until when; and planned work.
import { useSignal } from "@preact/signals";
import { act, may, me, newKey, Refused } from "../api";
import { Act, Card, DayTime, Field, millisecondsOf, Table, useLook, Waiting } from "../parts";
import { State, who, word } from "../states";
import { dayTimeOf, language, said, t, untilWords, type Words } from "../words";

type Component = {
  id: string; kind: string; name: Words; shown: string; measured: string; measured_ns: number; measured_reason: Words;
  set?: { state: string; owner: string; reason: Words; until_ns: number };
};
type Maintenance = { id: string; title: Words; state: string; from_ns: number; until_ns: number; components: string[]; overdue: boolean };
const states = ["operational", "degraded_performance", "partial_outage", "major_outage"];

async function release(component: string): Promise<void> {
  const response = await fetch(`/api/desk/components/${component}`, {
    method: "DELETE",
    headers: { "X-CSRF-Token": me.value?.csrf_token ?? "", "Idempotency-Key": newKey() },
  });
  if (!response.ok) throw new Refused({ title: response.statusText, ...(await response.json()), status: response.status });
}

export function PublicPage() {
  const found = useLook<{ items: Component[] }>("/components");
  if (!found || typeof found === "string") return <Waiting for={found} />;
  return (
    <>
      <Card title={t("components")}>
        <p><a href={`/${language.value}`}>{t("open_public_page")}</a></p>
        <Table label={t("components")} heads={["component", "shown", "measured", "set_by_hand", "acts"]}
          rows={found.items.map((one) => [said(one.name), <State of={one.shown} />,
            <><State of={one.measured} /> <small>{said(one.measured_reason)}</small></>,
            one.set ? <>{word(one.set.state)}: {said(one.set.reason)}<br /><small>{who(one.set.owner)}, {untilWords(one.set.until_ns)}</small></> : <span class="quiet">{t("not_set")}</span>,
            one.set && may("set_component") ? <Act label={t("release")} does={() => release(one.id)} /> : ""])} />
        {may("set_component") && <SetOne list={found.items} />}
      </Card>
      <Work components={found.items} />
    </>
  );
}

function SetOne(props: { list: Component[] }) {
  const component = useSignal(props.list[0]?.id ?? "");
  const state = useSignal("degraded_performance");
  const ja = useSignal("");
  const en = useSignal("");
  const hours = useSignal("2");
  const set = () => act(`/components/${component.value}`, {
    state: state.value, reason: { ja: ja.value, en: en.value }, until_ns: (Math.floor(Date.now() / 1000) + Number(hours.value) * 3600) * 1e9,
  });
  return (
    <details>
      <summary>{t("set_component")}</summary>
      <p>{t("set_component_help")}</p>
      <div class="form">
        <Field label={t("component")}><select value={component.value} onChange={(event) => { component.value = event.currentTarget.value; }}>{props.list.map((one) => <option value={one.id}>{said(one.name)}</option>)}</select></Field>
        <Field label={t("state")}><select value={state.value} onChange={(event) => { state.value = event.currentTarget.value; }}>{states.map((one) => <option value={one}>{word(one)}</option>)}</select></Field>
        <Field label={t("hours")}><input type="number" min="1" max="168" value={hours.value} onInput={(event) => { hours.value = event.currentTarget.value; }} /></Field>
        <Field label={`${t("reason")} (ja)`}><input lang="ja" value={ja.value} onInput={(event) => { ja.value = event.currentTarget.value; }} /></Field>
        <Field label={`${t("reason")} (en)`}><input lang="en" value={en.value} onInput={(event) => { en.value = event.currentTarget.value; }} /></Field>
      </div>
      <Act label={t("set_component")} off={!ja.value || !en.value || !(Number(hours.value) > 0)} does={set} />
    </details>
  );
}

const steps: Record<string, [string, "start" | "verify" | "complete" | "cancel"][]> = {
  scheduled: [["start", "start"], ["cancel", "cancel"]], in_progress: [["verify", "verify"]], verifying: [["complete", "complete"]],
};

function Work(props: { components: Component[] }) {
  const found = useLook<{ items: Maintenance[] }>("/maintenance");
  if (!found || typeof found === "string") return <Waiting for={found} />;
  const names = (ids: string[]) => ids.map((id) => said(props.components.find((one) => one.id === id)?.name) || id).join(", ");
  return (
    <Card title={t("maintenance")}>
      <Table label={t("maintenance")} empty="no_work" heads={["what", "state", "from", "until", "components", "acts"]}
        rows={[...found.items].reverse().map((one) => [said(one.title), <><State of={one.state} />{one.overdue && <strong class="late"> {t("overdue")}</strong>}</>,
          dayTimeOf(one.from_ns), dayTimeOf(one.until_ns), names(one.components),
          may("plan_work") ? <span class="acts">{(steps[one.state] ?? []).map(([, path]) => <Act label={t(`work_${path}`)} does={() => act(`/maintenance/${one.id}/${path}`)} />)}</span> : ""])} />
      {may("plan_work") && <Plan components={props.components} />}
    </Card>
  );
}

function Plan(props: { components: Component[] }) {
  const title = useSignal<Words>({ ja: "", en: "" });
  const from = useSignal("");
  const until = useSignal("");
  const chosen = useSignal<string[]>([]);
  const whole = title.value.ja && title.value.en && millisecondsOf(from.value) !== null && millisecondsOf(until.value) !== null && chosen.value.length > 0;
  return (
    <details>
      <summary>{t("plan_work")}</summary>
      <div class="form">
        <Field label={`${t("title")} (ja)`}><input lang="ja" value={title.value.ja} onInput={(event) => { title.value = { ...title.value, ja: event.currentTarget.value }; }} /></Field>
        <Field label={`${t("title")} (en)`}><input lang="en" value={title.value.en} onInput={(event) => { title.value = { ...title.value, en: event.currentTarget.value }; }} /></Field>
        <DayTime label={`${t("from")} (JST)`} value={from.value} onInput={(text) => { from.value = text; }} />
        <DayTime label={`${t("until")} (JST)`} value={until.value} onInput={(text) => { until.value = text; }} />
      </div>
      <fieldset><legend>{t("components")}</legend>
        {props.components.map((one) => (
          <label key={one.id} class="check"><input type="checkbox" checked={chosen.value.includes(one.id)} onChange={(event) => {
            chosen.value = event.currentTarget.checked ? [...chosen.value, one.id] : chosen.value.filter((id) => id !== one.id);
          }} /> {said(one.name)}</label>))}
      </fieldset>
      <Act label={t("plan_work")} off={!whole} does={() => act("/maintenance", {
        title: title.value, components: chosen.value, from_ns: millisecondsOf(from.value)! * 1e6, until_ns: millisecondsOf(until.value)! * 1e6,
      })} />
    </details>
  );
}
