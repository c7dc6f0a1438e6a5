// An outage on the screen: a person keeps the incident room open, the leading server is killed, and
// everything about it comes by itself; she acknowledges and halts with the keyboard alone, tells
// the public, and closes it. Every page of the console and of the public is judged before, during
// and after it, in both languages and both colour schemes.
// node outage.mjs URL PEOPLE MARKET MAILS [SCREENSHOTS]
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { eventually, Judge, settled } from "./browser.mjs";
import { Person, tell, until } from "./desk.mjs";

const [url, people, market, mails, folder] = process.argv.slice(2);
const names = ["incidents", "market", "replicas", "halt", "rebuild", "approvals", "notices", "public", "people", "audit"];
const judge = await Judge.open(folder);
// What is refused on purpose, too.
judge.refusals = /status of (401|403|404|409|422|501)/;
const [officer, press] = await Promise.all(["operator-3", "operator-4"].map((name) => new Person(url, people, name).enter()));

async function show(page, name, language) {
  await page.evaluate((to) => localStorage.setItem("language", to), language);
  await page.goto(`${url}/console/#${name}`);
  await page.reload();
  await settled(page);
}

// `when` is in the pictures' names.
async function judgeConsole(page, when) {
  for (const language of ["ja", "en"]) {
    for (const name of names) {
      await show(page, name, language);
      if (name === "market") await page.waitForSelector(".u-over");
      await judge.look(page, `console ${name} ${language} ${when}`, when === "outage" && `console-${name}-${language}`, "dark", true);
    }
  }
}

async function judgePublic(page, when, paths) {
  for (const language of ["ja", "en"]) {
    for (const [name, path] of Object.entries(paths)) {
      const response = await page.goto(`${url}/${language}${path}`);
      assert.equal(response.status(), 200, path);
      const bytes = (await response.body()).length;
      assert.ok(bytes <= 60_000, `${language}${path}: ${bytes} bytes`);
      const scheme = when === "outage" ? "dark" : "light";
      const isShown = name === (when === "after" ? "incident" : "status");
      await judge.look(page, `public ${path} ${language} ${when}`, isShown && `public-${name}-${when}-${language}`, scheme, true);
    }
  }
}

// The text of the newest mail to somebody that has it.
function mailWith(to, part) {
  for (const name of readdirSync(`${mails}/new`)) {
    const [head, ...rest] = readFileSync(`${mails}/new/${name}`, "utf8").split(/\r?\n\r?\n/);
    if (!new RegExp(`^To: .*${to}`, "im").test(head)) continue;
    const encoded = rest.join("\n\n");
    const bodies = [encoded, encoded.replace(/=\r?\n/g, "").replace(/=3D/g, "="), Buffer.from(encoded.replace(/\s/g, ""), "base64").toString("utf8")];
    const found = bodies.map((body) => body.match(part)).find(Boolean);
    if (found) return found[0];
  }
  return null;
}

// Before: nothing is wrong. Without scripts, as readers may have them off.
const reader = await judge.page({ javaScriptEnabled: true });
const from = Math.floor(Date.now() / 1000) + 86_400;
const parts = (await officer.look("/components")).items;
await officer.act("/maintenance", {
  title: { en: "New disks in servers 1 and 2", ja: "サーバー1と2のディスク交換" },
  text: { en: "One server at a time. Trading goes on; there is one spare server less.", ja: "1台ずつ交換します。売買は続きますが、予備が1台減ります。" },
  components: [parts[0].id], from_ns: from * 1e9, until_ns: (from + 7200) * 1e9,
});
await judgePublic(reader, "clear", { status: "", history: "/history", maintenance: "/maintenance", verify: "/verify" });

async function enter(login, language) {
  const person = new Person(url, people, login);
  const page = await judge.page();
  await page.addInitScript((to) => { if (!localStorage.getItem("language")) localStorage.setItem("language", to); }, language);
  await page.goto(`${url}/console/`);
  await page.waitForSelector("form");
  await judge.look(page, `login ${language}`, `console-login-${language}`);
  await page.fill("input[autocomplete=username]", login);
  await page.fill("input[type=password]", person.entry.password);
  await page.fill("input[autocomplete=one-time-code]", person.code());
  await page.keyboard.press("Enter");
  await page.waitForSelector("nav");
  return page;
}
async function sign(page, key) {
  await show(page, "approvals", "en");
  await page.waitForSelector("input[type=file]");
  await page.setInputFiles("input[type=file]", `${market}/keys/${key}.key`);
  await page.getByRole("button", { name: "Sign", exact: true }).click();
}
const page = await enter("operator-1", "ja");
await judgeConsole(page, "clear");

// The outage, while the room is open; nothing is loaded again.
await show(page, "incidents", "en");
console.log("kill the leader");
await page.waitForSelector(".room", { timeout: 30_000 });
await eventually(page, () => {
  const text = document.querySelector(".room")?.innerText ?? "";
  return /Situation report\n+(?!Not written)/.test(text) && /Hypotheses\n+(?!Not thought)/.test(text) && /Next update due/.test(text);
}, 60_000);
const id = (await officer.look("/incidents")).items.at(-1).id;
await officer.act(`/incidents/${id}/notes`, { text: "Rack 1 has power." });
await eventually(page, () => /Rack 1 has power/.test(document.querySelector(".timeline").innerText));

// With the keyboard alone.
const acknowledged = async () => (await officer.look("/pages")).items.some((one) => one.incident === id && Object.keys(one.acknowledged).length > 0);
assert.ok(!(await acknowledged()));
await judge.tabTo(page, /^A +Skip to content/);
await page.keyboard.press("Enter");
await judge.tabTo(page, /^BUTTON .*I am on it/);
await page.keyboard.press("Enter");
await until("the call is acknowledged", acknowledged);
await judge.tabTo(page, /^A +Halt/, 200);
await page.keyboard.press("Enter");
await eventually(page, () => location.hash === "#halt" && document.querySelector("main select"));
await judge.tabTo(page, /^SELECT Scope/);
await page.keyboard.press("Tab");
await judge.tabTo(page, /^INPUT Reason/);
await page.keyboard.type("exercise");
await judge.tabTo(page, /^BUTTON .*Look at the effect/);
await page.keyboard.press("Enter");
await page.waitForSelector(".danger");
await judge.look(page, "halt, looked at", "console-halt-preview-en");
await judge.tabTo(page, /^BUTTON +日本語/, 200);
await page.keyboard.press("Enter");
await judge.look(page, "halt, looked at, ja", "console-halt-preview-ja");
await judge.tabTo(page, /^BUTTON +English/, 200);
await page.keyboard.press("Enter");
await judge.tabTo(page, /^BUTTON .*Order the halt/);
await page.keyboard.press("Enter");
await until("the halt is in effect", async () => (await officer.look("/halts")).items.some((one) => one.in_effect_ns > 0));
await eventually(page, () => /cancels only/.test(document.querySelector(".now dl").innerText));
await until("the market says itself that it is halted", async () => (await officer.look("/picture")).facts.trading_state === "cancel_only");

// The public is told by two, a part is set by hand; everything is looked at in the middle of it.
await tell(officer, press, {
  incident: id, status: "investigating",
  subject: { ja: "サーバー停止の影響について", en: "Effect of the server failure" },
  text: { ja: "サーバー1台が停止し、別のサーバーに切り替わりました。\n受け付けた注文は失われていません。", en: "One server failed and another took over.\nNo order that was accepted was lost." },
});
await officer.act(`/components/${parts[0].id}`, {
  state: "degraded_performance", reason: { en: "One gateway waits for its server", ja: "サーバーの復帰を待っています" }, until_ns: (Math.floor(Date.now() / 1000) + 7200) * 1e9,
});
await officer.act("/incidents", { title: { ja: "相場配信Bの遅延", en: "Market data feed B is late" }, severity: 3 });
const second = (await officer.look("/incidents")).items.at(-1).id;
await tell(officer, press, {
  incident: second, status: "investigating", subject: { ja: "相場配信Bの遅延", en: "Market data feed B is late" },
  text: { ja: "遅延を調査しています。", en: "We are looking into the delay." },
});
await show(page, "people", "ja");
await page.getByRole("button", { name: "予行する" }).click();
await page.getByText("件の呼び出し").waitFor();
await judge.look(page, "people, dry run", null, "dark", true);
await show(page, "rebuild", "ja");
await page.getByRole("button", { name: "調べる" }).click();
await page.getByText("残ったサーバー").waitFor({ timeout: 60_000 });
// Starting again is proposed, and signed by one.
await show(page, "halt", "en");
await page.getByRole("button", { name: "Look at the effect" }).nth(1).click();
await page.getByRole("button", { name: "Propose", exact: true }).click();
await page.getByText("Two people sign it").waitFor();
await sign(page, "operator-1");
await page.getByText(/1 \/ 2/).waitFor();
await judgeConsole(page, "outage");
await judgePublic(reader, "outage", { status: "", history: "/history", incident: `/incidents/${id}` });

// Links that come by mail: a call is acknowledged on a telephone, a reader subscribes and leaves.
const phone = await judge.page({ viewport: { width: 390, height: 844 } });
const ack = await until("a call by mail with its link", () => mailWith("", /http:\/\/[^\s"<>]+\/ack\/[^\s"<>]+/));
await phone.goto(ack);
await judge.look(phone, "acknowledge", "mail-acknowledge");
await phone.click("button");
await judge.look(phone, "acknowledged", null);
await phone.goto(`${url}/ja`);
await judge.look(phone, "status on a telephone", null);
await phone.fill("#target", "reader@okiagari.example");
await phone.click("main form button");
await judge.look(phone, "subscription asked for");
const confirm = await until("the mail with the link that confirms", () => mailWith("reader@", /http:\/\/[^\s"<>]+\/subscriptions\/confirm[^\s"<>]+/));
await phone.goto(confirm);
await judge.look(phone, "subscription to be confirmed");
await phone.click("main button");
await judge.look(phone, "subscription confirmed");
await tell(officer, press, {
  incident: second, status: "resolved", subject: { ja: "相場配信Bは復旧しました", en: "Feed B is well again" },
  text: { ja: "遅延は解消しました。", en: "The delay is over." },
});
const leave = await until("a notice by mail with the link that leaves", () => mailWith("reader@", /http:\/\/[^\s"<>]+\/subscriptions\/leave[^\s"<>]+/));
await phone.goto(leave);
await judge.look(phone, "subscription to be left");
await phone.click("main button");
await judge.look(phone, "subscription left");

// Afterwards: started again by two, closed, reported.
console.log("start it again");
await until("all servers are alive", async () => (await officer.look("/picture")).servers.every((one) => one.state === "alive"));
const other = await enter("operator-2", "en");
await sign(other, "operator-2");
await until("the market is open again", async () => (await officer.look("/approvals")).items.proposals.every((one) => one.state === "executed"));
// What the gateways obey on their own is lifted as well: looked at, proposed, signed by two.
assert.ok((await officer.look("/halts")).items.every((one) => one.over_ns === 0), "the gateways still refuse");
const obeyed = async () => (await officer.look("/guards")).items.flatMap((one) => one.halts);
assert.equal((await obeyed()).length, 2, "each gateway obeys the one halt");
await show(page, "halt", "en");
const lifting = page.locator("section.card").last();
await lifting.getByLabel("Digest of the proof").fill("not a digest");
await lifting.getByLabel("Reason").fill("exercise");
await lifting.getByRole("button", { name: "Look at the effect" }).click();
await lifting.locator(".refusal").waitFor();
await lifting.getByLabel("Digest of the proof").fill("a".repeat(64));
await lifting.getByRole("button", { name: "Look at the effect" }).click();
await lifting.getByText(/gateways take orders again: halt \d+ of market is lifted/).waitFor();
await lifting.scrollIntoViewIfNeeded();
await judge.look(page, "lift, looked at", "console-lift-preview-en", "dark", true);
await page.getByRole("button", { name: "日本語" }).click();
await lifting.getByText("ゲートウェイの停止").first().waitFor();
await judge.look(page, "lift, looked at, ja", "console-lift-preview-ja", "dark", true);
await page.getByRole("button", { name: "English" }).click();
await lifting.getByRole("button", { name: "Propose", exact: true }).click();
await lifting.getByText("Two people sign it").waitFor();
await sign(page, "operator-1");
await page.getByText(/1 \/ 2/).waitFor();
assert.equal((await obeyed()).length, 2, "one signature lifts nothing");
await judge.look(page, "lift, signed by one");
await sign(other, "operator-2");
await until("no gateway obeys a halt of its own", async () => (await obeyed()).length === 0);
await until("the lift is carried out", async () => (await officer.look("/approvals")).items.proposals.every((one) => one.state === "executed"));
await until("the halt is seen to be over", async () => (await officer.look("/halts")).items.every((one) => one.over_ns > 0));
await eventually(other, () => /✓ open/.test(document.querySelector(".now dl").innerText));
await show(page, "incidents", "en");
await page.getByRole("button", { name: new RegExp(`^${id} `) }).click();
await page.getByRole("button", { name: "Resolve", exact: true }).click();
await until("the incident is resolved", async () => (await officer.look("/incidents")).items.find((one) => one.id === id).status === "resolved");
await tell(officer, press, {
  incident: id, status: "resolved", subject: { ja: "復旧しました", en: "Everything works again" },
  text: { ja: "すべてのサーバーが稼働しています。", en: "All servers are running." },
});
await tell(officer, press, {
  incident: id, status: "postmortem", subject: { ja: "障害報告書", en: "Report on the failure" },
  text: {
    ja: "# 概要\n\nサーバー1台が停止し、**別のサーバーに切り替わりました**。\n\n## 影響\n\n- 失われた注文: なし\n- 二重に処理された注文: なし\n\n## 再発防止\n\n1. 電源の点検\n2. 切り替え訓練を毎月実施",
    en: "# Summary\n\nOne server failed and **another took over**.\n\n## Effect\n\n- Orders lost: none\n- Orders doubled: none\n\n## What we change\n\n1. Power is inspected\n2. A fail-over is practised each month",
  },
});
await judgePublic(reader, "after", { status: "", history: "/history", incident: `/incidents/${id}`, maintenance: "/maintenance" });
process.exit((await judge.end()) ? 0 : 1);
