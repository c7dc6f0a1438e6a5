// The last minutes of the market, kept up to date while somebody looks at a graph.
import { signal } from "@preact/signals";
import { look } from "./api";

export type Series = {
  every_ms: number; at_ns: number[]; leader: number[]; applied: number[];
  gateways: { gateway: number; acknowledged_ms: (number | null)[] }[];
};
export type Gap = { from_ns: number; to_ns: number };

const SAMPLES_MOST = 2_400;
const ASK_EVERY_MS = 1_000;

export const series = signal<Series | null>(null);

function joined(old: Series | null, more: Series): Series {
  const isSame = old && old.gateways.length === more.gateways.length;
  if (!old || (!isSame && more.at_ns.length > 0)) return more;
  const tail = <T>(a: T[], b: T[]): T[] => [...a, ...b].slice(-SAMPLES_MOST);
  return {
    every_ms: more.every_ms, at_ns: tail(old.at_ns, more.at_ns), leader: tail(old.leader, more.leader),
    applied: tail(old.applied, more.applied),
    gateways: old.gateways.map((one, place) => ({
      gateway: one.gateway, acknowledged_ms: tail(one.acknowledged_ms, more.gateways[place]?.acknowledged_ms ?? []),
    })),
  };
}

// The answer stops it.
export function follow(): () => void {
  let wanted = true;
  const ask = async () => {
    try {
      const more = await look<Series>(`/series?after_ns=${series.value?.at_ns.at(-1) ?? 0}`);
      if (wanted && more.at_ns.length > 0) series.value = joined(series.value, more);
    } catch {
      series.value = null; // begins anew with the desk that answers then
    }
  };
  void ask();
  const timer = setInterval(ask, ASK_EVERY_MS);
  return () => { wanted = false; clearInterval(timer); };
}

export type Change = { at_ns: number; from: number; to: number };
const CHANGES_MOST = 5;

// Of leadership, newest first; a desk that has just begun to look knows of none.
export function changesOf(all: Series): Change[] {
  const changes: Change[] = [];
  const begin = all.leader.findIndex((leader) => leader !== 0);
  all.at_ns.forEach((at, place) => {
    if (begin < 0 || place <= begin || all.leader[place] === all.leader[place - 1]) return;
    changes.push({ at_ns: at, from: all.leader[place - 1]!, to: all.leader[place]! });
  });
  return changes.slice(-CHANGES_MOST).reverse();
}

// When no gateway acknowledged anything, longest first; before the first answer is no gap.
export function gapsOf(all: Series): Gap[] {
  const gaps: Gap[] = [];
  let from = -1;
  let hasAnswered = false;
  all.at_ns.forEach((at, place) => {
    hasAnswered ||= all.gateways.some((one) => one.acknowledged_ms[place] !== null);
    if (!hasAnswered) return;
    const isSilent = all.gateways.every((one) => one.acknowledged_ms[place] === null);
    if (isSilent && from < 0) from = Math.max(0, place - 1);
    if (!isSilent && from >= 0) {
      gaps.push({ from_ns: all.at_ns[from]!, to_ns: at });
      from = -1;
    }
  });
  if (from >= 0) gaps.push({ from_ns: all.at_ns[from]!, to_ns: all.at_ns.at(-1)! });
  return gaps.sort((a, b) => b.to_ns - b.from_ns - (a.to_ns - a.from_ns));
}

// Commands taken into the log, per second.
export function throughputOf(all: Series): (number | null)[] {
  return all.applied.map((applied, place) => {
    // The first time that the desk hears of the log is no work of one moment.
    if (place === 0 || all.applied[place - 1] === 0) return null;
    const seconds = (all.at_ns[place]! - all.at_ns[place - 1]!) / 1e9;
    const more = applied - all.applied[place - 1]!;
    return seconds > 0 && more >= 0 ? more / seconds : null;
  });
}
