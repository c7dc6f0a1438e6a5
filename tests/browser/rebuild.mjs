// One server is away and misses orders; then the others are gone with their disks. Two people
// start the backup from their browsers.
// One looks at what is left and what would be lost, and proposes; each signs with a key that stays
// in the page; the signed act is saved. node rebuild.mjs URL PEOPLE KEY_1 KEY_2 ACT
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { Judge } from "./browser.mjs";
import { Person, until } from "./desk.mjs";

const [url, people, keyOne, keyTwo, actPath] = process.argv.slice(2);
// Not encrypted and from another machine, as browsers see it: they take away their own cryptography.
const away = url.replace("127.0.0.1", "desk.okiagari.example");
const judge = await Judge.open();
// One header that such pages are sent means nothing to them, and browsers say so.
judge.refusals = /status of (401|403|404|409|422|501)|Cross-Origin-Opener-Policy/;

async function enter(login) {
  const person = new Person(url, people, login);
  const page = await judge.page({ acceptDownloads: true });
  await page.goto(`${away}/console/`);
  assert.equal(await page.evaluate(() => isSecureContext), false);
  await page.evaluate(() => localStorage.setItem("language", "en"));
  await page.reload();
  await page.fill("input[autocomplete=username]", login);
  await page.fill("input[type=password]", person.entry.password);
  await page.fill("input[autocomplete=one-time-code]", person.code());
  await page.click("button[type=submit]");
  await page.waitForSelector("nav");
  return page;
}

async function sign(page, key) {
  await page.goto(`${away}/console/#approvals`);
  await page.waitForSelector("input[type=file]");
  await page.setInputFiles("input[type=file]", key);
  await page.getByRole("button", { name: "Sign", exact: true }).click();
}

const reader = await new Person(url, people, "operator-3").enter();
const picture = () => reader.look("/picture");
const follower = await until("a server that follows and has what the others have", async () =>
  (await picture()).servers?.find((server) => server.state === "alive" && server.role === "follower" && server.applied > 50));
console.log(`stop server ${follower.node}`);
// What was seen of it last may be older than what it had when it was killed.
await until("it is seen to be gone", async () =>
  (await picture()).servers.find((server) => server.node === follower.node).state !== "alive");
const appliedBy = (now, wanted) => Math.max(...now.servers.filter(wanted).map((server) => server.applied));
await until("orders are acknowledged without it", async () => {
  const now = await picture();
  return appliedBy(now, (server) => server.node !== follower.node) > appliedBy(now, (server) => server.node === follower.node) + 30;
});
console.log(`lose all but server ${follower.node}`);
const one = await enter("operator-1");
const two = await enter("operator-2");
await one.goto(`${away}/console/#rebuild`);
await one.getByText("A majority is gone.").waitFor({ timeout: 30_000 });
const tile = async (name) => Number(await one.locator(".tiles > div", { hasText: new RegExp(`^${name}\\d`) }).locator("dd").innerText());
// The gateways name what they told their members only when they have waited for the servers.
await until("a look at which every message has its name", async () => {
  await one.getByRole("button", { name: "Look now" }).click();
  await one.getByText(/^Looked at/).waitFor({ timeout: 60_000 });
  await one.getByText("2. What would be lost").waitFor();
  return (await tile("Messages that nobody can name")) === 0;
});
await judge.look(one, "what would be lost");
assert.ok((await tile("Orders")) > 0, await one.locator("main").innerText());
await one.getByText(/^Line by line/).click();
await one.getByText(/order/).first().waitFor();
await one.getByRole("button", { name: "Propose the rebuild" }).click();
await one.getByText("Two people sign it").first().waitFor();

await sign(one, keyOne);
await one.getByText(/1 \/ 2 operator-1/).waitFor();
// The same person again is refused, and it stays at one.
await sign(one, keyOne);
await one.locator(".refusal").first().waitFor();
await sign(two, keyTwo);
await two.getByText(/2 \/ 2/).waitFor();
await judge.look(two, "signed by two");
const [saved] = await Promise.all([two.waitForEvent("download"), two.getByRole("link", { name: "Save the signed act" }).click()]);
await saved.saveAs(actPath);
await until("the proposal is approved", async () => (await reader.look("/approvals")).items.proposals[0].state === "approved");
assert.equal((await reader.look("/approvals")).items.proposals.length, 1);
assert.ok(JSON.parse(readFileSync(actPath, "utf8")).losses.length > 0, "the losses are a part of what was signed");
process.exit((await judge.end()) ? 0 : 1);
