// What is over: incidents by day, with how long it took until half and all of the help was there, and what people say of it.
import { deedButton, verdictDeed } from "./acts";
import { get } from "./api";
import { h, levelIcon } from "./dom";
import { elapsed, fromRecords, scopeName } from "./facts";
import { clockShort, count, day, many, span, t, weekday, word } from "./i18n";
import { connected, isOver, pastIncidents } from "./model";
import { periodReport, reportCell } from "./report";
import { incidentPath } from "./routes";
import { Incident, Level, PastIncident, ranks } from "./types";

type Past = Incident & { half_ms?: number | null; full_ms?: number | null; lost?: number | null };

const view = { days: 7, level: "none", text: "" };
const pages_max = 20;
let known: { name: string; rows: Past[]; at: number; asking: boolean; all: boolean } = { name: "", rows: [], at: -Infinity, asking: false, all: true };

async function load(changed: () => void): Promise<void> {
  const mine = known;
  mine.asking = true;
  const to = Date.now();
  const rows: Past[] = [];
  try {
    let next = "";
    for (let page = 0; page < pages_max; page++) {
      const query = new URLSearchParams({ from: String(to - view.days * 86400000), to: String(to), limit: "500" });
      if (next) query.set("next", next);
      const answer = await get<{ incidents: (PastIncident | Incident)[]; next?: string }>(`incidents?${query.toString()}`, 10000);
      rows.push(...answer.incidents.map((i) => ("opened_ms" in i && !("seats" in i) ? fromRecords(i) : (i as Incident))));
      next = answer.next ?? "";
      if (!next) break;
    }
    mine.rows = rows;
    mine.all = next === "";
  } catch {
    // What was read before stays; the ones of the stream are shown beside it.
  }
  mine.asking = false;
  mine.at = performance.now();
  if (mine === known) changed();
}

function chosen(): Past[] {
  const from = Date.now() - view.days * 86400000;
  const all = new Map<string, Past>();
  for (const i of [...known.rows, ...pastIncidents()]) all.set(i.incident, { ...all.get(i.incident), ...i });
  const words = view.text.toLowerCase();
  return [...all.values()]
    .filter((i) => isOver(i) && i.opened >= from && ranks[i.worst] >= ranks[view.level as Level] && `${scopeName(i)} ${i.incident} ${i.policy}`.toLowerCase().includes(words))
    .sort((a, b) => b.opened - a.opened);
}

function verdictOf(i: Past): string {
  return i.verdict ? word("verdict", i.verdict.verdict) : "";
}
function noShows(i: Past): number {
  return i.noshow || i.seats.filter((s) => s.state === "noshow").length;
}
function rowOf(i: Past, helped: boolean, changed: () => void): HTMLElement {
  const help = (ms: number | null | undefined): string => (typeof ms === "number" ? span((ms - i.opened) / 1000) : "–");
  return h(
    "tr",
    { key: i.incident },
    h("td", null, clockShort(i.opened)),
    h("th", { scope: "row" }, h("a", { href: incidentPath(i.incident) }, scopeName(i))),
    h("td", null, h("span", { class: `badge ${i.worst}` }, levelIcon(i.worst), word("level", i.worst))),
    h("td", null, i.closed ? span(elapsed(i)) : "–"),
    h("td", { class: "number" }, `${i.came}/${i.need}`),
    h("td", { class: "number" }, String(i.came_arrived)),
    h("td", { class: "number" }, String(noShows(i))),
    helped ? h("td", null, `${help(i.half_ms)} / ${help(i.full_ms)}`) : null,
    helped ? h("td", { class: "number" }, typeof i.lost === "number" ? count(i.lost) : "–") : null,
    h("td", null, reportCell(i.incident)),
    h("td", null, verdictOf(i) || deedButton(() => verdictDeed(i), t("do.verdict"), "lead", () => ((known.at = -Infinity), changed()), `verdict-${i.incident}`)),
  );
}
export function pastPage(changed: () => void): HTMLElement[] {
  const name = String(view.days);
  if (known.name !== name) known = { name, rows: known.rows, at: -Infinity, asking: false, all: true };
  if (!known.asking && performance.now() - known.at > 30000) void load(changed);
  const rows = chosen();
  const days = new Map<string, Past[]>();
  for (const i of rows) days.set(day(i.opened), [...(days.get(day(i.opened)) ?? []), i]);
  const helped = rows.some((i) => "half_ms" in i);
  const heads = ["opened_head", "scope_head", "level_head", "lasted", "came_head", "arrived_head", "noshow_head", ...(helped ? ["help_head", "lost_head"] : []), "report_short", "verdict_head"];
  return [
    h("h1", null, t("nav.past")),
    h(
      "div",
      { class: "tools" },
      h("label", null, `${t("period")} `, h("select", { id: "days", onchange: (e) => ((view.days = Number((e.target as HTMLSelectElement).value)), changed()) }, ...[1, 7, 30, 90, 400].map((n) => h("option", { value: n, selected: n === view.days }, t("last_days", { n }))))),
      h("label", null, `${word("column", "level")} `, h("select", { id: "past-level", onchange: (e) => ((view.level = (e.target as HTMLSelectElement).value), changed()) }, h("option", { value: "none" }, t("only.all")), ...["yellow", "orange", "red"].map((l) => h("option", { value: l, selected: l === view.level }, t("at_least", { level: word("level", l) }))))),
      h("label", null, `${t("filter")} `, h("input", { id: "past-filter", type: "search", own: true, oninput: (e) => ((view.text = (e.target as HTMLInputElement).value), changed()) })),
      h("span", { class: "dim", role: "status" }, many("n_incidents", rows.length), known.all ? "" : ` · ${t("not_all")}`),
    ),
    periodReport(changed),
    rows.length === 0 ? h("p", { class: "dim" }, t(known.asking ? "loading" : "nothing_past")) : null,
    ...[...days].map(([title, of]) =>
      h(
        "section",
        { key: title, class: connected() ? "" : "lost", "aria-label": title },
        h("h2", null, `${title} ${weekday(of[0]!.opened)} · ${many("n_incidents", of.length)}`),
        h("div", { class: "scroll", tabindex: 0, role: "group", "aria-label": title }, h("table", null, h("thead", null, h("tr", null, ...heads.map((k) => h("th", { scope: "col" }, t(k as "opened_head"))))), h("tbody", null, ...of.map((i) => rowOf(i, helped, changed))))),
      ),
    ),
  ].filter((x): x is HTMLElement => x !== null);
}
