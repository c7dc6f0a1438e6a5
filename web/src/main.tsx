// The console: who is here, which page, in which language.
import { signal, useSignal } from "@preact/signals";
import { render } from "preact";
import { useEffect } from "preact/hooks";
import { act, me, whoAmI } from "./api";
import { connected, listen, stopListening } from "./live";
import { NowStrip } from "./now";
import { Approvals } from "./pages/approvals";
import { HaltPage } from "./pages/halt";
import { Incidents } from "./pages/incidents";
import { Market } from "./pages/market";
import { Notices } from "./pages/notices";
import { People } from "./pages/people";
import { PublicPage } from "./pages/public";
import { Rebuild } from "./pages/rebuild";
import { Audit } from "./pages/record";
import { Replicas } from "./pages/replicas";
import { CodeDialog, Field, Waiting } from "./parts";
import "./style.css";
import { type Key, language, setLanguage, t } from "./words";

const pages: [Key, () => preact.JSX.Element][] = [
  ["incidents", Incidents], ["market", Market], ["replicas", Replicas], ["halt", HaltPage], ["rebuild", Rebuild], ["approvals", Approvals],
  ["notices", Notices], ["public", PublicPage], ["people", People], ["audit", Audit],
];
const page = signal(location.hash.slice(1) || "incidents");
addEventListener("hashchange", () => {
  page.value = location.hash.slice(1) || "incidents";
  document.querySelector<HTMLElement>("main")?.focus();
});

function LanguageButton() {
  const other = language.value === "ja" ? "en" : "ja";
  return <button type="button" lang={other} onClick={() => setLanguage(other)}>{t("language")}</button>;
}

function Entrance() {
  const login = useSignal("");
  const password = useSignal("");
  const code = useSignal("");
  const refusal = useSignal("");
  const enter = async (event: Event) => {
    event.preventDefault();
    refusal.value = "";
    try {
      await act("/login", { login: login.value, password: password.value, code: code.value });
      await whoAmI();
    } catch (error) {
      refusal.value = error instanceof Error ? error.message : String(error);
    }
  };
  return (
    <main class="entrance" tabIndex={-1}>
      <h1>{t("desk")}</h1>
      <p class="quiet">{t("entrance_help")}</p>
      <form class="card" onSubmit={enter}>
        <Field label={t("login_name")}><input autocomplete="username" value={login.value} onInput={(event) => { login.value = event.currentTarget.value; }} /></Field>
        <Field label={t("password")}><input type="password" autocomplete="current-password" value={password.value} onInput={(event) => { password.value = event.currentTarget.value; }} /></Field>
        <Field label={t("code")}><input inputMode="numeric" autocomplete="one-time-code" maxLength={6} value={code.value} onInput={(event) => { code.value = event.currentTarget.value; }} /></Field>
        <button type="submit" class="first">{t("enter")}</button>
        {refusal.value && <p role="alert" class="refusal">{refusal.value}</p>}
      </form>
      <p class="acts"><LanguageButton /> <a href={`/${language.value}`}>{t("open_public_page")}</a></p>
    </main>
  );
}

function Console() {
  useEffect(() => {
    listen();
    return stopListening;
  }, []);
  const Page = (pages.find(([name]) => name === page.value) ?? pages[0]!)[1];
  return (
    <>
      <a class="skip" href="#content" onClick={(event) => { event.preventDefault(); document.querySelector<HTMLElement>("main")?.focus(); }}>{t("skip_to_content")}</a>
      <header>
        <h1>{t("desk")}</h1>
        <nav aria-label={t("navigation")}>
          {pages.map(([name]) => <a href={`#${name}`} aria-current={name === page.value ? "page" : undefined}>{t(name)}</a>)}
        </nav>
        <span class={connected.value ? "live" : "live off"} role="status">{connected.value ? t("connected") : t("disconnected")}</span>
        <span>{me.value?.name}</span>
        <LanguageButton />
        <button type="button" onClick={async () => { await act("/logout"); me.value = null; }}>{t("logout")}</button>
      </header>
      {!connected.value && (me.value?.other_urls ?? []).length > 0 && (
        <p class="warning" role="status">{t("desk_away")} {me.value!.other_urls.map((url) => <><a href={`${url}/console/`}>{url}</a> </>)}</p>)}
      {connected.value && !me.value?.leads && <p class="warning" role="status">{t("not_leading")} {me.value?.leader_url && <a href={`${me.value.leader_url}/console/`}>{me.value.leader_url}</a>}</p>}
      <NowStrip />
      <main id="content" tabIndex={-1}><Page /></main>
      <CodeDialog />
    </>
  );
}

function Root() {
  if (me.value === undefined) return <main><Waiting for={null} /></main>;
  return me.value ? <Console /> : <Entrance />;
}

document.documentElement.lang = language.value;
void whoAmI();
render(<Root />, document.getElementById("console")!);
