// Other people's programs read what a real desk tells the public: a Statuspage client from npm,
// feed and calendar parsers, openssl. Method: an outage, maintenance, a report, a component set by
// hand; then each reader must see what the desk's own people see.
// node foreign_clients.mjs URL PEOPLE BUNDLE
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import ICAL from "ical.js";
import { Statuspage } from "statuspage.io";
import { Person, tell, until } from "./desk.mjs";

const [url, people, bundle] = process.argv.slice(2);
const names = ["operator-1", "operator-3", "operator-4"];
const [commander, officer, press] = await Promise.all(names.map((name) => new Person(url, people, name).enter()));

const from = Math.floor(Date.now() / 1000) + 3600;
const inside = (await officer.look("/components")).items;
const [first] = inside;
await officer.act("/maintenance", {
  title: { en: "New disks, racks 1; 2", ja: "ディスク交換、ラック1；2" }, text: { en: "Less redundancy.", ja: "冗長性が下がります。" },
  components: [first.id], from_ns: from * 1e9, until_ns: (from + 1800) * 1e9,
});
await officer.act(`/components/${first.id}`, {
  state: "partial_outage", reason: { en: "Some members wait", ja: "一部の参加者が待っています" }, until_ns: (from + 7200) * 1e9,
});
console.log("kill the leader");
const incident = await until("an incident that the public is told of", async () => {
  const all = await (await fetch(`${url}/api/v2/incidents.json`)).json();
  return all.incidents[0];
});
const told = (await officer.look("/notices")).items.notices.find((one) => one.state === "released").incident;
await tell(officer, press, {
  incident: told, status: "postmortem", subject: { en: "Report <1> & more", ja: "報告書 <1>" },
  text: { en: "# What happened\n\nA server **died**.", ja: "# 経緯\n\nサーバーが**停止**しました。" },
});
await commander.act("/incidents", { title: "Feed B is late", severity: 3 });
const second = (await officer.look("/incidents")).items.at(-1).id;
await tell(officer, press, {
  incident: second, status: "investigating", subject: { en: "Feed B is late", ja: "配信Bに遅れ" },
  text: { en: "We look into it.", ja: "調査しています。" },
});

// The client knows only pages at statuspage.io; it is shown this one.
const client = new Statuspage("okiagari");
client.setApiUrl(url);
const read = {
  summary: await client.api.getSummary(), status: await client.api.getStatus(), components: await client.api.getComponents(),
  all: await client.api.incidents.getAll(), unresolved: await client.api.incidents.getUnresolved(),
  planned: await client.api.scheduledMaintenances.getAll(), upcoming: await client.api.scheduledMaintenances.getUpcoming(),
};
for (const body of Object.values(read)) {
  assert.match(body.page.id, /^[a-z0-9]{12}$/);
  assert.equal(body.page.url, url);
  assert.ok(!Number.isNaN(Date.parse(body.page.updated_at)));
}
const measured = new Map(inside.map((one) => [one.name.en, one]));
assert.equal(read.components.components.length, inside.length);
for (const one of read.components.components) assert.ok(measured.has(one.name), one.name);
assert.equal(read.components.components.find((one) => one.name === first.name.en).status, "partial_outage");
assert.deepEqual(read.summary.components.map((one) => one.id), read.components.components.map((one) => one.id));
assert.equal(read.status.status.indicator, read.summary.status.indicator);
assert.notEqual(read.status.status.indicator, "none");
assert.equal(read.all.incidents.length, 2);
assert.equal(read.all.incidents.find((one) => one.id === incident.id).status, "postmortem");
assert.deepEqual(read.unresolved.incidents.map((one) => one.name), ["Feed B is late"]);
assert.deepEqual(read.summary.incidents.map((one) => one.id), read.unresolved.incidents.map((one) => one.id));
for (const one of read.all.incidents) {
  assert.match(one.id, /^[a-z0-9]{12}$/);
  assert.equal((await fetch(one.shortlink)).status, 200, one.shortlink);
  for (const update of one.incident_updates) assert.equal(update.incident_id, one.id);
}
assert.equal(read.planned.scheduled_maintenances[0].name, "New disks, racks 1; 2");
assert.equal(Date.parse(read.upcoming.scheduled_maintenances[0].scheduled_for), from * 1000);
assert.deepEqual(read.upcoming.scheduled_maintenances[0].components.map((one) => one.name), [first.name.en]);

const seen = JSON.parse(execFileSync("/usr/bin/python3", ["read_feeds.py", url], { encoding: "utf8" }));
for (const [name, version] of [["atom", "atom10"], ["rss", "rss20"]]) {
  const feed = seen[name];
  assert.ok(!feed.bozo, `${name}: ${feed.why}`);
  assert.equal(feed.version, version);
  assert.equal(feed.entries.length, 2);
  for (const entry of feed.entries) {
    assert.match(entry.id, /^urn:uuid:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
    assert.ok(entry.has_time && entry.link.startsWith(`${url}/ja/incidents/inc-`), JSON.stringify(entry));
  }
  assert.ok(feed.entries.some((one) => one.text.includes("報告書 &lt;1&gt;")), `${name}: markup or text is lost`);
}
assert.deepEqual(seen.atom.entries.map((one) => one.id).sort(), seen.rss.entries.map((one) => one.id).sort());
const summary = "ディスク交換、ラック1；2 / New disks, racks 1; 2";
const [event] = seen.calendar.events;
assert.deepEqual([seen.calendar.version, event.summary, event.status, event.begin_s, event.end_s],
  ["2.0", summary, "CONFIRMED", from, from + 1800]);
const parsed = new ICAL.Component(ICAL.parse(await (await fetch(`${url}/maintenance.ics`)).text()));
const [again] = parsed.getAllSubcomponents("vevent").map((one) => new ICAL.Event(one));
assert.deepEqual([again.summary, again.uid, again.startDate.toUnixTime()], [summary, event.uid, from]);

// Signatures, as HOW_TO_CHECK.txt and the page tell people to check them.
const work = mkdtempSync(join(tmpdir(), "okiagari-bundle-"));
const verify = (folder, text) => execFileSync("openssl", ["pkeyutl", "-verify", "-pubin", "-inkey", "key.pem", "-rawin",
  "-in", `${text}.txt`, "-sigfile", `${text}.sig`], { cwd: folder, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
const sums = (folder) => execFileSync("bash", ["-c", "sed -n 's/^sha256 //p' MANIFEST.txt | sha256sum --quiet -c"],
  { cwd: folder, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
try {
  // It is written beside what it tells of: within moments of the last notice.
  const copy = join(work, "copy");
  await until("a copy of the page with the last notice", () => {
    rmSync(copy, { recursive: true, force: true });
    try {
      cpSync(`${bundle}/current/`, copy, { recursive: true, dereference: true });
      return readFileSync(join(copy, "en.html"), "utf8").includes("Feed B is late");
    } catch {
      return false; // the link was turned in the middle
    }
  });
  assert.match(verify(copy, "MANIFEST"), /Verified Successfully/);
  sums(copy);
  assert.equal(readFileSync(join(copy, "key.pem"), "utf8"), await (await fetch(`${url}/key.pem`)).text());
  const number = read.all.incidents.find((one) => one.id === incident.id).incident_updates.length;
  for (const kind of ["txt", "sig"]) {
    writeFileSync(join(work, `n.${kind}`), Buffer.from(await (await fetch(`${url}/notices/${told}/n${number}.${kind}`)).arrayBuffer()));
  }
  cpSync(join(copy, "key.pem"), join(work, "key.pem"));
  assert.match(verify(work, "n"), /Verified Successfully/);
  // The judges can say no: one letter of a notice, one of a page.
  writeFileSync(join(work, "n.txt"), `${readFileSync(join(work, "n.txt"), "utf8")} `);
  assert.throws(() => verify(work, "n"));
  writeFileSync(join(copy, "en.html"), `${readFileSync(join(copy, "en.html"), "utf8")} `);
  assert.throws(() => sums(copy));
} finally {
  rmSync(work, { recursive: true, force: true });
}
console.log("all readers agree");
