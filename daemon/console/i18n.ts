// Texts, numbers and times in the reader's language. Every text stands in words.json, Chinese beside English.
import words from "./words.json";

export type Key = keyof typeof words;
export type Language = "zh" | "en";

const stored = localStorage.getItem("surged-language");
let language: Language = stored === "zh" || stored === "en" ? stored : (navigator.language || "zh").startsWith("zh") ? "zh" : "en";
let zone: string | undefined;

export function languageNow(): Language {
  return language;
}
export function setLanguage(wanted: Language): void {
  language = wanted;
  localStorage.setItem("surged-language", wanted);
}
/// The centre's zone: all times of the page are in it. Unknown to the browser: its own zone stays.
export function setZone(name: string): void {
  try {
    new Intl.DateTimeFormat("en", { timeZone: name });
    zone = name;
  } catch {
    zone = undefined;
  }
}

/// The text of a key with its `{names}` filled in.
export function t(key: Key, values: Record<string, string | number> = {}): string {
  const row = words[key];
  const text = row[language === "zh" ? 0 : 1] ?? key;
  return text.replace(/\{(\w+)\}/g, (all, name: string) => (name in values ? String(values[name]) : all));
}

/// A text that counts: "1 incident" has a row of its own, `<key>.1`.
export function many(key: Key, n: number): string {
  const one = `${key}.1`;
  return t(n === 1 && one in words ? (one as Key) : key, { n });
}

/// A word of the daemon, `family` says of what: "seat" and "joined" have the row "seat.joined". One without a row is shown as it is.
export function word(family: string, name: string): string {
  const key = `${family}.${name}`;
  return key in words ? t(key as Key) : name.replace(/_/g, " ");
}

function locale(): string {
  return language === "zh" ? "zh-CN" : "en-GB";
}
export function clock(ms: number): string {
  return new Date(ms).toLocaleTimeString(locale(), { timeZone: zone, hour12: false });
}
/// Hours and minutes.
export function clockShort(ms: number): string {
  return new Date(ms).toLocaleTimeString(locale(), { timeZone: zone, hour12: false, hour: "2-digit", minute: "2-digit" });
}
export function day(ms: number): string {
  return new Date(ms).toLocaleDateString(locale(), { timeZone: zone, year: "numeric", month: "2-digit", day: "2-digit" });
}
export function dayShort(ms: number): string {
  return new Date(ms).toLocaleDateString(locale(), { timeZone: zone, month: "2-digit", day: "2-digit" });
}
export function weekday(ms: number): string {
  return new Date(ms).toLocaleDateString(locale(), { timeZone: zone, weekday: "short" });
}
export function dayAndClock(ms: number): string {
  return `${dayShort(ms)} ${clockShort(ms)}`;
}

/// 0 to 23 in the centre's zone.
export function hourOf(ms: number): number {
  return Number(new Date(ms).toLocaleTimeString("en-GB", { timeZone: zone, hour: "2-digit", hour12: false })) % 24;
}

/// "2 h 5 min", "4 min 20 s", "40 s".
export function span(seconds: number): string {
  const all = Math.max(0, Math.round(seconds));
  const h = Math.floor(all / 3600);
  const m = Math.floor(all / 60) % 60;
  const s = all % 60;
  const parts = [];
  if (h > 0) parts.push(t("span_h", { n: h }));
  if (m > 0) parts.push(t("span_min", { n: m }));
  if ((s > 0 && h === 0) || all === 0) parts.push(t("span_s", { n: s }));
  return parts.join(language === "zh" ? "" : " ");
}
/// "4:20", "1:04:20": for what counts up or down before one's eyes.
export function ticking(seconds: number): string {
  const all = Math.max(0, Math.floor(seconds));
  const h = Math.floor(all / 3600);
  const two = (n: number): string => String(n).padStart(2, "0");
  return h > 0 ? `${h}:${two(Math.floor(all / 60) % 60)}:${two(all % 60)}` : `${Math.floor(all / 60)}:${two(all % 60)}`;
}
export function count(n: number): string {
  return n.toLocaleString(locale(), { maximumFractionDigits: 1 });
}

/// Shares are percent, `_s` are durations, the rest are numbers.
export function reading(metric: string, value: number | null | undefined): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return "–";
  if (isShare(metric)) return `${(value * 100).toFixed(1)} %`;
  if (/_s$/.test(metric) && value >= 0) return span(value);
  return count(Math.round(value * 10) / 10);
}
export function isShare(metric: string): boolean {
  return /(^|_)(ratio|share)$|^(connection|abandon|answer)_rate$|^sl_|^service_level/.test(metric);
}
/// "> 90" of a metric in seconds becomes "> 1 min 30 s"; what carries its own unit stays.
export function limitText(metric: string, limit: string): string {
  const parts = /^([<>]=?)\s*(-?[\d.]+)$/.exec(limit);
  return parts ? `${parts[1]} ${reading(metric, Number(parts[2]))}` : limit;
}
/// A metric by its name for people.
export function metricName(metric: string): string {
  return word("metric", metric);
}
