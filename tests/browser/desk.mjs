// A person at the desk, for scripts: logs in with a password and a one-time code, looks and acts.
import { createHmac, randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";

export function codeAt(secretHex, seconds) {
  const step = Buffer.alloc(8);
  step.writeBigUInt64BE(BigInt(Math.floor(seconds / 30)));
  const mac = createHmac("sha1", Buffer.from(secretHex, "hex")).update(step).digest();
  const number = mac.readUInt32BE(mac[19] & 15) & 0x7fffffff;
  return String(number % 1_000_000).padStart(6, "0");
}

export class Person {
  constructor(url, peoplePath, login) {
    this.url = url;
    this.login = login;
    this.entry = JSON.parse(readFileSync(peoplePath, "utf8")).find((one) => one.login === login);
  }

  code() {
    return codeAt(this.entry.second_factor, Date.now() / 1000);
  }

  async enter() {
    const answer = await this.send("POST", "/api/desk/login",
      { login: this.login, password: this.entry.password, code: this.code() });
    this.token = answer.csrf_token;
    return this;
  }

  async send(method, path, body) {
    const response = await fetch(this.url + path, {
      method,
      headers: {
        "Content-Type": "application/json", Cookie: this.cookie ?? "",
        "X-CSRF-Token": this.token ?? "", "Idempotency-Key": randomUUID(),
      },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    const cookie = response.headers.get("set-cookie");
    if (cookie) this.cookie = cookie.slice(0, cookie.indexOf(";"));
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
    return text ? JSON.parse(text) : {};
  }

  look(path) { return this.send("GET", `/api/desk${path}`); }
  act(path, body = {}) { return this.send("POST", `/api/desk${path}`, body); }
}

// Asks until the answer is something; says what was waited for when it never is.
export async function until(what, ask, limitMs = 60_000) {
  const end = Date.now() + limitMs;
  for (;;) {
    const found = await ask();
    if (found) return found;
    if (Date.now() > end) throw new Error(`waited in vain: ${what}`);
    await new Promise((go) => { setTimeout(go, 100); });
  }
}

// One person writes, another releases.
export async function tell(author, approver, body) {
  await author.act("/notices", body);
  const drafts = (await author.look("/notices")).items.notices;
  const draft = drafts.filter((one) => one.state === "draft").at(-1);
  await approver.act(`/notices/${draft.id}/approve`);
  await until(`${draft.id} is released`, async () => {
    const now = (await author.look("/notices")).items.notices.find((one) => one.id === draft.id);
    return now.state === "released";
  });
  return draft.id;
}
