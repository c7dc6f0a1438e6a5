// The record with its proof, and its last lines.
import { items, lineOf } from "../live";
import { Card, Table, useLook, Waiting } from "../parts";
import { who } from "../states";
import { dayTimeOf, t } from "../words";

const SHOWN = 50;

export function Audit() {
  const head = useLook<{ items: number; chain: string; first_broken: number; index: number }>("/audit");
  if (!head || typeof head === "string") return <Waiting for={head} />;
  const last = items.value.slice(-SHOWN).reverse();
  return (
    <>
      <Card title={t("audit")}>
        <dl class="facts">
          <dt>{t("state")}</dt><dd>{head.first_broken
            ? <strong class="mark bad"><span aria-hidden="true">✕</span> {t("chain_broken")} {head.first_broken}</strong>
            : <strong class="mark good"><span aria-hidden="true">✓</span> {t("chain_holds")}</strong>}</dd>
          <dt>{t("items")}</dt><dd>{head.items}</dd>
          <dt>{t("log_index")}</dt><dd>{head.index}</dd>
          <dt>{t("chain")}</dt><dd><code>{head.chain}</code></dd>
        </dl>
        <p class="quiet">{t("chain_help")}</p>
        <a class="button" href="/api/desk/audit/timeline" download>{t("export")}</a>
      </Card>
      <Card title={t("last_lines")}>
        <Table label={t("last_lines")} empty="no_timeline" heads={["number_", "time", "incident", "what", "by"]}
          rows={last.map((one) => [one.number, <span class="nowrap">{dayTimeOf(one.at_ns)}</span>, <span class="nowrap">{one.incident}</span>, lineOf(one), <span class="nowrap">{who(one.by)}</span>])} />
      </Card>
    </>
  );
}
