// What left the desk: mails, calls, halts, copies of the public page, and what became of each.
import { Table } from "./parts";
import { road, State } from "./states";
import { t, timeOf } from "./words";

export type Effect = { key: string; kind: string; incident?: string; state: string; outcome: string; added_ns: number };
const SHOWN_FIRST = 12;

// The key says what it belongs to and, of a message, to whom: notice/inc-1/n2/mail/press@a.example.
const whatOf = (one: Effect): string => {
  const parts = one.key.split("/");
  if (parts[0] === "notice") return `${parts[1]}/${parts[2]} → ${one.kind === "file" ? t("public_copy") : parts.slice(4).join("/")}`;
  if (parts[0] === "page") return `${parts[1]} → ${parts[3]}`;
  return one.key;
};

export function SentTable(props: { list: Effect[] }) {
  const list = [...props.list].sort((a, b) => b.added_ns - a.added_ns);
  const rows = (some: Effect[]) => some.map((one) => [
    timeOf(one.added_ns), road(one.kind), whatOf(one),
    <><State of={one.state} />{one.kind !== "file" && <> <small>{one.outcome}</small></>}</>]);
  const table = (some: Effect[]) => <Table label={t("who_was_called")} empty="nothing_sent" heads={["time", "kind", "what", "state"]} rows={rows(some)} />;
  return (
    <>
      {table(list.slice(0, SHOWN_FIRST))}
      {list.length > SHOWN_FIRST && <details><summary>{t("earlier")} ({list.length - SHOWN_FIRST})</summary>{table(list.slice(SHOWN_FIRST))}</details>}
    </>
  );
}
