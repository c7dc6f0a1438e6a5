// Every text of the console, in both languages.
import { computed, signal } from "@preact/signals";
import words from "./words.json";

export type Language = "ja" | "en";
export type Key = keyof typeof words.ja;
export type Words = { ja: string; en: string };

const kept = localStorage.getItem("language");
export const language = signal<Language>(kept === "en" || kept === "ja" ? kept : "ja");
const table = computed(() => words[language.value]);

export const t = (key: Key): string => table.value[key];
export const said = (text: Words | undefined): string => (text ? text[language.value] : "");

// The person's own, where nobody has chosen on this screen.
export function offerLanguage(own: Language): void {
  if (kept === null && localStorage.getItem("language") === null) {
    language.value = own;
    document.documentElement.lang = own;
  }
}

export function setLanguage(to: Language): void {
  language.value = to;
  localStorage.setItem("language", to);
  document.documentElement.lang = to;
}

const clock = new Intl.DateTimeFormat("ja-JP", {
  timeZone: "Asia/Tokyo", hour: "2-digit", minute: "2-digit", second: "2-digit", hour12: false,
});
const calendar = new Intl.DateTimeFormat("sv-SE", { timeZone: "Asia/Tokyo", dateStyle: "short" });

export const timeOf = (ns: number): string => (ns ? clock.format(ns / 1e6) : "");
// A time of today without its day.
export const shortTimeOf = (ns: number): string => (calendar.format(ns / 1e6) === calendar.format(Date.now()) ? timeOf(ns) : dayTimeOf(ns));
export const untilWords = (ns: number): string => (language.value === "ja" ? `${dayTimeOf(ns)} まで` : `until ${dayTimeOf(ns)}`);
// A span as people read it: 39 ms, 24.5 s, 3:05 min.
export function spanOf(ms: number): string {
  if (ms < 1_000) return `${ms} ms`;
  if (ms < 60_000) return `${(ms / 1_000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1_000);
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")} min`;
}
export const dayTimeOf = (ns: number): string => ns ? `${calendar.format(ns / 1e6)} ${timeOf(ns)} JST` : "";
