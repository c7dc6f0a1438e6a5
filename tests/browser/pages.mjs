// Opens every page of the console in both languages; prints what axe and the browser find, and
// fails when that is anything. node pages.mjs URL LOGIN PASSWORD SECRET
import { Judge, settled } from "./browser.mjs";
import { codeAt } from "./desk.mjs";

const [url, login, password, secret] = process.argv.slice(2);
const pages = ["incidents", "market", "replicas", "halt", "rebuild", "approvals", "notices", "public", "people", "audit"];
const judge = await Judge.open();
const page = await judge.page();

await page.goto(`${url}/console/`);
await page.waitForSelector("form");
await judge.look(page, "login");
await page.fill("input[autocomplete=username]", login);
await page.fill("input[type=password]", password);
await page.fill("input[autocomplete=one-time-code]", codeAt(secret, Date.now() / 1000));
await page.click("button[type=submit]");
await page.waitForSelector("nav");
for (const language of ["ja", "en"]) {
  for (const name of pages) {
    await page.goto(`${url}/console/#${name}`);
    await page.evaluate((to) => localStorage.setItem("language", to), language);
    await page.reload();
    await settled(page);
    await judge.look(page, `${name} ${language}`);
  }
}
process.exit((await judge.end()) ? 0 : 1);
