// The desk that leads is killed while a page of it is open: the page says so, shows the others'
// addresses, goes on by itself when the desk is back, and has every line once. The session holds on
// all desks. node reconnect.mjs PEOPLE URL...
import assert from "node:assert/strict";
import { eventually, Judge } from "./browser.mjs";
import { Person, until } from "./desk.mjs";

const [people, ...urls] = process.argv.slice(2);
const judge = await Judge.open();
// What browsers say of a desk that is away.
judge.refusals = /status of (401|403|404|409|501|503)|ERR_(CONNECTION|EMPTY|INCOMPLETE|NETWORK)/;

const officer = await new Person(urls[0], people, "operator-3").enter();
async function whoLeads(among) {
  return until("a desk leads", async () => {
    for (const url of among) {
      officer.url = url;
      const leads = await officer.look("/me").then((me) => me.leads, () => false);
      if (leads) return url;
    }
    return null;
  });
}

// On a busy machine desks may change places once more: one that does not lead sends elsewhere, or
// takes nothing.
async function write(among, path, body) {
  await until(`${path} is taken`, async () => {
    await whoLeads(among);
    return officer.act(path, body).then(() => true, (error) => {
      if (!/: (401|503) /.test(error.message)) throw error;
      return false;
    });
  });
}

const first = await whoLeads(urls);
const others = urls.filter((url) => url !== first);
await write(urls, "/incidents", { title: { ja: "訓練", en: "Exercise" }, severity: 3 });
const id = (await officer.look("/incidents")).items.at(-1).id;

const page = await judge.page();
await page.addInitScript(() => localStorage.setItem("language", "en"));
await page.goto(`${first}/console/`);
const chief = new Person(first, people, "operator-1");
await page.fill("input[autocomplete=username]", "operator-1");
await page.fill("input[type=password]", chief.entry.password);
await page.fill("input[autocomplete=one-time-code]", chief.code());
await page.keyboard.press("Enter");
// On a busy machine the desk may open incidents of its own.
const choose = () => page.getByRole("button", { name: `${id} ` }).click();
await page.waitForSelector(".room");
await choose();
await write(urls, `/incidents/${id}/notes`, { text: "Before the fall." });
const times = async (text) => (await page.locator(".timeline").innerText()).split(text).length - 1;
await until("the note is on the page", async () => (await times("Before the fall.")) === 1);

console.log(`kill desk ${urls.indexOf(first) + 1}`);
await page.waitForSelector(".live.off");
await page.locator(`.warning a[href^="${others[0]}"]`).waitFor();
assert.equal(await times("Before the fall."), 1, "what was known stays");
await judge.look(page, "the desk is away");

for (let note = 1; note <= 5; note += 1) await write(others, `/incidents/${id}/notes`, { text: `While it was away, ${note}.` });
console.log(`start desk ${urls.indexOf(first) + 1}`);
await until("the last note is on the page", async () => (await times("While it was away, 5.")) === 1, 90_000);
await page.waitForSelector(".live:not(.off)");
await write(urls, `/incidents/${id}/notes`, { text: "Afterwards." });
await until("news come again", async () => (await times("Afterwards.")) === 1);
for (const text of ["Before the fall.", "While it was away, 1.", "While it was away, 3.", "While it was away, 5.", "Afterwards."]) {
  assert.equal(await times(text), 1, text);
}

// The page has learned by itself that another leads; there nobody is asked to log in again.
const second = await whoLeads(urls);
assert.notEqual(second, first);
await page.locator(`.warning a[href^="${second}"]`).click();
await page.waitForSelector(".room");
await choose();
await eventually(page, () => /Afterwards/.test(document.querySelector(".timeline").innerText));
assert.equal(new URL(page.url()).origin, second);
await page.getByLabel("Note").fill("From the other desk.");
await page.getByRole("button", { name: "Write down" }).click();
await until("a note is taken there", async () => (await times("From the other desk.")) === 1);
process.exit((await judge.end()) ? 0 : 1);
