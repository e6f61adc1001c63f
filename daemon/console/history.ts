// Curves of a queue's past, asked once in a while and kept for as long as they are fresh enough for their step.
import { get, Refused } from "./api";
import { daemonNow } from "./model";
import { Point } from "./recent";

export type Curves = Record<string, Point[]>;
interface Answer {
  metrics: Record<string, { unit?: string; points: Point[] }>;
}
interface Kept {
  at: number;
  curves: Curves | null;
  asking: boolean;
}

const kept = new Map<string, Kept>();
const kept_max = 64;
/// Lengths are whole quarters of an hour: what grows with the clock is not another question each second.
const grain_ms = 900000;
let absent = false;

/// False once the daemon has said that it keeps no history.
export function historyKept(): boolean {
  return !absent;
}

/// The curves, or those asked last, or null: `came` is called when there are new ones.
export function curves(centre: string, queue: string, channel: string, metrics: string[], length_ms: number, came: () => void): Curves | null {
  if (absent) return null;
  length_ms = Math.ceil(length_ms / grain_ms) * grain_ms;
  const name = [centre, queue, channel, metrics.join(","), length_ms].join("\u0000");
  let entry = kept.get(name);
  if (!entry) {
    if (kept.size >= kept_max) kept.delete(kept.keys().next().value as string);
    entry = { at: -Infinity, curves: null, asking: false };
    kept.set(name, entry);
  }
  const fresh_ms = Math.min(300000, Math.max(15000, length_ms / 400));
  if (!entry.asking && performance.now() - entry.at > fresh_ms) void ask(entry, centre, queue, channel, metrics, length_ms, came);
  return entry.curves;
}

async function ask(entry: Kept, centre: string, queue: string, channel: string, metrics: string[], length_ms: number, came: () => void): Promise<void> {
  entry.asking = true;
  const to = Math.round(daemonNow());
  const step_s = Math.max(60, Math.ceil(length_ms / 1000 / 600 / 60) * 60);
  const query = new URLSearchParams({ centre, queue, metric: metrics.join(","), from: String(to - length_ms), to: String(to), step: `${step_s}s` });
  if (channel !== "voice") query.set("channel", channel);
  try {
    const answer = await get<Answer>(`history?${query.toString()}`, 10000);
    entry.curves = Object.fromEntries(Object.entries(answer.metrics).map(([metric, m]) => [metric, m.points]));
  } catch (error) {
    if (error instanceof Refused && error.status === 404 && error.code === "not_found" && /nothing at this path/.test(error.message)) absent = true;
  }
  entry.at = performance.now();
  entry.asking = false;
  came();
}

/// What the agents who are there can take in a step: from how long a call took them.
export function capacity(of: Curves): Point[] {
  const staffed = of["agents_staffed"] ?? [];
  const handled = new Map((of["handled"] ?? []).map((p) => [p[0], p[1]]));
  const spent = new Map((of["handling_s"] ?? []).map((p) => [p[0], p[1]]));
  const step_s = staffed.length > 1 ? (staffed[1]![0] - staffed[0]![0]) / 1000 : 60;
  let aht: number | null = null;
  return staffed.map(([ms, agents]) => {
    const calls = handled.get(ms);
    const seconds = spent.get(ms);
    if (calls && seconds && calls >= 3) aht = aht === null ? seconds / calls : aht * 0.7 + (seconds / calls) * 0.3;
    return [ms, agents === null || aht === null ? null : (agents * step_s) / aht] as Point;
  });
}
