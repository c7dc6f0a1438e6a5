// The strip above every page: what matters at this moment, in large letters. And clocks that run.
import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { items, picture } from "./live";
import { useLook } from "./parts";
import { State, tradingState, word } from "./states";
import { dayTimeOf, said, shortTimeOf, t, timeOf, type Words } from "./words";

export type Due = { what: string; incident: string; due_ns: number; regulator: boolean };
type Clocks = {
  updates: Record<string, { next_update_by_ns: number }> | null;
  promises: { incident: string; what: string; due_ns: number; state: string }[] | null;
  regulators: { incident: string; title: Words; due_ns: number; submitted_ns: number }[] | null;
};

// What is still owed, the next first.
export function useDues(): Due[] {
  const clocks = useLook<Clocks>("/clocks");
  if (!clocks || typeof clocks === "string") return [];
  const dues: Due[] = Object.entries(clocks.updates ?? {}).map(([incident, one]) =>
    ({ what: t("next_update"), incident, due_ns: one.next_update_by_ns, regulator: false }));
  for (const one of clocks.promises ?? []) {
    if (one.state === "open") dues.push({ what: t("promised"), incident: one.incident, due_ns: one.due_ns, regulator: false });
  }
  for (const one of clocks.regulators ?? []) {
    if (!one.submitted_ns && one.due_ns) dues.push({ what: said(one.title), incident: one.incident, due_ns: one.due_ns, regulator: true });
  }
  return dues.sort((a, b) => a.due_ns - b.due_ns);
}

export function useSeconds(): number {
  const now = useSignal(Date.now());
  useEffect(() => {
    const timer = setInterval(() => { now.value = Date.now(); }, 1000);
    return () => clearInterval(timer);
  }, []);
  return now.value / 1000;
}

// How much time is left and, unless short, until when.
export function Countdown(props: { due_ns: number; isShort?: boolean }) {
  const left = Math.round(props.due_ns / 1e9 - useSeconds());
  const size = Math.abs(left);
  const hours = Math.floor(size / 3600);
  const minutes = String(Math.floor((size % 3600) / 60)).padStart(hours ? 2 : 1, "0");
  const text = `${hours ? `${hours}:` : ""}${minutes}:${String(size % 60).padStart(2, "0")}`;
  const isFar = size > 86_400;
  return (
    <span class={left < 0 ? "late" : ""}>
      {isFar ? <strong class="digits far">{dayTimeOf(props.due_ns)}</strong>
        : <><strong class="digits">{text}</strong> {left < 0 ? t("overdue") : t("left")}{props.isShort ? "" : <small class="digits"> {shortTimeOf(props.due_ns)}</small>}</>}
    </span>
  );
}

type Halt = { scope: string; target: string; state: string; in_effect_ns: number; over_ns: number };

// The widest of the stops ordered here that the market has not been seen to be free of.
function useStop(): Halt | null {
  const halts = useLook<{ items: Halt[] }>("/halts");
  if (!halts || typeof halts === "string") return null;
  const inForce = halts.items.filter((one) => one.in_effect_ns > 0 && !one.over_ns);
  return inForce.filter((one) => one.scope === "market").at(-1) ?? inForce.at(-1) ?? null;
}

export type Open = { id: string; title: Words; status: string; severity: number; began_ns: number };

// The worst first, of equals the first that began.
export const openOnes = (all: Open[]): Open[] => all.filter((one) => one.status !== "resolved" && one.status !== "merged")
  .sort((a, b) => a.severity - b.severity || a.began_ns - b.began_ns);

export function NowStrip() {
  const list = useLook<{ items: Open[] }>("/incidents");
  const dues = useDues();
  const stop = useStop();
  const now = picture.value;
  const open = list && typeof list !== "string" ? openOnes(list.items) : [];
  const worst = open[0];
  const facts = now?.facts ?? {};
  return (
    <section class={worst ? `now s${worst.severity}-strip` : "now calm"} aria-label={t("at_this_moment")}>
      <p class="now-main">
        {worst
          ? <><span class={`severity s${worst.severity}`}>{t("severity")} {worst.severity}</span> <a href="#incidents">{worst.id} {said(worst.title)}</a> {word(worst.status)}{open.length > 1 && ` (+${open.length - 1})`}</>
          : <><span aria-hidden="true">✓</span> {t("all_clear")}</>}
      </p>
      <dl>
        <div><dt>{t("can_trade")}{stop?.scope === "market" && ` (${t("stopped_since")} ${timeOf(stop.in_effect_ns)})`}</dt><dd>{facts.can_trade === undefined ? t("unknown") : <State of={facts.trading_state === "open" && stop?.scope === "market" ? stop.state : tradingState(facts.trading_state)} />}</dd></div>
        {stop && stop.scope !== "market" && <div><dt>{t("stopped_since")} {timeOf(stop.in_effect_ns)}</dt><dd><State of={stop.state} /> {stop.scope === "market" ? "" : stop.target}</dd></div>}
        <div><dt>{t("leader")}</dt><dd>{now?.leader ? `${t("server")} ${now.leader}` : t("nobody")}</dd></div>
        {dues[0] && <div><dt>{dues[0].what}</dt><dd><Countdown due_ns={dues[0].due_ns} isShort /></dd></div>}
        <div><dt>{t("last_event")}</dt><dd class="digits">{timeOf(items.value.at(-1)?.at_ns ?? 0)}</dd></div>
      </dl>
    </section>
  );
}
