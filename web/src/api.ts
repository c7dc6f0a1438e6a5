// The desk's API as the console uses it: who is here, looks, acts, and what happens as it happens.
import { signal } from "@preact/signals";
import { offerLanguage } from "./words";

export type Me = {
  login: string; name: string; language: "ja" | "en"; operator: number; powers: string[];
  leads: boolean; leader_url: string; other_urls: string[]; csrf_token: string;
};
export type Problem = { status: number; title: string; detail?: string };
export class Refused extends Error {
  constructor(readonly problem: Problem) {
    super(problem.detail ?? problem.title);
  }
}

// Browsers have randomUUID() only where the page came encrypted or from the machine itself.
export const newKey = (): string => [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");

export const me = signal<Me | null | undefined>(undefined); // undefined: not asked yet
export const asksForCode = signal<((code: string | null) => void) | null>(null);

async function read(response: Response): Promise<any> {
  const text = await response.text();
  const body = text ? JSON.parse(text) : {};
  if (!response.ok) throw new Refused({ title: response.statusText, ...body, status: response.status });
  return body;
}

export async function look<T = any>(path: string): Promise<T> {
  return read(await fetch(`/api/desk${path}`, { headers: { Accept: "application/json" } }));
}

async function send(path: string, body: object, key: string): Promise<any> {
  return read(await fetch(`/api/desk${path}`, {
    method: "POST",
    headers: {
      "Content-Type": "application/json",
      "X-CSRF-Token": me.value?.csrf_token ?? "",
      "Idempotency-Key": key,
    },
    body: JSON.stringify(body),
  }));
}

// One act of one person. When a one-time code is needed it is asked for, and the act is sent again
// under the same key.
export async function act(path: string, body: object = {}): Promise<any> {
  const key = newKey();
  try {
    return await send(path, body, key);
  } catch (error) {
    const needsCode = error instanceof Refused && error.problem.status === 401 && path !== "/login" &&
      path !== "/step-up" && (await whoAmI()) !== null;
    if (!needsCode) throw error;
    const code = await new Promise<string | null>((answer) => { asksForCode.value = answer; });
    asksForCode.value = null;
    if (code === null) throw error;
    await send("/step-up", { code }, newKey());
    return send(path, body, key);
  }
}

export async function whoAmI(): Promise<Me | null> {
  try {
    me.value = await look<Me>("/me");
    offerLanguage(me.value.language);
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    me.value = null;
  }
  return me.value ?? null;
}

export const may = (power: string): boolean => me.value?.powers.includes(power) ?? false;
