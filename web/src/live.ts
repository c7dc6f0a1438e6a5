// What the desk tells by itself: items of the timeline and the picture of the moment.
import { signal } from "@preact/signals";
import { me, whoAmI } from "./api";
import { said, type Words } from "./words";

export type Item = {
  number: number; at_ns: number; incident: string; kind: string; by: string; words: Words;
  data: Record<string, unknown>;
};
// Logins stand there as the log names them.
export const lineOf = (item: Item): string => said(item.words).replace(/person:/g, "");
export type Server = {
  node: number; state: string; role: string; open: boolean; term: number; applied: number;
  lag_ms: number; heard_ms_ago: number; log_first: number; log_last: number; log_synced: number;
  log_committed: number; log_bytes: number; checkpoint: number; state_hash: string;
};
export type Gateway = {
  gateway: number; state: string; serving: boolean; acknowledged_ms: number; median_ms: number;
  orders: number; answers: number;
};
export type Picture = {
  at_ns: number; leader: number; term: number; desk_leads: boolean; feed_head: number;
  servers?: Server[]; gateways?: Gateway[]; facts?: Record<string, any>;
};

const ITEMS_MOST = 5_000;
const AGAIN_AFTER_MS = 2_000;
const TOLD_EVERY_MS = 500;

export const items = signal<Item[]>([]);
export const picture = signal<Picture | null>(null);
export const connected = signal(false);
// The newest item's number, told less often than items come: whoever looks something up anew for
// each of them would ask the desk most when it has most to do.
export const news = signal(0);

let source: EventSource | null = null;
let again: ReturnType<typeof setTimeout> | undefined;
let waiting: Item[] = [];
let telling: ReturnType<typeof setTimeout> | undefined;

export function listen(): void {
  source?.close();
  const last = items.value.at(-1)?.number ?? 0;
  source = new EventSource(`/api/desk/events?after=${last}`);
  source.onopen = () => {
    connected.value = true;
    lookWhoLeads();
  };
  source.onerror = () => {
    connected.value = false;
    // A browser comes again by itself after a line that broke, but never after an answer that
    // refused it, as of a desk that is just starting.
    if (source?.readyState !== EventSource.CLOSED) return;
    clearTimeout(again);
    again = setTimeout(listen, AGAIN_AFTER_MS);
  };
  source.addEventListener("timeline", (event) => {
    if (waiting.length === 0) queueMicrotask(takeWaiting);
    waiting.push(JSON.parse((event as MessageEvent).data));
  });
  source.addEventListener("picture", (event) => {
    picture.value = JSON.parse((event as MessageEvent).data);
    if (me.value && picture.value!.desk_leads !== me.value.leads) lookWhoLeads();
  });
}

// A desk that is away cannot be asked; the next line that opens asks again.
function lookWhoLeads(): void {
  whoAmI().catch(() => undefined);
}

export function stopListening(): void {
  clearTimeout(again);
  source?.close();
  source = null;
  items.value = [];
}

// Many come at once after a start: one change for all of them.
function takeWaiting(): void {
  const last = items.value.at(-1)?.number ?? 0;
  items.value = [...items.value, ...waiting.filter((item) => item.number > last)].slice(-ITEMS_MOST);
  waiting = [];
  telling ??= setTimeout(() => {
    telling = undefined;
    news.value = items.value.at(-1)?.number ?? 0;
  }, TOLD_EVERY_MS);
}
