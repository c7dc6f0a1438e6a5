// Whom the desk calls: who is on duty, who would be called when, and what was sent.
import { useSignal } from "@preact/signals";
import { look } from "../api";
import { Act, Card, DayTime, Field, millisecondsOf, Table, useLook, Waiting } from "../parts";
import { type Effect, SentTable } from "../sent";
import { road } from "../states";
import { dayTimeOf, said, t, timeOf, type Words } from "../words";

type Contacts = {
  people: { id: string; name: string; language: string; time_zone: string; roles: string[]; routes: { kind: string; to: string }[] }[];
  schedules: { id: string; on_duty: string; next: string; until_s: number }[];
  policies: { id: string; severity_max: number; steps: { after_s: number; targets: string[]; everyone: boolean }[] }[];
  problems: { grave: boolean; what: Words }[];
};
type DryRun = { severity: number; start_ns: number; calls: { after_s: number; at_ns: number; step: number; person: string; kind: string; to: string }[]; more: number };

export function People() {
  const contacts = useLook<Contacts>("/contacts");
  const effects = useLook<{ items: Effect[] }>("/effects");
  return (
    <>
      {!contacts || typeof contacts === "string" ? <Card title={t("contacts")}><Waiting for={contacts} /></Card> : <Tree contacts={contacts} />}
      <DryRunCard names={contacts && typeof contacts !== "string" ? new Map(contacts.people.map((one) => [one.id, one.name])) : new Map()} />
      <Card title={t("who_was_called")}>
        {!effects || typeof effects === "string" ? <Waiting for={effects} /> : (
          <SentTable list={effects.items.slice(-200)} />)}
      </Card>
    </>
  );
}

function Tree(props: { contacts: Contacts }) {
  const { people, schedules, problems } = props.contacts;
  const name = (id: string) => people.find((one) => one.id === id)?.name ?? (id || t("nobody"));
  return (
    <>
      <Card title={t("on_duty")}>
        <Table label={t("on_duty")} empty="no_schedule" heads={["schedule", "on_duty", "until", "then"]}
          rows={schedules.map((one) => [road(one.id), <strong>{name(one.on_duty)}</strong>, dayTimeOf(one.until_s * 1e9), name(one.next)])} />
        {problems.map((one) => <p key={one.what.en} class={one.grave ? "late" : "quiet"}>{one.grave ? `${t("wrong")}: ` : `${t("to_know")}: `}{said(one.what)}</p>)}
      </Card>
      <Card title={t("contacts")}>
        <Table label={t("contacts")} heads={["person", "roles", "time_zone", "routes"]}
          rows={people.map((one) => [<>{one.name}<br /><small>{one.id}</small></>, one.roles.map(road).join(", "), one.time_zone,
            <ol class="routes">{one.routes.map((route) => <li>{road(route.kind)}{route.to && `: ${route.to}`}</li>)}</ol>])} />
      </Card>
    </>
  );
}

function span(seconds: number): string {
  return `+${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}

function DryRunCard(props: { names: Map<string, string> }) {
  const severity = useSignal("1");
  const at = useSignal("");
  const found = useSignal<DryRun | null>(null);
  const run = async () => {
    const start = at.value ? `&at_ns=${millisecondsOf(at.value)}000000` : "";
    found.value = await look<DryRun>(`/contacts/dry-run?severity=${severity.value}${start}`);
  };
  return (
    <Card title={t("dry_run")}>
      <p>{t("dry_run_help")}</p>
      <div class="form">
        <Field label={t("severity")}>
          <select value={severity.value} onChange={(event) => { severity.value = event.currentTarget.value; found.value = null; }}>{["1", "2", "3", "4"].map((one) => <option value={one}>{one}</option>)}</select>
        </Field>
        <DayTime label={t("dry_run_at")} value={at.value} onInput={(text) => { at.value = text; found.value = null; }} />
        <Act label={t("dry_run_do")} off={at.value !== "" && millisecondsOf(at.value) === null} does={run} />
      </div>
      {found.value && (
        <div role="status">
          <p>{t("severity")} {found.value.severity}, {dayTimeOf(found.value.start_ns)}: {found.value.calls.length + found.value.more} {t("dry_run_calls")}</p>
          <Table label={t("dry_run")} empty="nobody_called" heads={["after", "time", "step", "person", "kind", "what"]}
            rows={found.value.calls.map((one) => [span(one.after_s), timeOf(one.at_ns), one.step, props.names.get(one.person) ?? one.person, road(one.kind), one.to])} />
        </div>)}
    </Card>
  );
}
