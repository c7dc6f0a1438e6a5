// Chromium with a judge in it: every page that is shown is given to axe, in both colour schemes and
// on a narrow screen, where nothing may stick out; complaints of the browser itself are findings too.
// Pictures are taken when a folder is given.
import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { chromium } from "playwright-core";
import { smallPng } from "./small_png.mjs";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const schemes = ["dark", "light"];
const narrow = { width: 360, height: 780 };
const wide = { width: 1400, height: 900 };
const pictureHeightMost = 1_500;
const pictureBytesMost = 200_000;

// Asked again and again from outside: what a page itself polls with runs into its content policy.
export async function eventually(page, holds, limitMs = 30_000) {
  const end = Date.now() + limitMs;
  while (!(await page.evaluate(holds))) {
    if (Date.now() > end) throw new Error(`waited in vain: ${holds}`);
    await new Promise((go) => { setTimeout(go, 50); });
  }
}

// No page says that it is still loading.
export async function settled(page) {
  await page.waitForSelector(".card");
  await eventually(page, () => !/(読み込み中|Loading)$/m.test(document.querySelector("main")?.innerText ?? "読み込み中"));
}

export class Judge {
  static async open(folder) {
    const judge = new Judge();
    judge.folder = folder;
    judge.refusals = /status of (401|403|404|409|501)/;
    judge.findings = [];
    judge.judged = 0;
    // A script that ends in the middle says what was found before.
    process.on("uncaughtExceptionMonitor", () => { for (const finding of judge.findings) console.log(finding); });
    judge.browser = await chromium.launch({ executablePath: "/usr/bin/chromium", args: ["--no-sandbox", "--lang=ja-JP", "--host-resolver-rules=MAP desk.okiagari.example 127.0.0.1"] });
    return judge;
  }

  async page(options = {}) {
    const context = await this.browser.newContext({ viewport: wide, timezoneId: "Asia/Tokyo", ...options });
    const page = await context.newPage();
    // A refused look is one of the answers that pages show; everything else is a defect.
    page.on("console", (message) => {
      if (message.type() === "error" && !this.refusals.test(message.text())) this.findings.push(message.text());
    });
    page.on("pageerror", (error) => this.findings.push(String(error)));
    return page;
  }

  // As it stands. `shot`: the picture's name, of the scheme given; `whole`: of what is below, too.
  async look(page, name, shot, scheme = "dark", whole = false) {
    for (const colors of schemes) {
      await page.emulateMedia({ colorScheme: colors });
      await this.judge(page, `${name} ${colors}`);
      if (shot && this.folder && colors === scheme) await this.picture(page, shot, whole);
    }
    const before = page.viewportSize();
    if (before.width <= narrow.width) return;
    await page.setViewportSize(narrow);
    await this.judge(page, `${name} narrow`);
    const beside = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    if (beside > 0) this.findings.push(`${name} narrow: ${beside} px stick out`);
    await page.setViewportSize(before);
  }

  async judge(page, name) {
    // evaluate() does not pass through the page's content policy.
    await page.evaluate(axe);
    const result = await page.evaluate(() => axe.run());
    this.judged += 1;
    for (const one of result.violations) {
      this.findings.push(`${name}: ${one.id}: ${one.nodes.map((node) => node.target.join(" ")).join("; ")}`);
    }
  }

  async picture(page, shot, whole) {
    const { width, height } = page.viewportSize();
    const full = await page.evaluate(() => document.documentElement.scrollHeight);
    const tall = whole ? Math.min(full, pictureHeightMost) : height;
    const taken = smallPng(await page.screenshot({ fullPage: true, clip: { x: 0, y: 0, width, height: tall } }));
    if (taken.length > pictureBytesMost) this.findings.push(`${shot}: the picture has ${taken.length} bytes`);
    writeFileSync(`${this.folder}/${shot}.png`, taken);
  }

  // Presses Tab until what is wanted has the focus; nothing else is touched.
  async tabTo(page, what, most = 80) {
    for (let pressed = 0; pressed < most; pressed += 1) {
      const here = await page.evaluate(() => {
        const element = document.activeElement;
        const label = element?.closest("label")?.querySelector("span")?.textContent ?? "";
        return { text: `${element?.tagName} ${label} ${element?.textContent?.trim() ?? ""}`, outline: element ? getComputedStyle(element).outlineStyle : "" };
      });
      if (what.test(here.text)) {
        if (here.outline === "none") this.findings.push(`${here.text}: no focus is to be seen`);
        return;
      }
      await page.keyboard.press("Tab");
    }
    throw new Error(`the keyboard does not reach ${what}`);
  }

  async end() {
    await this.browser.close();
    for (const finding of this.findings) console.log(finding);
    console.log(`${this.judged} pages judged, ${this.findings.length} findings`);
    return this.findings.length === 0;
  }
}
