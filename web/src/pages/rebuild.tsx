// Starting the backup when most servers are gone for good: a look at what is left, what going on
// with the best of it would lose, the proposal that two people sign, and the file that they carry
// out.
import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { act, look, may } from "../api";
import { picture } from "../live";
import { Act, Card, Table } from "../parts";
import { State } from "../states";
import { dayTimeOf, type Key, t } from "../words";

type Survivor = { node: number; last_index: number; last_term: number; surely_committed: number; sequence: number; live_orders: number; waiting_stops: number; first_difference: string };
type Found = {
  state: "none" | "looking" | "done" | "failed"; at_ns?: number; error?: string; nodes?: number; survivors?: Survivor[]; damaged?: string[]; furthest?: number;
  losses?: Record<string, number> & { troubles: string[] }; lines?: string[]; lines_more?: number; act?: string; refusal?: string;
};
const counted: Key[] = ["trades", "orders", "replacements", "triggers", "cancels", "unanswered", "messages", "unnamed", "contradicted", "feed_messages", "commands"];
const ASK_EVERY_MS = 500;

export function Rebuild() {
  const found = useSignal<Found | null>(null);
  const proposed = useSignal(false);
  useEffect(() => {
    const ask = async () => { try { found.value = await look<Found>("/rebuild"); } catch { found.value = null; } };
    void ask();
    const timer = setInterval(() => { if (found.value?.state === "looking") void ask(); }, ASK_EVERY_MS);
    return () => clearInterval(timer);
  }, []);
  const now = found.value;
  const servers = picture.value?.servers ?? [];
  const alive = servers.filter((one) => one.state === "alive").length;
  return (
    <>
      <Card title={t("rebuild")}>
        <p>{t("rebuild_when")}</p>
        <p>{t("servers")}: <strong>{alive} / {servers.length}</strong> <State of={servers.length > 0 && alive * 2 > servers.length ? "alive" : "gone"} /> {servers.length > 0 && alive * 2 > servers.length ? t("majority_is_here") : t("majority_is_gone")}</p>
        <h3>1. {t("look_at_survivors")}</h3>
        <p class="quiet">{t("look_help")}</p>
        {may("propose") && <Act label={t("look_now")} off={now?.state === "looking"} does={async () => { proposed.value = false; found.value = await act("/rebuild/look"); }} />}
        <p role="status">{now?.state === "looking" ? t("looking") : now?.at_ns ? `${t("looked_at")} ${dayTimeOf(now.at_ns)}` : ""}</p>
        {now?.state === "failed" && <p class="refusal">{now.error}</p>}
      </Card>
      {now?.state === "done" && (
        <>
          <Card title={t("survivors")}>
            <Table label={t("survivors")} heads={["server", "log_last", "term", "log_committed", "sequence", "live_orders", "waiting_stops", "state"]}
              rows={(now.survivors ?? []).map((one) => [one.node === now.furthest ? <strong>{one.node} {t("furthest")}</strong> : one.node, one.last_index, one.last_term, one.surely_committed, one.sequence, one.live_orders, one.waiting_stops, one.first_difference || t("whole")])} />
            {now.damaged?.map((one) => <p key={one} class="refusal">{one}</p>)}
          </Card>
          <Card title={`2. ${t("losses")}`}>
            <dl class="tiles">{counted.map((key) => <div key={key}><dt>{t(key)}</dt><dd class={now.losses?.[key] ? "late" : ""}>{now.losses?.[key] ?? 0}</dd></div>)}
              <div><dt>{t("gateways_testify")}</dt><dd>{now.losses?.gateways ?? 0}</dd></div></dl>
            {now.losses?.unnamed ? <p class="late">{t("unnamed_help")}</p> : null}
            {now.losses?.troubles.map((one) => <p key={one} class="refusal">{one}</p>)}
            {now.lines && now.lines.length > 0 && (
              <details><summary>{t("each_line")} {now.lines.length + (now.lines_more ?? 0)}</summary><ul>{now.lines.map((line) => <li>{line}</li>)}</ul></details>)}
          </Card>
          <Card title={`3. ${t("propose")}`}>
            {now.refusal && <p class="late">{t("no_rebuild")}: {(now.survivors ?? []).length * 2 > (now.nodes ?? 0) ? t("enough_left") : <span lang="en">{now.refusal}</span>}</p>}
            {now.act && !proposed.value && may("propose") && <Act danger label={t("propose_rebuild")} does={async () => { await act("/approvals", { kind: "rebuild", payload: now.act }); proposed.value = true; }} />}
            {proposed.value && <p role="status"><a href="#approvals">{t("go_sign")}</a></p>}
            <p class="quiet">{t("rebuild_after")}</p>
          </Card>
        </>)}
    </>
  );
}
