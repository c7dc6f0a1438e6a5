// What two people must want: propose, read, sign. Starting again and starting the backup are here.
import { useSignal } from "@preact/signals";
import { act, may, me } from "../api";
import { Act, Card, Field, useLook, Waiting } from "../parts";
import { seedOf, signDigest, signText } from "../signing";
import { State, who } from "../states";
import { type Key, said, shortTimeOf, t, type Words } from "../words";
import words from "../words.json";

type Proposal = {
  number: number; kind: string; digest: string; signs: string; words: Words; preview: Record<string, unknown>; by: string; state: string; outcome: string;
  expires_ns: number; needed: number; approvals: { operator: number; by: string; at_ns: number }[];
};

export function Approvals() {
  const found = useLook<{ items: { proposals: Proposal[] } }>("/approvals");
  if (!found || typeof found === "string") return <Waiting for={found} />;
  return (
    <>
      {[...found.items.proposals].reverse().map((one) => <One key={one.number} proposal={one} />)}
      {found.items.proposals.length === 0 && <Card title={t("approvals")}><p class="quiet">{t("no_proposal")}</p></Card>}
      {may("propose") && <Propose />}
    </>
  );
}

const previewWord = (key: string): string => (key in words.en ? t(key as Key) : key);

function Propose() {
  const kind = useSignal("market_act");
  const payload = useSignal("");
  return (
    <Card title={t("propose_text")}>
      <details><summary>{t("propose_text_help")}</summary>
      <Field label={t("kind")}>
        <select value={kind.value} onChange={(event) => { kind.value = event.currentTarget.value; }}>
          <option value="market_act">{t("market_act")}</option><option value="rebuild">{t("rebuild")}</option><option value="guard_lift">{t("guard_lift")}</option>
        </select>
      </Field>
      <Field label={t("payload")}>
        <textarea rows={5} value={payload.value} onInput={(event) => { payload.value = event.currentTarget.value; }} />
      </Field>
      <Act label={t("propose")} off={!payload.value} does={() => act("/approvals", { kind: kind.value, payload: payload.value })} />
      </details>
    </Card>
  );
}

function One(props: { proposal: Proposal }) {
  const { proposal } = props;
  return (
    <Card title={`${proposal.number}. ${said(proposal.words)}`}>
      <dl class="facts">
        <dt>{t("state")}</dt><dd><State of={proposal.state === "open" ? "to_sign" : proposal.state} /> {proposal.outcome}</dd>
        <dt>{t("by")}</dt><dd>{who(proposal.by)}</dd>
        <dt>{t("expires")}</dt><dd>{shortTimeOf(proposal.expires_ns)}</dd>
        <dt>{t("signatures")}</dt><dd>{proposal.approvals.length} / {proposal.needed} {proposal.approvals.map((one) => `${who(one.by)} (${t("operator")} ${one.operator})`).join(", ")}</dd>
        {Object.entries(proposal.preview).filter(([key, value]) => value !== "" && key !== "lines").map(([key, value]) => <><dt>{previewWord(key)}</dt><dd>{value === "market" ? t("scope_market") : String(value)}</dd></>)}
        <dt>{t("digest")}</dt><dd>{proposal.signs ? <pre tabIndex={0} role="region" aria-label={t("digest")}>{proposal.signs}</pre> : <code>{proposal.digest}</code>}</dd>
      </dl>
      {Array.isArray(proposal.preview.lines) && proposal.preview.lines.length > 0 && (
        <details><summary>{t("losses")}</summary><ul>{proposal.preview.lines.map((line) => <li>{String(line)}</li>)}</ul></details>)}
      {proposal.state === "open" && may("sign") && <Sign proposal={proposal} />}
      {proposal.kind !== "market_act" && proposal.approvals.length > 0 && (
        <p><a class="button" href={`/api/desk/approvals/${proposal.number}/act`} download={`${proposal.kind}-${proposal.number}.json`}>{t("act_file")}</a></p>)}
      {proposal.state === "open" && may("propose") && <p class="acts"><Act label={t("withdraw")} does={() => act(`/approvals/${proposal.number}/withdraw`)} /></p>}
    </Card>
  );
}

function Sign(props: { proposal: Proposal }) {
  const file = useSignal<File | null>(null);
  const sign = async () => {
    const seed = seedOf(await file.value!.text());
    if (seed === "sealed") throw new Error(t("sealed_key"));
    if (!seed) throw new Error(t("wrong_key"));
    const { signs, digest } = props.proposal;
    const signature = signs ? signText(signs, seed) : signDigest(digest, seed);
    await act(`/approvals/${props.proposal.number}/sign`, { operator: me.value?.operator ?? 0, signature });
  };
  return (
    <div>
      <Field label={`${t("key_file")} (${t("operator")} ${me.value?.operator ?? 0})`}>
        <input type="file" onChange={(event) => { file.value = event.currentTarget.files?.[0] ?? null; }} />
      </Field>
      <p class="quiet">{t("key_stays")}</p>
      <Act danger label={t("sign")} off={!file.value} does={sign} />
    </div>
  );
}
