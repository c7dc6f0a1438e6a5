// Stopping the market: what, a look at whom it touches, the order. One person may.
import { useSignal } from "@preact/signals";
import { act, may } from "../api";
import { type Open, openOnes } from "../now";
import { Act, Card, Field, Table, useLook, Waiting } from "../parts";
import { State, tradingState, who, word } from "../states";
import { said, t, timeOf, type Words } from "../words";

type Preview = { scope: string; instruments?: number; members?: number; gateways?: number; orders_in_flight?: number; trading_state?: string };
type Halt = { number: number; scope: string; target: string; state: string; reason: string; by: string; ordered_ns: number; in_effect_ns: number; over_ns: number };
const scopes = ["market", "segment", "instrument", "member"] as const;

export function HaltPage() {
  return <>{may("stop_market") ? <Wizard /> : <p>{t("no_power")}</p>}<Ordered />{may("propose") && <><Reopen /><LiftGuards /></>}</>;
}

function Wizard() {
  const scope = useSignal<(typeof scopes)[number]>("market");
  const target = useSignal("");
  const state = useSignal("cancel_only");
  const reason = useSignal("");
  const incident = useSignal<string | null>(null); // not chosen yet: the worst that is open
  const seen = useSignal<Preview | null>(null);
  const incidents = useLook<{ items: Open[] }>("/incidents");
  const open = incidents && typeof incidents !== "string" ? openOnes(incidents.items) : [];
  const chosen = incident.value ?? open[0]?.id ?? "";
  const wanted = () => ({ scope: scope.value, target: scope.value === "market" ? "" : target.value, state: state.value });
  // What was looked at is what is ordered: any change asks for another look.
  const change = (into: { value: string }) => (event: { currentTarget: { value: string } }) => { into.value = event.currentTarget.value; seen.value = null; };
  return (
    <Card title={t("halt")}>
      <p>{t("halt_one_person")}</p>
      <div class="form">
        <Field label={t("scope")}>
          <select value={scope.value} onChange={change(scope)}>{scopes.map((one) => <option value={one}>{t(`scope_${one}`)}</option>)}</select>
        </Field>
        {scope.value !== "market" && <Field label={t("target")}><input value={target.value} onInput={change(target)} /></Field>}
        <Field label={t("kind_of_halt")}>
          <select value={state.value} onChange={change(state)}><option value="cancel_only">{word("cancel_only")}</option><option value="halted">{word("halted")}</option></select>
        </Field>
        <Field label={t("incident")}>
          <select value={chosen} onChange={(event) => { incident.value = event.currentTarget.value; }}>
            {open.map((one) => <option value={one.id}>{one.id} {said(one.title)}</option>)}<option value="">{t("no_incident")}</option>
          </select>
        </Field>
        <Field label={t("reason")}><input value={reason.value} onInput={(event) => { reason.value = event.currentTarget.value; }} /></Field>
      </div>
      <Act label={t("preview")} does={async () => { seen.value = await act("/halts/preview", wanted()); }} />
      {seen.value && (
        <div class="looked" role="status">
          <dl class="tiles">
            <div><dt>{t("scope")}</dt><dd>{t(`scope_${scope.value}`)} {target.value}</dd></div>
            <div><dt>{t("state")}</dt><dd><State of={tradingState(seen.value.trading_state)} /> → <State of={state.value} /></dd></div>
            <div><dt>{t("instruments")}</dt><dd>{seen.value.instruments ?? t("unknown")}</dd></div>
            <div><dt>{t("members")}</dt><dd>{seen.value.members ?? t("unknown")}</dd></div>
            <div><dt>{t("orders_in_flight")}</dt><dd>{seen.value.orders_in_flight ?? t("unknown")}</dd></div>
          </dl>
          {!reason.value && <p class="quiet">{t("reason_first")}</p>}
          <Act danger label={t("halt_now")} off={!reason.value}
            does={() => act("/halts", { ...wanted(), reason: reason.value, incident: chosen })} />
        </div>)}
    </Card>
  );
}

type Draft = { payload: string; digest: string; words: Words };

// Starting again: what would be done, proposed; two people sign it on the page of approvals.
function Reopen() {
  const scope = useSignal<(typeof scopes)[number]>("market");
  const target = useSignal("");
  const state = useSignal("full");
  const seen = useSignal<Draft | null>(null);
  const proposed = useSignal(false);
  const change = (into: { value: string }) => (event: { currentTarget: { value: string } }) => { into.value = event.currentTarget.value; seen.value = null; proposed.value = false; };
  return (
    <Card title={t("reopen")}>
      <p>{t("reopen_two_people")}</p>
      <p class="quiet">{t("guards_help")}</p>
      <div class="form">
        <Field label={t("scope")}>
          <select value={scope.value} onChange={change(scope)}>{scopes.map((one) => <option value={one}>{t(`scope_${one}`)}</option>)}</select>
        </Field>
        {scope.value !== "market" && <Field label={t("target")}><input value={target.value} onInput={change(target)} /></Field>}
        <Field label={t("reopen_to")}>
          <select value={state.value} onChange={change(state)}><option value="full">{word("full")}</option><option value="cancel_only">{word("cancel_only")}</option></select>
        </Field>
      </div>
      <Act label={t("preview")} does={async () => {
        seen.value = await act("/approvals/draft", { scope: scope.value, target: scope.value === "market" ? "" : target.value, state: state.value });
      }} />
      {seen.value && (
        <div class="looked" role="status">
          <dl class="facts">
            <dt>{t("what")}</dt><dd>{said(seen.value.words)}</dd>
            <dt>{t("digest")}</dt><dd><code>{seen.value.digest}</code></dd>
          </dl>
          {proposed.value ? <p><a href="#approvals">{t("go_sign")}</a></p>
            : <Act danger label={t("propose")} does={async () => { await act("/approvals", { kind: "market_act", payload: seen.value!.payload }); proposed.value = true; }} />}
        </div>)}
    </Card>
  );
}

type Guard = { gateway: number; error?: string; halts?: { number: number; scope: string; target: string; reason: string; since_ns: number }[] };
type Obeyed = { number: number; scope: string; target: string; reason: string; since_ns: number; gateways: number[] };

function obeyedOf(guards: Guard[]): Obeyed[] {
  const all = new Map<number, Obeyed>();
  for (const guard of guards) {
    for (const halt of guard.halts ?? []) {
      const known = all.get(halt.number) ?? { ...halt, gateways: [] };
      known.gateways.push(guard.gateway);
      all.set(halt.number, known);
    }
  }
  return [...all.values()].sort((a, b) => a.number - b.number);
}

// The halts that gateways obey on their own, as they say themselves: one is chosen, looked at and
// proposed; once two people have signed, the desk hands it to every gateway.
function LiftGuards() {
  const guards = useLook<{ items: Guard[] }>("/guards");
  const chosen = useSignal(0);
  const proof = useSignal("");
  const reason = useSignal("");
  const seen = useSignal<Draft | null>(null);
  const proposed = useSignal(false);
  if (!guards || typeof guards === "string") return <Card title={t("lift_guards")}><Waiting for={guards} /></Card>;
  const obeyed = obeyedOf(guards.items);
  const one = obeyed.find((halt) => halt.number === chosen.value) ?? obeyed[0];
  const place = (halt: Obeyed) => `${t(`scope_${halt.scope}` as "scope_market")} ${halt.target}`;
  const change = (apply: () => void) => { apply(); seen.value = null; proposed.value = false; };
  return (
    <Card title={t("lift_guards")}>
      <p>{t("lift_help")}</p>
      {guards.items.map((guard) => guard.error && <p key={guard.gateway} class="refusal">{t("gateway")} {guard.gateway}: {guard.error}</p>)}
      <Table label={t("lift_guards")} empty="guards_none" heads={["halt_number", "scope", "reason", "time", "gateways"]}
        rows={obeyed.map((halt) => [halt.number, place(halt), halt.reason, timeOf(halt.since_ns), halt.gateways.join(", ")])} />
      {one && (
        <>
          <div class="form">
            <Field label={t("halt_number")}>
              <select value={one.number} onChange={(event) => change(() => { chosen.value = Number(event.currentTarget.value); })}>
                {obeyed.map((halt) => <option value={halt.number}>{halt.number} {place(halt)}</option>)}
              </select>
            </Field>
            <Field label={t("proof")}><input value={proof.value} onInput={(event) => change(() => { proof.value = event.currentTarget.value.trim(); })} /></Field>
            <Field label={t("reason")}><input value={reason.value} onInput={(event) => change(() => { reason.value = event.currentTarget.value; })} /></Field>
          </div>
          <p class="quiet">{t("proof_help")} <code>okiagari verify --proof</code></p>
          <Act label={t("preview")} off={!proof.value || !reason.value} does={async () => {
            seen.value = await act("/guards/draft", { lifts: one.number, proof: proof.value, reason: reason.value });
          }} />
        </>)}
      {one && seen.value && (
        <div class="looked" role="status">
          <dl class="facts">
            <dt>{t("what")}</dt><dd>{said(seen.value.words)}</dd>
            <dt>{t("gateways")}</dt><dd>{one.gateways.join(", ")} / {guards.items.length}</dd>
            <dt>{t("proof")}</dt><dd><code>{proof.value}</code></dd>
          </dl>
          {proposed.value ? <p><a href="#approvals">{t("go_sign")}</a></p>
            : <Act danger label={t("propose")} does={async () => { await act("/approvals", { kind: "guard_lift", payload: seen.value!.payload }); proposed.value = true; }} />}
        </div>)}
    </Card>
  );
}

function Ordered() {
  const halts = useLook<{ items: Halt[] }>("/halts");
  if (!halts || typeof halts === "string") return <Waiting for={halts} />;
  return (
    <Card title={t("halts_ordered")}>
      <Table label={t("halts_ordered")} empty="no_halt" heads={["time", "scope", "kind_of_halt", "reason", "by", "in_effect", "over"]}
        rows={[...halts.items].reverse().map((one) => [timeOf(one.ordered_ns), `${t(`scope_${one.scope}` as "scope_market")} ${one.target}`, <State of={one.state} />, one.reason, who(one.by),
          one.in_effect_ns ? <>✓ {timeOf(one.in_effect_ns)}</> : t("not_yet"), one.over_ns ? timeOf(one.over_ns) : <span class="quiet">{one.in_effect_ns ? t("not_lifted") : ""}</span>])} />
    </Card>
  );
}
