// Who stands now and in the next two weeks, where somebody is missing, who stands in for whom, and whether people can be reached.
import { ask, Deed, deedButton, mayAs } from "./acts";
import { fairnessPart } from "./fairness";
import { get } from "./api";
import { h } from "./dom";
import { dayAndClock, dayShort, many, span, t, weekday, word } from "./i18n";
import { connected, daemonNow, openIncidents, personName } from "./model";
import { incidentPath } from "./routes";
import { scopeName } from "./facts";

interface Turn {
  at: number;
  on_duty: string[];
}
interface Roster {
  roster: string;
  zone: string;
  on_duty: string[];
  changes: Turn[];
}
interface Gap {
  policy: string;
  tier?: string;
  what?: string;
  on_duty?: number;
  need?: number;
  from: number;
  until: number;
}
interface Duty {
  at: number;
  until: number;
  rosters: Roster[];
  gaps: Gap[];
  short: Gap[];
}
interface Override {
  id?: string;
  roster: string;
  from: number;
  until: number;
  out: string;
  in: string;
  by: string;
  reason: string;
  active: boolean;
}

const days = 14;
const day_ms = 86400000;
const refresh_ms = 30000;
let known: { duty: Duty | null; overrides: Override[]; at: number; asking: boolean; failed: boolean } = { duty: null, overrides: [], at: -Infinity, asking: false, failed: false };

async function load(changed: () => void): Promise<void> {
  known.asking = true;
  try {
    const [duty, overrides] = await Promise.all([get<Duty>(`rosters?days=${days}`, 10000), get<{ overrides: Override[] }>("overrides")]);
    known = { ...known, duty, overrides: overrides.overrides, failed: false };
  } catch {
    known.failed = true;
  }
  known.asking = false;
  known.at = performance.now();
  changed();
}

function names(people: string[]): string {
  return people.map(personName).join(t("comma"));
}
function everybody(duty: Duty): [string, string][] {
  const all = new Set(duty.rosters.flatMap((r) => [...r.on_duty, ...r.changes.flatMap((c) => c.on_duty)]));
  return [...all].sort().map((p) => [p, personName(p)]);
}
/// "2026-11-30T08:00" of the field, in this machine's zone, to milliseconds.
function localMs(text: string | undefined): number | undefined {
  const ms = text ? new Date(text).getTime() : NaN;
  return Number.isFinite(ms) ? ms : undefined;
}

/// Milliseconds as the field has them, in this machine's zone.
function localText(ms: number): string {
  return new Date(ms - new Date(ms).getTimezoneOffset() * 60000).toISOString().slice(0, 16);
}

function standIn(duty: Duty, roster: string, from?: number, until?: number): Deed {
  return {
    title: t("do.override"),
    text: t("override_text"),
    fields: [
      { name: "roster", label: t("roster"), value: roster, choices: duty.rosters.map((r) => [r.roster, r.roster]) },
      { name: "out", label: t("goes_out"), suggest: everybody(duty) },
      { name: "in", label: t("comes_in"), suggest: everybody(duty) },
      { name: "from", label: t("from_when"), type: "datetime-local", ...(from ? { value: localText(from) } : {}) },
      { name: "until", label: t("until_when"), type: "datetime-local", required: true, ...(until ? { value: localText(until) } : {}) },
      { name: "reason", label: t("reason") },
    ],
    button: t("do.override"),
    path: "overrides",
    body: (v) => ({ roster: v["roster"], ...(v["out"] ? { out: v["out"] } : {}), ...(v["in"] ? { in: v["in"] } : {}), ...(localMs(v["from"]) ? { from: String(localMs(v["from"])) } : {}), until: String(localMs(v["until"]) ?? ""), ...(v["reason"] ? { reason: v["reason"] } : {}) }),
  };
}
function removal(o: Override): Deed {
  return { title: t("do.remove"), text: `${o.roster}: ${o.out || "–"} → ${o.in || "–"}`, fields: [], button: t("do.remove"), path: "overrides", body: () => ({ id: o.id, removed: true }) };
}
function drill(people: string[]): Deed {
  return { title: `${t("do.drill")} · ${names(people)}`, text: many("drill_to", people.length), fields: [], button: t("do.drill"), path: "drills", body: () => ({}), bodies: () => people.map((person) => ({ person })) };
}

/// The stretch of the plan that is being drawn with the pointer.
let drawn: { roster: string; from: number; to: number } | null = null;
const step_ms = 1800000;

/// Drawing over a stripe chooses from when to when somebody stands in; the box that opens has both, and is sent as any other.
function drawing(r: Roster, duty: Duty, changed: () => void): Record<string, (event: Event) => void> {
  if (!mayAs("admin")) return {};
  const at = (event: Event): number => {
    const box = (event.currentTarget as HTMLElement).getBoundingClientRect();
    const share = Math.min(1, Math.max(0, ((event as PointerEvent).clientX - box.left) / box.width));
    return Math.round((duty.at + share * (duty.until - duty.at)) / step_ms) * step_ms;
  };
  return {
    onpointerdown: (event) => {
      (event.currentTarget as HTMLElement).setPointerCapture((event as PointerEvent).pointerId);
      drawn = { roster: r.roster, from: at(event), to: at(event) };
      changed();
    },
    onpointermove: (event) => {
      if (drawn?.roster !== r.roster) return;
      drawn.to = at(event);
      changed();
    },
    onpointerup: () => {
      const mine = drawn;
      drawn = null;
      changed();
      if (!mine || mine.from === mine.to) return;
      ask(standIn(duty, r.roster, Math.min(mine.from, mine.to), Math.max(mine.from, mine.to)), () => ((known.at = -Infinity), changed()));
    },
    onpointercancel: () => ((drawn = null), changed()),
  };
}

/// Share of the stripe that has room for a number on a telephone.
const narrowest = 0.06;
/// One stripe a roster: darker where more people stand, hatched where nobody does.
function stripe(r: Roster, duty: Duty, changed: () => void): HTMLElement {
  const turns = [{ at: duty.at, on_duty: r.on_duty }, ...r.changes];
  const whole = duty.until - duty.at;
  const cells = turns.map((turn, n) => {
    const end = turns[n + 1]?.at ?? duty.until;
    const many = turn.on_duty.length;
    return h("span", { class: many === 0 ? "turn-cell nobody" : "turn-cell", style: { width: `${((end - turn.at) / whole) * 100}%` }, title: `${dayAndClock(turn.at)} – ${dayAndClock(end)}: ${many > 0 ? names(turn.on_duty) : t("nobody")}` }, (end - turn.at) / whole >= narrowest ? String(many) : "");
  });
  const mine = drawn?.roster === r.roster ? drawn : null;
  const share = (ms: number): string => `${((ms - duty.at) / whole) * 100}%`;
  const mark = mine ? h("span", { class: "drawn", key: "drawn", style: { left: share(Math.min(mine.from, mine.to)), width: `${(Math.abs(mine.to - mine.from) / whole) * 100}%` } }) : null;
  return h("div", { class: mayAs("admin") ? "stripe may-draw" : "stripe", ...drawing(r, duty, changed), role: "img", "aria-label": `${r.roster}: ${turns.slice(0, 6).map((x) => `${dayAndClock(x.at)} ${x.on_duty.length}`).join(", ")}` }, ...cells, mark);
}
function scale(duty: Duty): HTMLElement {
  const marks = [];
  for (let n = 0; n < days; n++) marks.push(h("span", null, `${weekday(duty.at + n * day_ms)} ${dayShort(duty.at + n * day_ms)}`));
  return h("div", { class: "stripe-days", "aria-hidden": "true" }, ...marks);
}

function rosterCard(r: Roster, duty: Duty, changed: () => void): HTMLElement {
  const next = r.changes[0];
  return h(
    "article",
    { class: "card roster", key: r.roster },
    h("h3", null, r.roster, " ", h("span", { class: "dim" }, many("n_people", r.on_duty.length))),
    r.on_duty.length === 0 ? h("p", { class: "bad" }, t("nobody")) : h("p", null, names(r.on_duty)),
    next ? h("p", { class: "dim" }, t("then", { at: dayAndClock(next.at), who: names(next.on_duty) || t("nobody") })) : null,
    stripe(r, duty, changed),
    deedButton(() => standIn(duty, r.roster), t("do.override"), "admin", () => ((known.at = -Infinity), changed()), `override-${r.roster}`),
  );
}
function gapLine(g: Gap): HTMLElement {
  const now = g.from <= daemonNow();
  const what = g.tier !== undefined ? t("gap_nobody", { tier: g.tier, policy: g.policy }) : t("gap_short", { policy: g.policy, what: g.what || t("seats"), on_duty: g.on_duty ?? 0, need: g.need ?? 0 });
  return h("li", { class: now ? "bad" : "", key: `${g.policy}${g.tier ?? g.what ?? ""}${g.from}` }, `${dayAndClock(g.from)} – ${dayAndClock(g.until)} (${span((g.until - g.from) / 1000)}): ${what}`);
}

function atWork(): HTMLElement | null {
  const rows = openIncidents().flatMap((i) => i.seats.filter((s) => s.state === "joined" || s.state === "arrived").map((s) => ({ i, s })));
  if (rows.length === 0) return null;
  return h("section", { "aria-label": t("at_work") }, h("h2", null, t("at_work")), h("ul", null, ...rows.map(({ i, s }) => h("li", { key: i.incident + s.person }, `${s.name || s.person} · ${word("seat", s.state)} · `, h("a", { href: incidentPath(i.incident) }, scopeName(i))))));
}

export function peoplePage(changed: () => void): HTMLElement[] {
  if (!known.asking && performance.now() - known.at > refresh_ms) void load(changed);
  const { duty } = known;
  if (!duty) return [h("h1", null, t("nav.people")), h("p", { class: "dim", role: "status" }, t(known.failed ? "not_loaded" : "loading"))];
  const gaps = [...duty.gaps, ...duty.short].sort((a, b) => a.from - b.from);
  const admin = (o: Override): HTMLElement | null => (o.id ? deedButton(() => removal(o), t("do.remove"), "admin", () => ((known.at = -Infinity), changed()), `remove-${o.id}`) : null);
  return [
    h("h1", null, t("nav.people")),
    h("div", { class: connected() ? "" : "lost" }, atWork(), h("section", { "aria-label": t("on_duty") }, h("h2", null, t("on_duty")), h("div", { class: "rosters" }, scale(duty), mayAs("admin") ? h("p", { class: "dim draw-hint" }, t("draw_hint")) : null, ...duty.rosters.map((r) => rosterCard(r, duty, changed))))),
    h("section", { "aria-label": t("gaps") }, h("h2", null, t("gaps")), gaps.length === 0 ? h("p", { class: "good" }, t("no_gaps", { n: days })) : h("ul", null, ...gaps.slice(0, 40).map(gapLine), gaps.length > 40 ? h("li", { class: "dim" }, t("and_more", { n: gaps.length - 40 })) : null)),
    h(
      "section",
      { "aria-label": t("overrides") },
      h("h2", null, t("overrides")),
      known.overrides.length === 0 ? h("p", { class: "dim" }, t("no_overrides")) : h("ul", null, ...known.overrides.map((o, n) => h("li", { key: o.id ?? n }, `${o.roster}: ${o.out || "–"} → ${o.in || "–"} · ${dayAndClock(o.from)} – ${dayAndClock(o.until)}${o.reason ? ` · ${o.reason}` : ""}${o.by ? ` (${o.by})` : ""} `, admin(o)))),
    ),
    fairnessPart(changed),
    drillPart(duty),
  ].filter((x): x is HTMLElement => x !== null);
}
function drillPart(duty: Duty): HTMLElement | null {
  const field = h("input", { id: "drill-person", list: "drill-list", autocomplete: "off", own: true, key: "drill-input" });
  const button = deedButton(() => drill([(document.getElementById("drill-person") as HTMLInputElement).value.trim()]), t("do.drill"), "lead", () => undefined, "drill");
  if (!button) return null;
  const whole = duty.rosters.filter((r) => r.on_duty.length > 0).map((r) => deedButton(() => drill(r.on_duty), t("drill_roster", { roster: r.roster }), "lead", () => undefined, `drill-${r.roster}`));
  return h("section", { "aria-label": t("do.drill") }, h("h2", null, t("do.drill")), h("p", { class: "dim" }, t("drill_text")), h("div", { class: "tools" }, h("label", { for: "drill-person" }, t("person")), field, h("datalist", { id: "drill-list" }, ...everybody(duty).map(([p]) => h("option", { value: p }))), button), h("div", { class: "tools" }, ...whole));
}
