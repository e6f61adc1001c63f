// One queue: its curves from three hours to four hundred days, what each rule makes of it and why, and its incidents.
import { get, Refused } from "./api";
import { h, levelIcon } from "./dom";
import { queueName, ruleName, scopeName, shownLevel } from "./facts";
import { capacity, curves, historyKept } from "./history";
import { clock, day, dayAndClock, isShare, languageNow, limitText, metricName, reading, span, t, word } from "./i18n";
import { alerts, blind, connected, daemonNow, incidents, isOver, levelOf, loaded, queueKey, queues, status } from "./model";
import { plot, PlotSpec } from "./plot";
import { Point, waitingOf, watch } from "./recent";
import { incidentPath } from "./routes";
import { Level, Queue, Reading } from "./types";

interface ExplainLevel {
  level: Level;
  raise: string;
  clear: string;
  raise_after_ms: number;
  clear_after_ms: number;
  latch: string;
  since: number | null;
  raise_holds: boolean;
  clear_holds: boolean;
  due: number | null;
}
interface Explain {
  rule: string;
  kind: string;
  metric: string;
  bound: boolean;
  state: string;
  level: Level;
  value: number | null;
  stale: boolean;
  never_seen: boolean;
  muted: boolean;
  silenced: boolean;
  last_data: number | null;
  health?: { healthy: boolean; problem: string; problem_zh?: string };
  inputs: { name: string; value: number | null; note: string; name_zh?: string; note_zh?: string }[];
  notes: string[];
  notes_zh?: string[];
  levels: ExplainLevel[];
  paging?: { why?: string };
  baseline?: { low?: number; high?: number; expected?: number };
}

const lengths: [string, number][] = [["3h", 3 * 3600e3], ["24h", 24 * 3600e3], ["7d", 7 * 86400e3], ["30d", 30 * 86400e3], ["400d", 400 * 86400e3]];
const view = { length: "3h", rule: "" };
const explained = new Map<string, { at: number; asking: boolean; said: Explain | null; problem: string }>();
const explain_ms = 5000;

function explain(rule: string, q: { centre: string; queue: string; channel: string }, changed: () => void): { said: Explain | null; problem: string } {
  const name = `${rule}\u0000${queueKey(q.centre, q.queue, q.channel)}`;
  let entry = explained.get(name);
  if (!entry) {
    if (explained.size > 50) explained.clear();
    entry = { at: -Infinity, asking: false, said: null, problem: "" };
    explained.set(name, entry);
  }
  if (!entry.asking && performance.now() - entry.at > explain_ms) {
    const mine = entry;
    mine.asking = true;
    const query = new URLSearchParams({ rule, centre: q.centre, queue: q.queue, channel: q.channel });
    get<Explain>(`explain?${query.toString()}`)
      .then((said) => ((mine.said = said), (mine.problem = "")))
      .catch((error: unknown) => (mine.problem = error instanceof Refused ? error.message : t("not_loaded")))
      .finally(() => ((mine.asking = false), (mine.at = performance.now()), changed()));
  }
  return entry;
}

function holds(ms: number): string {
  return ms > 0 ? ` ${t("for_span", { span: span(ms / 1000) })}` : "";
}
/// Why a level is on or is not, in one sentence.
function levelText(e: Explain, l: ExplainLevel): string {
  const raise = limitText(e.metric, l.raise);
  const clear = limitText(e.metric, l.clear);
  if (l.latch === "on") return l.clear_holds ? t("why.clearing", { clear, hold: holds(l.clear_after_ms) }) : t("why.on", { raise, clear, at: l.since ? clock(l.since) : "–" });
  if (l.raise_holds) return t("why.raising", { raise, hold: holds(l.raise_after_ms), at: l.due ? clock(l.due) : "–" });
  return t("why.off", { raise, hold: holds(l.raise_after_ms) });
}
/// One number a rule goes by, with what is said of it, in the reader's language.
function inputText(x: Explain["inputs"][number]): string {
  const zh = languageNow() === "zh";
  const note = (zh ? x.note_zh : undefined) ?? x.note;
  const said = zh && x.name_zh ? x.name_zh : x.name;
  const name = said.replace(/^[a-z][a-z0-9]*(_[a-z0-9]+)+(?=[，,]|$)|^[a-z]+$/, metricName);
  const unit = /^(s|秒)$/.test(note) ? note : "";
  return `${name} ${reading(x.name, x.value)}${unit ? ` ${unit}` : note ? ` (${note})` : ""}`;
}
function ruleCard(e: Explain): HTMLElement {
  const zh = languageNow() === "zh";
  const state: string[] = [];
  if (!e.bound) state.push(t("why.not_bound"));
  if (e.never_seen) state.push(t("never"));
  if (e.stale) state.push(t("why.stale", { at: e.last_data ? clock(e.last_data) : "–" }));
  if (e.muted) state.push(t("why.muted"));
  if (e.silenced) state.push(t("why.silenced"));
  if (e.health && !e.health.healthy) state.push((zh ? e.health.problem_zh : undefined) ?? e.health.problem);
  const look = e.level === "none" && e.state !== "ok" ? "stale" : e.level;
  return h(
    "article",
    { class: `card ${e.level}`, key: e.rule },
    h("div", { class: "line" }, h("span", { class: `badge ${look}` }, levelIcon(look), word("alert", e.state)), h("b", null, ruleName(e)), h("span", { class: "dim" }, `${e.rule} · ${word("kind", e.kind)}`)),
    h("p", null, t("now_value", { value: e.value === null ? t("unsure") : reading(e.metric, e.value) }), state.length > 0 ? h("span", { class: "bad" }, ` · ${state.join(" · ")}`) : null),
    h("ul", { class: "readings" }, ...e.levels.map((l) => h("li", { key: l.level }, levelIcon(l.latch === "on" ? l.level : "stale"), ` ${word("level", l.level)}: ${levelText(e, l)}`))),
    e.inputs.length > 1 ? h("p", { class: "dim" }, e.inputs.map(inputText).join(" · ")) : null,
    ...((zh ? e.notes_zh : undefined) ?? e.notes).map((n) => h("p", { class: "dim" }, n)),
  );
}

function limitsOf(rule: Explain | null, metric: string): { value: number; level: string }[] {
  if (!rule || rule.metric !== metric) return [];
  return rule.levels.flatMap((l) => {
    const value = Number(/^[<>]=?\s*(-?[\d.]+)$/.exec(l.raise)?.[1]);
    return Number.isFinite(value) ? [{ value, level: l.level }] : [];
  });
}
function known(points: Point[] | undefined): boolean {
  return (points ?? []).filter((p) => p[1] !== null).length > 1;
}

const asked = ["calls_waiting", "oldest_wait_s", "offered", "answered", "abandoned", "forecast_offered", "forecast_low", "forecast_high", "agents_staffed", "agents_on_call", "agents_available", "required_agents", "productive_agents", "handled", "handling_s", "level"];

function plots(q: Queue, rules: (Explain | null)[], changed: () => void): HTMLElement[] {
  const length = lengths.find(([name]) => name === view.length)![1];
  const to = daemonNow();
  const past = curves(q.centre, q.queue, q.channel, asked, length, changed);
  const seen = waitingOf(queueKey(q.centre, q.queue, q.channel));
  const limits = (metric: string): { value: number; level: string }[] => rules.flatMap((r) => limitsOf(r, metric));
  if (!past) {
    if (seen.length < 3) return [h("p", { class: "dim", role: "status" }, t(historyKept() ? "loading" : "no_history"))];
    return [plot({ title: t("curve.waiting_title"), metric: "calls_waiting", from: seen[0]![0], to, lines: [{ name: metricName("calls_waiting"), look: "load", points: seen }], limits: limits("calls_waiting") })];
  }
  const from = to - length;
  const spec = (title: string, metric: string, lines: [string, string, Point[]][], more: Partial<PlotSpec> = {}): HTMLElement | null => {
    const there = lines.filter(([, , points]) => known(points)).map(([name, look, points]) => ({ name, look, points }));
    return there.length > 0 ? plot({ title, metric, from, to, lines: there, limits: limits(metric), ...more }) : null;
  };
  const of = (metric: string): Point[] => past[metric] ?? [];
  const waiting = view.length === "3h" ? [...of("calls_waiting").filter((p) => p[0] < (seen[0]?.[0] ?? Infinity)), ...seen] : of("calls_waiting");
  const band = known(past["forecast_low"]) && known(past["forecast_high"]) ? { low: of("forecast_low"), high: of("forecast_high") } : undefined;
  const drawn = [
    spec(t("curve.waiting_title"), "calls_waiting", [[metricName("calls_waiting"), "load", waiting]]),
    spec(t("curve.longest_title"), "oldest_wait_s", [[metricName("oldest_wait_s"), "load", of("oldest_wait_s")]]),
    spec(t("curve.load_title"), "offered", [[t("curve.capacity"), "capacity", capacity(past)], [t("curve.forecast"), "forecast", of("forecast_offered")], [t("curve.load"), "load", of("offered")]], band ? { band } : {}),
    spec(t("curve.lost_title"), "abandoned", [[metricName("answered"), "capacity", of("answered")], [metricName("abandoned"), "load", of("abandoned")]]),
    spec(t("curve.agents_title"), "agents_staffed", [[metricName("required_agents"), "forecast", of("required_agents")], [metricName("agents_on_call"), "capacity", of("agents_on_call")], [metricName("agents_staffed"), "load", of("agents_staffed")]]),
  ].filter((x): x is HTMLElement => x !== null);
  return drawn.length > 0 ? drawn : [h("p", { class: "dim" }, t("no_points"))];
}

function numbers(q: Queue): HTMLElement {
  const order = ["calls_waiting", "oldest_wait_s", "agents_staffed", "agents_available", "agents_on_call", "connection_rate"];
  const rest = Object.keys(q.m).filter((name) => !order.includes(name) && q.m[name] !== null && (isShare(name) || name.startsWith("agents_")));
  return h("dl", { class: "totals page" }, ...[...order.filter((n) => n in q.m), ...rest].map((name) => h("div", { class: "total", key: name }, h("dt", null, metricName(name)), h("dd", null, blind(q) ? "–" : reading(name, q.m[name])))));
}

/// Rules that have an alert on this queue, and, where the daemon names only firing ones, every rule there is.
function rulesOf(q: Queue): string[] {
  const own = [...alerts.values()].filter((a: Reading) => a.centre === q.centre && a.queue === q.queue && a.channel === q.channel).map((a) => a.rule);
  const rest = (status()?.rules ?? []).map((r) => r.rule).filter((r) => !own.includes(r));
  return [...new Set([...own, ...rest])].slice(0, 12);
}

export function queuePage(centre: string, queue: string, channel: string, changed: () => void): HTMLElement[] {
  const key = queueKey(centre, queue, channel);
  watch(key);
  const q = queues.get(key);
  const title = `${centre} · ${queueName({ queue, channel })}`;
  if (!q) return [h("h1", null, title), h("p", { class: "dim", role: "status" }, t(loaded() ? "no_such_queue" : "loading"))];
  const level = blind(q) ? "stale" : levelOf(q);
  const rules = rulesOf(q).map((rule) => explain(rule, q, changed).said);
  const shown = rules.filter((r): r is Explain => r !== null && r.bound);
  const mine = [...incidents.values()].filter((i) => i.alerts.some((a) => a.centre === centre && a.queue === queue)).sort((a, b) => b.opened - a.opened).slice(0, 20);
  return [
    h("div", { class: "line head-line" }, h("span", { class: `badge ${level}` }, levelIcon(level), blind(q) ? t(q.never_seen ? "never" : "stale") : level === "none" ? t("no_alert") : word("level", level)), h("span", { class: "dim" }, q.group), q.last ? h("span", { class: "dim" }, t("last_data", { at: clock(q.last) })) : null),
    h("h1", null, title),
    h("div", { class: connected() ? "" : "lost" }, numbers(q)),
    h(
      "section",
      { "aria-label": t("curves") },
      h("h2", null, t("curves")),
      historyKept() ? h("div", { class: "tools", role: "group", "aria-label": t("length") }, ...lengths.map(([name]) => h("button", { type: "button", class: "plain", key: name, "aria-pressed": view.length === name ? "true" : "false", onclick: () => ((view.length = name), changed()) }, t(`length.${name}` as "length.3h")))) : null,
      ...plots(q, rules, changed),
    ),
    h("section", { "aria-label": t("rules_here") }, h("h2", null, t("rules_here")), shown.length > 0 ? h("div", { class: "cards" }, ...shown.map(ruleCard)) : h("p", { class: "dim" }, t("loading"))),
    mine.length > 0
      ? h("section", { "aria-label": t("incidents") }, h("h2", null, t("incidents")), h("ul", { class: "readings" }, ...mine.map((i) => h("li", { key: i.incident }, levelIcon(shownLevel(i)), " ", h("a", { href: incidentPath(i.incident) }, `${day(i.opened)} ${dayAndClock(i.opened).slice(-5)} ${scopeName(i)}`), ` ${word("level", shownLevel(i))} · ${word("state", i.state)}${isOver(i) ? "" : ` · ${t("joined_of", { joined: i.joined, need: i.need })}`}`))))
      : null,
  ].filter((x): x is HTMLElement => x !== null);
}
