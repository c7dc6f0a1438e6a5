// The servers and their copies of the log: how far each goes, and whether they hold the same.
import { picture, type Server } from "../live";
import { Card, Table, Waiting } from "../parts";
import { State } from "../states";
import { spanOf, t } from "../words";

const mib = (bytes: number): string => `${(bytes / 1_048_576).toFixed(1)} MiB`;

// Of the newest state that more than one has told of.
function agreement(servers: Server[]): "same_state" | "other_state" | "no_state" {
  const told = new Map<number, Set<string>>();
  const count = new Map<number, number>();
  for (const one of servers) {
    if (!one.checkpoint || !one.state_hash) continue;
    told.set(one.checkpoint, (told.get(one.checkpoint) ?? new Set()).add(one.state_hash));
    count.set(one.checkpoint, (count.get(one.checkpoint) ?? 0) + 1);
  }
  const shared = [...count].filter(([, servers_]) => servers_ > 1).map(([at]) => at);
  if (shared.length === 0) return "no_state";
  return shared.every((at) => told.get(at)!.size === 1) ? "same_state" : "other_state";
}

const states = { same_state: "good", other_state: "bad", no_state: "plain" };

export function Replicas() {
  const now = picture.value;
  if (!now) return <Waiting for={null} />;
  const servers = now.servers ?? [];
  const head = Math.max(0, ...servers.map((one) => one.applied));
  const state = agreement(servers);
  return (
    <>
      <Card title={t("servers")}>
        <p>{t("leader")}: <strong>{now.leader ? `${t("server")} ${now.leader}` : t("nobody")}</strong> / {t("term")}: {now.term}</p>
        <Table label={t("servers")} heads={["server", "state", "role", "term", "applied", "behind", "lag", "heard"]}
          rows={servers.map((one) => [one.node, <State of={one.state} />, one.state === "alive" ? <State of={one.role} /> : <span class="quiet">{t("unknown")}</span>, one.term,
            one.applied, head - one.applied, spanOf(one.lag_ms), spanOf(one.heard_ms_ago)])} />
      </Card>
      <Card title={t("logs")}>
        <Table label={t("logs")} heads={["server", "log_first", "log_last", "log_synced", "log_committed", "log_size"]}
          rows={servers.map((one) => [one.node, one.log_first, one.log_last, one.log_synced, one.log_committed, mib(one.log_bytes)])} />
      </Card>
      <Card title={t("state_hashes")}>
        <p class={`mark ${states[state]}`} role="status"><span aria-hidden="true">{state === "same_state" ? "✓" : state === "other_state" ? "✕" : "・"}</span> {t(state)}</p>
        <Table label={t("state_hashes")} heads={["server", "checkpoint", "state_hash"]}
          rows={servers.map((one) => [one.node, one.checkpoint || t("unknown"), <code>{one.state_hash || t("unknown")}</code>])} />
        <p class="quiet">{t("state_hash_help")}</p>
      </Card>
    </>
  );
}
