// The last quarter of an hour of what burns, as this page saw it: between the minutes of the history, and where a daemon has none.
import { raiseOf } from "./facts";
import { alerts, daemonNow, levelOf, queueKey, queues } from "./model";
import { Incident, Reading } from "./types";

export type Point = [number, number | null];

const keep_ms = 15 * 60 * 1000;
const apart_ms = 4000;
const trend_ms = 5 * 60 * 1000;
const trend_least_ms = 30 * 1000;

const waiting = new Map<string, Point[]>();
const values = new Map<string, Point[]>();
const watched = new Set<string>();

/// This queue's values are kept although nothing burns in it.
export function watch(key: string): void {
  watched.add(key);
}

function push(book: Map<string, Point[]>, key: string, at: number, value: number | null): void {
  let row = book.get(key);
  if (!row) {
    row = [];
    book.set(key, row);
  }
  const last = row[row.length - 1];
  if (last && at - last[0] < apart_ms) return;
  row.push([at, value]);
  while (row.length > 0 && at - row[0]![0] > keep_ms) row.shift();
}
function alertName(a: Reading): string {
  return `${a.rule}\u0000${queueKey(a.centre, a.queue, a.channel)}`;
}

/// Called after each change of the data.
export function remember(): void {
  const now = daemonNow();
  for (const a of alerts.values()) if (a.value_now !== undefined) push(values, alertName(a), now, a.value_now);
  for (const [key, q] of queues) {
    if (levelOf(q) !== "none" || watched.has(key)) push(waiting, key, now, q.m["calls_waiting"] ?? null);
  }
  for (const book of [values, waiting]) {
    for (const [key, row] of book) if (now - (row[row.length - 1]?.[0] ?? 0) > keep_ms) book.delete(key);
  }
}

export function waitingOf(key: string): Point[] {
  return waiting.get(key) ?? [];
}

export type Trend = "better" | "worse" | "steady" | "unknown";
/// Over five minutes, or since the page knows of it. What is worse follows from the side of the limit.
export function trendOf(a: Reading): Trend {
  const row = values.get(alertName(a)) ?? [];
  const last = row[row.length - 1];
  if (!last || last[1] === null) return "unknown";
  const before = row.find((p) => last[0] - p[0] <= trend_ms && p[1] !== null);
  if (!before || before[1] === null || last[0] - before[0] < trend_least_ms) return "unknown";
  const change = last[1] - before[1];
  const scale = Math.max(Math.abs(last[1]), Math.abs(before[1]), 1e-9);
  if (Math.abs(change) < 0.08 * scale) return "steady";
  const falls = raiseOf(a).startsWith("<");
  return change > 0 === falls ? "better" : "worse";
}
export function incidentTrend(i: Incident, worst: Reading | undefined): Trend {
  const told: Record<string, Trend> = { rising: "worse", falling: "better", flat: "steady" };
  if (i.trend) return told[i.trend.direction] ?? "unknown";
  return worst ? trendOf(worst) : "unknown";
}
