// Now: incidents first, then every queue there is. Rows are made only for what is on the screen, so ten thousand cost what fifty do.
import { h, levelIcon } from "./dom";
import { answers, elapsed, here, limitOf, missing, nextStep, nowText, queueName, readingsOf, ruleName, scopeName, shownLevel, standing, totals, worstFirst } from "./facts";
import { clock, clockShort, count, reading, span, t, ticking, word } from "./i18n";
import { blind, connected, isOver, levelOf, loaded, loneAlerts, openIncidents, pastIncidents, queueKey, queues, truth } from "./model";
import { incidentTrend } from "./recent";
import { incidentPath, queuePath } from "./routes";
import { Incident, Queue, ranks, Reading } from "./types";
import { trendMark } from "./wall";

export function readingLine(a: Reading): HTMLElement {
  const worst = a.value_worst !== null && a.value_worst !== undefined && a.worst_at ? ` · ${t("worst", { value: reading(a.metric, a.value_worst), at: clock(a.worst_at) })}` : "";
  return h(
    "li",
    { class: a.level, key: `${a.rule}${a.centre}${a.queue}${a.channel}` },
    levelIcon(a.level),
    h("a", { href: queuePath(a.centre, a.queue, a.channel) }, `${a.centre} · ${queueName(a)}`),
    ` ${ruleName(a)} `,
    h("b", null, nowText(a)),
    limitOf(a) ? h("span", { class: "dim" }, ` ${t("limit_is", { limit: limitOf(a) })}`) : null,
    h("span", { class: "dim" }, worst),
    a.folded_under ? h("span", { class: "dim" }, ` ${t("because_of", { what: a.folded_under })}`) : null,
  );
}

export function seatDots(i: Incident): HTMLElement {
  const many = Math.min(40, Math.max(i.need, i.joined));
  const dots = [];
  for (let n = 0; n < many; n++) dots.push(h("span", { class: n < i.arrived ? "dot arrived" : n < i.joined ? "dot joined" : "dot" }));
  return h("div", { class: "dots", "aria-hidden": "true" }, ...dots);
}

export function incidentHead(i: Incident): HTMLElement[] {
  const level = shownLevel(i);
  return [
    h("span", { class: `badge ${isOver(i) ? "past" : level}` }, levelIcon(level), isOver(i) ? t("was", { level: word("level", i.worst) }) : word("level", level)),
    h("span", { class: "dim" }, isOver(i) ? word("state", i.state) : t("lasts", { time: ticking(elapsed(i)) })),
    h("span", { class: "dim" }, `${t("since", { at: clockShort(i.opened) })} · ${i.incident}`),
  ];
}

export function incidentNumbers(i: Incident): HTMLElement {
  const said = answers(i);
  if (isOver(i)) return h("p", { class: "numbers" }, t("came", { joined: i.came, arrived: i.came_arrived, need: i.need }));
  const gone = missing(i);
  const small = [t("arrived_n", { n: i.arrived }), t("asked_n", { n: said.asked }), t("declined_n", { n: said.declined }), t("unreachable_n", { n: said.unreachable })];
  return h(
    "div",
    { class: "numbers" },
    h("span", { class: gone > 0 ? "big gone" : "big full" }, gone > 0 ? t("missing_n", { n: gone }) : t("full")),
    h("span", null, t("joined_of", { joined: i.joined, need: i.need })),
    h("span", { class: "dim" }, small.join(" · ")),
  );
}

function card(i: Incident): HTMLElement {
  const all = readingsOf(i);
  const next = nextStep(i);
  const names = here(i);
  const steps = standing(i);
  return h(
    "article",
    { class: `card ${isOver(i) ? "over" : shownLevel(i)}`, key: i.incident },
    h("div", { class: "line" }, ...incidentHead(i)),
    h("h3", null, h("a", { href: incidentPath(i.incident) }, scopeName(i))),
    incidentNumbers(i),
    isOver(i) ? null : seatDots(i),
    isOver(i)
      ? null
      : h("p", { class: "line" }, trendMark(incidentTrend(i, all[0])), h("span", null, [word("state", i.state), i.tier ? t("tier", { n: i.tier }) : "", next ? t("next_step", { what: next.what, time: ticking(next.seconds) }) : ""].filter(Boolean).join(" · "))),
    names.length > 0 && !isOver(i) ? h("p", { class: "dim" }, `${t("here")}: ${names.join(t("comma"))}`) : null,
    steps.length > 0 ? h("p", { class: "dim" }, `${t("playbook")}: ${steps.map((a) => a.action + (a.state === "failed" ? " ✗" : "")).join(t("comma"))}`) : null,
    all.length > 0 ? h("ul", { class: "readings" }, ...all.slice(0, 6).map(readingLine), all.length > 6 ? h("li", { class: "dim" }, t("and_more", { n: all.length - 6 })) : null) : null,
  );
}

interface Column {
  name: string;
  value: (q: Queue) => number | string | null;
  text: (q: Queue) => string;
}
function metric(name: string): Column {
  return { name, value: (q) => q.m[name] ?? null, text: (q) => (name === "oldest_wait_s" && typeof q.m[name] === "number" ? ticking(q.m[name]!) : reading(name, q.m[name])) };
}
const columns: Column[] = [
  { name: "centre", value: (q) => q.centre, text: (q) => q.centre },
  { name: "queue", value: (q) => q.queue, text: queueName },
  { name: "level", value: (q) => ranks[levelOf(q)] * 2 + Number(blind(q)), text: (q) => (q.never_seen ? t("never") : q.stale ? t("stale") : levelOf(q) === "none" ? "" : word("level", levelOf(q))) },
  metric("calls_waiting"),
  metric("oldest_wait_s"),
  metric("agents_available"),
  metric("agents_on_call"),
  metric("agents_staffed"),
  metric("connection_rate"),
];

const view = { text: "", only: "all", sort: "", down: true, grouped: false };

function chosen(): Queue[] {
  const words = view.text.toLowerCase().split(/\s+/).filter(Boolean);
  const fits = (q: Queue): boolean => {
    if (view.only === "burning" && levelOf(q) === "none") return false;
    if (view.only === "blind" && !blind(q)) return false;
    const name = `${q.centre} ${q.queue} ${q.channel} ${q.group}`.toLowerCase();
    return words.every((w) => name.includes(w));
  };
  const rows = [...queues.values()].filter(fits);
  const column = columns.find((c) => c.name === view.sort);
  rows.sort((a, b) => {
    if (view.grouped && a.centre !== b.centre) return a.centre.localeCompare(b.centre);
    if (!column) return worstFirst(a, b);
    const x = column.value(a);
    const y = column.value(b);
    if (x === null || y === null) return x === y ? 0 : x === null ? 1 : -1;
    const order = typeof x === "string" ? x.localeCompare(String(y)) : x - (y as number);
    return view.down ? -order : order;
  });
  return rows;
}

type Row = { centre: string; of: Queue[] } | Queue;
function withCentres(rows: Queue[]): Row[] {
  if (!view.grouped) return rows;
  const out: Row[] = [];
  let group: { centre: string; of: Queue[] } | undefined;
  for (const q of rows) {
    if (!group || group.centre !== q.centre) {
      group = { centre: q.centre, of: [] };
      out.push(group);
    }
    group.of.push(q);
    out.push(q);
  }
  return out;
}

function rowOf(row: Row, index: number): HTMLElement {
  if ("of" in row) {
    const sum = totals(row.of);
    return h(
      "div",
      { class: "row centre", role: "row", "aria-rowindex": index + 2, key: `c${row.centre}` },
      h("span", { role: "cell", class: "c-all" }, h("b", null, row.centre), ` ${t("centre_line", { n: sum.queues, waiting: count(sum.waiting ?? 0), longest: sum.longest === null ? "–" : span(sum.longest), free: count(sum.free ?? 0), staffed: count(sum.staffed ?? 0) })}`),
    );
  }
  const level = levelOf(row);
  const quiet = blind(row);
  const cells = columns.map((c) => {
    const props = { role: "cell", class: `c-${c.name}` };
    if (c.name === "queue") return h("span", props, h("a", { href: queuePath(row.centre, row.queue, row.channel) }, c.text(row)));
    if (c.name === "level") return h("span", props, c.text(row) ? h("span", { class: `badge ${quiet ? "stale" : level}` }, levelIcon(quiet ? "stale" : level), c.text(row)) : null);
    return h("span", { ...props, "data-name": c.name.includes("_") ? word("metric", c.name) : null }, quiet && c.name !== "centre" ? "–" : c.text(row));
  });
  return h("div", { class: `row ${quiet ? "stale" : level}`, role: "row", "aria-rowindex": index + 2, key: queueKey(row.centre, row.queue, row.channel) }, ...cells);
}

function heading(c: Column, changed: () => void): HTMLElement {
  const sorted = view.sort === c.name;
  return h(
    "span",
    { role: "columnheader", class: `c-${c.name}`, "aria-sort": sorted ? (view.down ? "descending" : "ascending") : "none" },
    h("button", {
      type: "button",
      class: "sort",
      onclick: () => {
        if (sorted && !view.down) view.sort = "";
        else if (sorted) view.down = false;
        else Object.assign(view, { sort: c.name, down: c.name.includes("_") || c.name === "level" });
        changed();
      },
    }, c.name.includes("_") ? word("metric", c.name) : word("column", c.name), sorted ? (view.down ? " ▾" : " ▴") : ""),
  );
}

/// Rows of the table that are on the screen, and some beyond; the rest is room before and after.
function windowOf(many: number, row_px: number): { from: number; to: number } {
  const table = document.getElementById("rows");
  const top = table ? -table.getBoundingClientRect().top : 0;
  const from = Math.max(0, Math.min(many, Math.floor(top / row_px) - 20));
  return { from, to: Math.min(many, from + Math.ceil(innerHeight / row_px) + 40) };
}

export function queueTable(changed: () => void): HTMLElement {
  const rows = withCentres(chosen());
  const row_px = innerWidth < 1000 ? 72 : 40;
  const { from, to } = windowOf(rows.length, row_px);
  const choice = (name: string): HTMLElement => h("option", { value: name, selected: view.only === name }, t(`only.${name}` as "only.all"));
  return h(
    "section",
    { "aria-label": t("queues") },
    h("h2", null, t("queues")),
    h(
      "div",
      { class: "tools" },
      h("label", null, `${t("filter")} `, h("input", { id: "filter", type: "search", own: true, oninput: (e) => ((view.text = (e.target as HTMLInputElement).value), changed()) })),
      h("label", null, `${t("show")} `, h("select", { id: "only", onchange: (e) => ((view.only = (e.target as HTMLSelectElement).value), changed()) }, choice("all"), choice("burning"), choice("blind"))),
      h("label", null, h("input", { id: "grouped", type: "checkbox", own: true, onchange: (e) => ((view.grouped = (e.target as HTMLInputElement).checked), changed()) }), ` ${t("group_by_centre")}`),
      h("span", { class: "dim", role: "status" }, t("n_of_m", { n: rows.filter((r) => !("of" in r)).length, m: queues.size })),
    ),
    h(
      "div",
      { class: "table", role: "table", "aria-label": t("queues"), "aria-rowcount": rows.length + 1 },
      h("div", { role: "rowgroup" }, h("div", { class: "row head", role: "row", "aria-rowindex": 1 }, ...columns.map((c) => heading(c, changed)))),
      h(
        "div",
        { id: "rows", role: "rowgroup", style: { paddingTop: `${from * row_px}px`, paddingBottom: `${(rows.length - to) * row_px}px` } },
        ...rows.slice(from, to).map((r, n) => rowOf(r, from + n)),
      ),
    ),
  );
}

export function nowPage(changed: () => void): HTMLElement[] {
  if (!loaded()) return [h("h1", { class: "hidden" }, t("nav.now")), h("p", { class: "dim" }, t(truth() === "lost" ? "nothing_yet" : "loading"))];
  const open = openIncidents();
  const lone = loneAlerts();
  const past = pastIncidents().slice(0, 4);
  return [
    h("h1", { class: "hidden" }, t("nav.now")),
    h(
      "div",
      { class: connected() ? "" : "lost" },
      h("section", { "aria-label": t("incidents") }, h("h2", null, t("incidents")), open.length > 0 ? h("div", { class: "cards" }, ...open.map(card)) : h("p", { class: `none-open ${truth()}` }, t(truth() === "calm" ? "all_quiet" : "no_incident"))),
      lone.length > 0 ? h("section", { "aria-label": t("alerts_alone") }, h("h2", null, t("alerts_alone")), h("ul", { class: "readings" }, ...lone.slice(0, 20).map(readingLine), lone.length > 20 ? h("li", null, t("and_more", { n: lone.length - 20 })) : null)) : null,
      queueTable(changed),
      past.length > 0 ? h("section", { "aria-label": t("just_over") }, h("h2", null, t("just_over")), h("div", { class: "cards" }, ...past.map(card))) : null,
    ),
  ];
}
