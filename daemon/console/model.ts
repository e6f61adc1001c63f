// What the console knows of the daemon, and how old that is. Everything shown is drawn from here.
import { Incident, Level, Me, Queue, ranks, Reading, Status } from "./types";

export interface Snapshot {
  now_ms: number;
  queues?: Queue[];
  gone_queues?: [string, string, string?][];
  incidents?: Incident[];
  gone_incidents?: string[];
  alerts?: Reading[];
  gone_alerts?: [string, string, string, string?][];
  /// Of a change: the members that changed.
  status?: Partial<Status>;
}

/// After this long without a word from the daemon nothing is called current. The daemon says one every 2 s.
export const silence_max_ms = 3500;

export const queues = new Map<string, Queue>();
export const incidents = new Map<string, Incident>();
export const alerts = new Map<string, Reading>();
const state = { status: null as Status | null, me: null as Me | null, meAsked: false, dataAt: 0, heardAt: -Infinity, loaded: false };

export function status(): Status | null {
  return state.status;
}
export function me(): Me | null {
  return state.me;
}
/// Whether the daemon has been asked who this is; then `me()` is null when it does not say.
export function meAsked(): boolean {
  return state.meAsked;
}
export function setMe(who: Me | null): void {
  state.me = who;
  state.meAsked = true;
}
export function loaded(): boolean {
  return state.loaded;
}

export function queueKey(centre: string, queue: string, channel = "voice"): string {
  return `${centre}\u0000${queue}\u0000${channel}`;
}
function alertKey(rule: string, centre: string, queue: string, channel = "voice"): string {
  return `${rule}\u0000${queueKey(centre, queue, channel)}`;
}

/// The daemon was heard. `now`: its clock.
export function heard(now: number): void {
  state.dataAt = now;
  state.heardAt = performance.now();
}
/// The daemon's clock now, carried on by ours: elapsed times do not depend on how this machine's clock is set.
export function daemonNow(): number {
  return state.dataAt === 0 ? Date.now() : state.dataAt + (performance.now() - state.heardAt);
}
export function silentFor(): number {
  return performance.now() - state.heardAt;
}
export function connected(): boolean {
  return silentFor() <= silence_max_ms;
}
/// Of when the data is, by the daemon's clock; 0 = there is none.
export function dataAt(): number {
  return state.loaded ? state.dataAt : 0;
}

export function forgetAll(): void {
  queues.clear();
  incidents.clear();
  alerts.clear();
  state.status = null;
  state.loaded = false;
}

export function apply(whole: boolean, part: Snapshot): void {
  if (whole) {
    queues.clear();
    incidents.clear();
    alerts.clear();
  }
  for (const q of part.queues ?? []) queues.set(queueKey(q.centre, q.queue, q.channel), q);
  for (const [centre, queue, channel] of part.gone_queues ?? []) queues.delete(queueKey(centre, queue, channel));
  for (const i of part.incidents ?? []) incidents.set(i.incident, i);
  for (const id of part.gone_incidents ?? []) incidents.delete(id);
  for (const a of part.alerts ?? []) alerts.set(alertKey(a.rule, a.centre, a.queue, a.channel), a);
  for (const [rule, centre, queue, channel] of part.gone_alerts ?? []) alerts.delete(alertKey(rule, centre, queue, channel));
  if (part.status) state.status = whole ? (part.status as Status) : ({ ...state.status, ...part.status } as Status);
  state.loaded = true;
  heard(part.now_ms);
  levels.clear();
  for (const a of alerts.values()) {
    const key = queueKey(a.centre, a.queue, a.channel);
    if (ranks[a.level] > ranks[levels.get(key) ?? "none"]) levels.set(key, a.level);
  }
}

const levels = new Map<string, Level>();
/// The highest level of any alert of this queue.
export function levelOf(q: Queue): Level {
  return levels.get(queueKey(q.centre, q.queue, q.channel)) ?? "none";
}
export function blind(q: Queue): boolean {
  return q.stale || q.never_seen;
}
export function isOver(i: Incident): boolean {
  return i.state === "closed" || i.state === "resolved";
}

export function openIncidents(): Incident[] {
  return [...incidents.values()].filter((i) => !isOver(i)).sort((a, b) => ranks[b.level] - ranks[a.level] || a.opened - b.opened);
}
export function pastIncidents(): Incident[] {
  return [...incidents.values()].filter(isOver).sort((a, b) => b.opened - a.opened);
}
/// Alerts without an open incident of theirs: nobody is called for them, and they are no calm either.
export function loneAlerts(): Reading[] {
  const counted = new Set<string>();
  for (const i of incidents.values()) {
    if (!isOver(i)) for (const a of i.alerts) counted.add(alertKey(a.rule, a.centre, a.queue, a.channel));
  }
  return [...alerts.values()]
    .filter((a) => a.level !== "none" && !counted.has(alertKey(a.rule, a.centre, a.queue, a.channel)))
    .sort((a, b) => ranks[b.level] - ranks[a.level] || a.since - b.since);
}

/// The alert itself, of which an incident keeps a copy.
export function liveAlert(a: Reading): Reading | undefined {
  return alerts.get(alertKey(a.rule, a.centre, a.queue, a.channel));
}
/// The name of somebody who was called in any incident that is known; else what they are called by.
export function personName(person: string): string {
  for (const i of incidents.values()) for (const s of i.seats) if (s.person === person && s.name) return s.name;
  return person;
}

/// How things stand, in one word. Only `calm` is green.
export type Truth = "loading" | "lost" | "empty" | "blind" | "doubt" | "calm" | "yellow" | "orange" | "red";
export function truth(): Truth {
  if (!state.loaded) return silentFor() > silence_max_ms && performance.now() > silence_max_ms ? "lost" : "loading";
  if (!connected()) return "lost";
  const worst = worstLevel();
  if (worst !== "none") return worst;
  if (queues.size === 0) return "empty";
  for (const q of queues.values()) if (blind(q)) return "blind";
  const s = state.status;
  if (s && (!s.ready || s.store.degraded)) return "doubt";
  return openIncidents().length > 0 ? "doubt" : "calm";
}
export function worstLevel(): Level {
  let worst: Level = "none";
  for (const i of incidents.values()) if (!isOver(i) && ranks[i.level] > ranks[worst]) worst = i.level;
  for (const a of alerts.values()) if (ranks[a.level] > ranks[worst]) worst = a.level;
  return worst;
}
