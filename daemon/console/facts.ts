// What the documents say of an incident or of all queues together, in the numbers that people ask for.
import { count, isShare, limitText, languageNow, metricName, reading, span, t, word } from "./i18n";
import { blind, daemonNow, liveAlert, isOver, levelOf, queueKey, queues, status } from "./model";
import { Action, Incident, Level, PastIncident, Queue, ranks, Reading } from "./types";

export function scopeName(i: Incident): string {
  const values = Object.entries(i.scope).filter(([key]) => key !== "policy").map(([, value]) => value);
  return values.length > 0 ? values.join(" · ") : t("everywhere");
}
export function queueName(q: { queue: string; channel: string }): string {
  return q.channel === "voice" ? q.queue : `${q.queue} / ${q.channel}`;
}
export function missing(i: Incident): number {
  return Math.max(0, i.need - i.joined);
}
/// The level whose colour an incident has: of one whose alerts are clearing it is none, although it is not over.
export function shownLevel(i: Incident): Level {
  return isOver(i) ? i.worst : i.level;
}

export interface Answers {
  asked: number;
  declined: number;
  unreachable: number;
  spare: number;
  left: number;
}
export function answers(i: Incident): Answers {
  const many = (...states: string[]): number => i.seats.filter((s) => states.includes(s.state)).length;
  return {
    asked: many("asked"),
    declined: many("declined"),
    unreachable: many("unreachable", "timed_out", "noshow"),
    spare: many("spare"),
    left: many("left"),
  };
}
export function here(i: Incident): string[] {
  return i.seats
    .filter((s) => s.state === "joined" || s.state === "arrived")
    .map((s) => (s.name || s.person) + (s.state === "arrived" ? " ✓" : "") + (s.successor ? ` → ${s.successor}` : ""));
}
/// Steps of the playbook that stand or went wrong.
export function standing(i: Incident): Action[] {
  return i.actions.filter((a) => a.stands || a.state === "failed");
}

function excess(a: Reading): number {
  const limit = Number(/-?[\d.]+/.exec(raiseOf(a))?.[0] ?? "1") || 1;
  return (a.value_now ?? a.value ?? 0) / limit;
}
/// Worst first: by level, then by how far beyond its limit.
export function readingsOf(i: Incident): Reading[] {
  return [...i.alerts].sort((a, b) => ranks[b.level] - ranks[a.level] || Number(Boolean(a.folded)) - Number(Boolean(b.folded)) || excess(b) - excess(a));
}
/// A rule's own short name in the reader's language, else what it measures.
export function ruleName(a: { rule: string; metric: string }): string {
  const words = status()?.rules?.find((r) => r.rule === a.rule)?.summary;
  return words?.[languageNow()] || metricName(a.metric);
}
export function valueNow(a: Reading): string {
  const value = a.value_now === undefined ? a.value : a.value_now;
  // A change is compared in percent whatever the metric's own unit is.
  if (value !== null && raiseOf(a).includes("%") && !isShare(a.metric)) return `${value > 0 ? "+" : ""}${count(Math.round(value))} %`;
  return reading(a.metric, value);
}
/// The limit that raises the alert, as it stands now; an incident's own copy of an alert says which limit it passed last, which of one that
/// clears is the one below which it is over.
export function raiseOf(a: Reading): string {
  return a.raise || liveAlert(a)?.raise || a.limit || "";
}
export function limitOf(a: Reading): string {
  const limit = raiseOf(a);
  return limit ? limitText(a.metric, limit) : "";
}

/// What comes next and in how many seconds; undefined when nothing anyone plans by: a filled incident waits for its greatest age only.
export function nextStep(i: Incident): { what: string; seconds: number } | undefined {
  const told = i.next_step;
  const at = told?.at_ms ?? i.next_at;
  if (isOver(i) || told === null || !at) return undefined;
  const seconds = (at - daemonNow()) / 1000;
  if (seconds > 3600) return undefined;
  const what = told?.what ?? (i.state === "paging" ? "tier" : i.state === "resolving" ? "close" : i.state === "exhausted" ? "round" : "check");
  return { what: word("step", what), seconds: Math.max(0, seconds) };
}
export function elapsed(i: Incident): number {
  const end = isOver(i) ? i.closed : undefined;
  return Math.max(0, ((end ?? daemonNow()) - i.opened) / 1000);
}
/// "now 1 min 4 s (limit > 45 s) · worst 2 min at 20:13:05", with the age of a value that no longer comes.
export function nowText(a: Reading): string {
  const stale = a.value_stale && a.value_at ? ` (${t("stalled", { age: span((daemonNow() - a.value_at) / 1000) })})` : "";
  return t("now_value", { value: a.value_now === null ? t("unsure") : valueNow(a) }) + stale;
}

export interface Totals {
  queues: number;
  blind: number;
  burning: number;
  waiting: number | null;
  longest: number | null;
  staffed: number | null;
  free: number | null;
  onCall: number | null;
  levelNow: number | null;
  levelToday: number | null;
  abandonedToday: number | null;
}

function adder(): { add: (v: number | null | undefined) => void; sum: () => number | null } {
  let sum: number | null = null;
  return { add: (v) => (sum = v === null || v === undefined ? sum : (sum ?? 0) + v), sum: () => sum };
}
/// Of queues whose data is fresh: what is no longer true is not added up.
export function totals(of: Iterable<Queue>): Totals {
  const sums = { waiting: adder(), staffed: adder(), free: adder(), onCall: adder(), abandoned: adder() };
  const now = { part: 0, whole: 0 };
  const today = { part: 0, whole: 0 };
  let longest: number | null = null;
  const counts = { queues: 0, blind: 0, burning: 0 };
  for (const q of of) {
    counts.queues++;
    if (levelOf(q) !== "none") counts.burning++;
    if (blind(q)) {
      counts.blind++;
      continue;
    }
    sums.waiting.add(q.m["calls_waiting"]);
    sums.staffed.add(q.m["agents_staffed"]);
    sums.free.add(q.m["agents_available"]);
    sums.onCall.add(q.m["agents_on_call"]);
    sums.abandoned.add(q.abandoned_today);
    const oldest = q.m["oldest_wait_s"];
    if (oldest !== null && oldest !== undefined) longest = Math.max(longest ?? 0, oldest);
    const weight = Math.max(1, q.offered_today ?? 1);
    for (const [mean, value] of [[now, q.service_level_now], [today, q.service_level_today]] as const) {
      if (typeof value === "number") {
        mean.part += value * weight;
        mean.whole += weight;
      }
    }
  }
  return {
    ...counts,
    waiting: sums.waiting.sum(),
    longest,
    staffed: sums.staffed.sum(),
    free: sums.free.sum(),
    onCall: sums.onCall.sum(),
    abandonedToday: sums.abandoned.sum(),
    levelNow: now.whole > 0 ? now.part / now.whole : null,
    levelToday: today.whole > 0 ? today.part / today.whole : null,
  };
}

/// The queue to draw for an incident: that of its worst alert.
export function queueOf(i: Incident): Queue | undefined {
  const worst = readingsOf(i)[0];
  return worst ? queues.get(queueKey(worst.centre, worst.queue, worst.channel)) : undefined;
}
export function byCentre(of: Iterable<Queue>): Map<string, Queue[]> {
  const out = new Map<string, Queue[]>();
  for (const q of of) {
    const row = out.get(q.centre);
    if (row) row.push(q);
    else out.set(q.centre, [q]);
  }
  return out;
}
/// Burning first, then without data, then by the longest wait.
export function worstFirst(a: Queue, b: Queue): number {
  return (
    ranks[levelOf(b)] - ranks[levelOf(a)] ||
    Number(blind(b)) - Number(blind(a)) ||
    (b.m["oldest_wait_s"] ?? -1) - (a.m["oldest_wait_s"] ?? -1) ||
    a.centre.localeCompare(b.centre) ||
    a.queue.localeCompare(b.queue)
  );
}

/// One that is told by its records only, in the shape of the others: what they do not say is empty.
export function fromRecords(p: PastIncident): Incident {
  return {
    ...p,
    state: p.ended_ms ? "closed" : "paging",
    level: "none",
    joined: 0,
    arrived: 0,
    owner: "",
    opened: p.opened_ms,
    ...(p.ended_ms ? { closed: p.ended_ms } : {}),
    next_at: null,
    staffing: null,
    alerts: [],
    seats: [],
    actions: [],
  };
}
