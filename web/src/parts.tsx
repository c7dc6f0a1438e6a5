// Small pieces that all pages are made of.
import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useEffect } from "preact/hooks";
import { asksForCode, look, Refused } from "./api";
import { news } from "./live";
import { type Key, t } from "./words";

export function Card(props: { title: string; children: ComponentChildren }) {
  return (
    <section class="card">
      <h2>{props.title}</h2>
      {props.children}
    </section>
  );
}

// `empty`: what no rows mean.
export function Table(props: { heads: Key[]; label: string; rows: ComponentChildren[][]; empty?: Key }) {
  if (props.rows.length === 0) return <p class="quiet">{t(props.empty ?? "nothing")}</p>;
  return (
    <div class="wide" tabIndex={0} role="region" aria-label={props.label}>
      <table>
        <thead><tr>{props.heads.map((head) => <th scope="col">{t(head)}</th>)}</tr></thead>
        <tbody>{props.rows.map((row) => <tr>{row.map((cell) => <td>{cell}</td>)}</tr>)}</tbody>
      </table>
    </div>
  );
}

export function Field(props: { label: string; children: ComponentChildren }) {
  return <label class="field"><span>{props.label}</span>{props.children}</label>;
}

// Japan's clock, written down: what browsers have for it speaks the machine's language, not the
// reader's.
export function millisecondsOf(text: string): number | null {
  const found = /^(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d)$/.exec(text.trim());
  const at = found ? Date.parse(`${found[1]}T${found[2]}:00+09:00`) : NaN;
  return Number.isNaN(at) ? null : at;
}
export function DayTime(props: { label: string; value: string; onInput: (text: string) => void }) {
  const isWrong = props.value !== "" && millisecondsOf(props.value) === null;
  return (
    <Field label={props.label}>
      <input placeholder="2026-11-26 17:00" value={props.value} aria-invalid={isWrong} onInput={(event) => props.onInput(event.currentTarget.value)} />
    </Field>
  );
}

// A button whose act may be refused; what the desk says about it stands beside it.
export function Act(props: { label: string; does: () => Promise<unknown>; danger?: boolean; off?: boolean }) {
  const busy = useSignal(false);
  const refusal = useSignal("");
  const press = async () => {
    busy.value = true;
    refusal.value = "";
    try {
      await props.does();
    } catch (error) {
      refusal.value = error instanceof Error ? error.message : String(error);
    }
    busy.value = false;
  };
  return (
    <span class="act">
      <button type="button" class={props.danger ? "danger" : ""} disabled={busy.value || props.off}
        onClick={press}>{props.label}</button>
      {refusal.value && <span class="refusal" role="alert">{refusal.value}</span>}
    </span>
  );
}

// Looks again whenever something new stands in the timeline.
export function useLook<T>(path: string): T | string | null {
  const found = useSignal<T | string | null>(null);
  const last = news.value;
  useEffect(() => {
    let wanted = true;
    look<T>(path).then(
      (value) => { if (wanted) found.value = value; },
      (error) => {
        if (!wanted) return;
        // While the desk is away what it said last stands; the strip above says that it is away.
        if (!(error instanceof Refused)) found.value ??= t("unreachable");
        else found.value = error.problem.status === 403 ? t("no_power") : error.message;
      },
    );
    return () => { wanted = false; };
  }, [path, last]);
  return found.value;
}

export function Waiting(props: { for: unknown }) {
  return <p class="quiet" role="status">{typeof props.for === "string" ? props.for : t("loading")}</p>;
}

export function CodeDialog() {
  const code = useSignal("");
  const answer = asksForCode.value;
  if (!answer) return null;
  const close = (value: string | null) => { code.value = ""; answer(value); };
  return (
    <dialog ref={(element) => { if (element && !element.open) element.showModal(); }}
      onCancel={() => close(null)} aria-label={t("step_up")}>
      <form onSubmit={(event) => { event.preventDefault(); close(code.value); }}>
        <Field label={t("step_up")}>
          <input inputMode="numeric" autocomplete="one-time-code" maxLength={6} value={code.value}
            onInput={(event) => { code.value = event.currentTarget.value; }} />
        </Field>
        <button type="submit">{t("confirm")}</button>
        <button type="button" onClick={() => close(null)}>{t("cancel")}</button>
      </form>
    </dialog>
  );
}
