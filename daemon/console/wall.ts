// The wall: read in three seconds at four metres. Sized by the screen; what burns is always shown, the other queues take turns.
import { h, levelIcon } from "./dom";
import { answers, byCentre, elapsed, here, limitOf, missing, nextStep, nowText, queueName, queueOf, readingsOf, ruleName, scopeName, shownLevel, standing, totals, Totals, worstFirst } from "./facts";
import { capacity, curves } from "./history";
import { clock, clockShort, count, span, t, ticking, word } from "./i18n";
import { blind, connected, dataAt, daemonNow, levelOf, loneAlerts, openIncidents, pastIncidents, queueKey, queues, silentFor } from "./model";
import { Line, plot } from "./plot";
import { incidentTrend, Trend, waitingOf } from "./recent";
import { incidentPath } from "./routes";
import { truthText } from "./shell";
import { soundOn, switchSound } from "./sign";
import { Incident, Queue } from "./types";

const turn_ms = 10000;
const curve_ms = 60 * 60 * 1000;
/// So many incidents are on the wall at once; more take turns.
const fires_max = 4;

const arrows: Record<Trend, string> = { better: "↘", worse: "↗", steady: "→", unknown: "" };
export function trendMark(trend: Trend): HTMLElement | null {
  if (trend === "unknown") return null;
  return h("span", { class: `trend ${trend}` }, h("span", { class: "arrow", "aria-hidden": "true" }, arrows[trend]), ` ${t(`trend.${trend}`)}`);
}

/// Shows `of` in turns of `fit`: what is shown now, and which turn it is.
function turn<T>(of: T[][]): { shown: T[]; at: number; many: number } {
  const at = of.length > 1 ? Math.floor(Date.now() / turn_ms) % of.length : 0;
  return { shown: of[at] ?? [], at, many: of.length };
}
function inParts<T>(of: T[], size: number): T[][] {
  const out: T[][] = [];
  for (let i = 0; i < of.length; i += size) out.push(of.slice(i, i + size));
  return out;
}

function total(name: string, value: string, look = ""): HTMLElement {
  return h("div", { class: `total ${look}` }, h("dt", null, name), h("dd", null, value));
}
function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}
function totalsRow(sum: Totals): HTMLElement {
  const whole = (v: number | null): string => (v === null ? "–" : count(Math.round(v)));
  const short = openIncidents().reduce((n, i) => n + missing(i), 0);
  return h(
    "dl",
    { class: "totals" },
    total(t("total.waiting"), whole(sum.waiting)),
    total(t("total.longest"), sum.longest === null ? "–" : ticking(sum.longest)),
    sum.levelNow === null ? null : total(t("total.sl_now"), percent(sum.levelNow)),
    sum.levelToday === null ? null : total(t("total.sl_today"), percent(sum.levelToday)),
    sum.abandonedToday === null ? null : total(t("total.abandoned_today"), whole(sum.abandonedToday)),
    total(t("total.staffed"), whole(sum.staffed)),
    total(t("total.free"), whole(sum.free)),
    total(t("total.short"), whole(short), short > 0 ? "alarm" : ""),
  );
}

/// The curve of a burning queue: calls that come against forecast and capacity where the daemon keeps a history, else who waits.
function curve(i: Incident, changed: () => void): HTMLElement | null {
  const q = queueOf(i);
  if (!q) return null;
  const now = daemonNow();
  const past = curves(q.centre, q.queue, q.channel, ["offered", "forecast_offered", "agents_staffed", "handled", "handling_s", "calls_waiting"], curve_ms, changed);
  const offered = past?.["offered"] ?? [];
  if (past && offered.filter((p) => p[1] !== null).length >= 8) {
    const lines: Line[] = [
      { name: t("curve.capacity"), look: "capacity", points: capacity(past) },
      { name: t("curve.forecast"), look: "forecast", points: past["forecast_offered"] ?? [] },
      { name: t("curve.load"), look: "load", points: offered },
    ];
    return plot({ title: t("curve.load_title"), metric: "offered", from: now - curve_ms, to: now, lines: lines.filter((l) => l.points.some((p) => p[1] !== null)) });
  }
  const seen = waitingOf(queueKey(q.centre, q.queue, q.channel));
  const first = seen[0]?.[0] ?? now;
  const before = (past?.["calls_waiting"] ?? []).filter((p) => p[0] < first);
  const points = [...before, ...seen];
  if (points.length < 3) return null;
  return plot({
    title: t("curve.waiting_title"),
    metric: "calls_waiting",
    from: Math.min(points[0]![0], now - 120000),
    to: now,
    lines: [{ name: t("metric.calls_waiting"), look: "load", points }],
  });
}

function peopleLine(names: string[], most: number): HTMLElement | null {
  if (names.length === 0) return null;
  const rest = names.length - most;
  return h("p", { class: "names" }, names.slice(0, most).join(t("comma")) + (rest > 0 ? ` ${t("and_more", { n: rest })}` : ""));
}

function fire(i: Incident, alone: number, changed: () => void): HTMLElement {
  const level = shownLevel(i);
  const worst = readingsOf(i)[0];
  const said = answers(i);
  const gone = missing(i);
  const next = nextStep(i);
  const steps = standing(i);
  return h(
    "article",
    { class: `fire ${level}`, key: i.incident, "aria-label": `${scopeName(i)} ${word("level", level)}` },
    h(
      "div",
      { class: "where" },
      h("div", { class: "badge-line" }, h("span", { class: `badge ${level}` }, levelIcon(level), word("level", level)), h("span", { class: "elapsed" }, t("lasts", { time: ticking(elapsed(i)) }))),
      h("h2", null, h("a", { href: incidentPath(i.incident) }, scopeName(i))),
      worst ? h("p", { class: "reading" }, h("b", null, `${worst.queue} ${ruleName(worst)} `), h("span", { class: "value" }, nowText(worst)), " ", limitOf(worst) ? h("span", { class: "limit" }, t("limit_is", { limit: limitOf(worst) })) : null) : null,
      trendMark(incidentTrend(i, worst)),
    ),
    h(
      "div",
      { class: "people" },
      gone > 0
        ? h("div", { class: "missing" }, h("span", { class: "label" }, t("missing")), h("strong", null, String(gone)))
        : h("div", { class: "missing full" }, h("span", { class: "label" }, t("full")), h("strong", null, `${i.joined}/${i.need}`)),
      h("p", { class: "joined" }, t("joined_of", { joined: i.joined, need: i.need })),
      h("p", { class: "asked" }, [t("arrived_n", { n: i.arrived }), said.asked ? t("asked_n", { n: said.asked }) : "", said.declined ? t("declined_n", { n: said.declined }) : "", said.unreachable ? t("unreachable_n", { n: said.unreachable }) : ""].filter(Boolean).join(" · ")),
      next ? h("p", { class: "next" }, t("next_step", { what: next.what, time: ticking(next.seconds) })) : h("p", { class: "next" }, word("state", i.state)),
    ),
    h("div", { class: "more" }, alone <= 2 ? curve(i, changed) : null, peopleLine(here(i), alone <= 2 ? 12 : 5), steps.length > 0 && alone <= 2 ? h("p", { class: "asked" }, `${t("playbook")}: ${steps.map((a) => a.action + (a.state === "failed" ? " ✗" : "")).join(t("comma"))}`) : null),
  );
}

type Tile = { kind: "centre"; name: string; sum: Totals; worst: string } | { kind: "queue"; of: Queue; name: string };

function tileOf(tile: Tile): HTMLElement {
  if (tile.kind === "centre") {
    const longest = tile.sum.longest;
    return h(
      "div",
      { class: `tile centre ${tile.worst}`, key: `c${tile.name}` },
      h("span", { class: "name" }, tile.name),
      h("span", { class: "figures" }, h("b", null, tile.sum.waiting === null ? "–" : String(Math.round(tile.sum.waiting))), " ", longest === null ? "" : ticking(longest)),
      h("span", { class: "free" }, tile.sum.staffed === null ? "" : t("free_of", { free: Math.round(tile.sum.free ?? 0), staffed: Math.round(tile.sum.staffed) })),
    );
  }
  const q = tile.of;
  const level = blind(q) ? "stale" : levelOf(q);
  const oldest = q.m["oldest_wait_s"];
  return h(
    "div",
    { class: `tile ${level}`, key: `q${queueKey(q.centre, q.queue, q.channel)}` },
    h("span", { class: "name" }, level === "none" ? null : levelIcon(level), level === "none" ? "" : " ", tile.name),
    blind(q)
      ? h("span", { class: "figures" }, t(q.never_seen ? "never" : "stale"))
      : h("span", { class: "figures" }, h("b", null, q.m["calls_waiting"] === null || q.m["calls_waiting"] === undefined ? "–" : String(Math.round(q.m["calls_waiting"]))), " ", oldest ? ticking(oldest) : ""),
    level === "none" || level === "stale" ? null : h("span", { class: "free" }, word("level", level)),
  );
}

/// Centres one after another, each with a tile of its own before its queues; a page begins with a centre where that is possible. `brief`:
/// of the queues only those that burn or have no data.
function tilePages(room: number, brief: boolean): Tile[][] {
  const pages: Tile[][] = [];
  let page: Tile[] = [];
  const centres = [...byCentre(queues.values())].map(([name, of]) => ({ name, of: of.sort(worstFirst), sum: totals(of) }));
  centres.sort((a, b) => worstFirst(a.of[0]!, b.of[0]!) || a.name.localeCompare(b.name));
  for (const { name, of, sum } of centres) {
    const first = of[0]!;
    const shown = brief ? of.filter((q) => levelOf(q) !== "none" || blind(q)) : of;
    const single = of.length === 1;
    const head: Tile = { kind: "centre", name, sum, worst: blind(first) && levelOf(first) === "none" ? "stale" : levelOf(first) };
    if (page.length > 0 && page.length + 1 + shown.length > room) {
      pages.push(page);
      page = [];
    }
    if (!single) page.push(head);
    for (const q of single ? of : shown) {
      if (page.length >= room) {
        pages.push(page);
        page = [head];
      }
      page.push({ kind: "queue", of: q, name: single ? `${name} · ${queueName(q)}` : queueName(q) });
    }
  }
  if (page.length > 0) pages.push(page);
  return pages;
}

const sizes = [1.7, 1.55, 1.4, 1.27, 1.15, 1.07, 1, 0.93, 0.86, 0.8, 0.74, 0.68, 0.62, 0.56];
/// Makes the words of each incident as large as its box lets them be: names and numbers are as long as they are.
export function fitFires(): void {
  for (const box of Array.from(document.querySelectorAll<HTMLElement>(".fire"))) {
    const columns = Array.from(box.children);
    const fits = (size: number): boolean => {
      box.style.fontSize = `${size}em`;
      const floor = box.getBoundingClientRect().bottom - parseFloat(getComputedStyle(box).borderBottomWidth);
      const inside = Array.from(box.querySelectorAll("p, h2, strong, .times, .trend")).every((e) => e.getBoundingClientRect().bottom <= floor);
      return inside && columns.every((c) => c.scrollWidth <= c.clientWidth + 1) && box.scrollWidth <= box.clientWidth + 1;
    };
    // A name that is wider than its column at the least size is broken.
    if (!sizes.some(fits)) box.classList.add("tight");
  }
}

const tile_rem = { width: 11.5, height: 3.7, gap: 0.4 };
const scales = [2, 1.7, 1.4, 1.2, 1, 0.85, 0.75];
/// The largest tiles with which everything fits, else small ones that take turns.
function fitTiles(width: number, height: number, brief: boolean): { pages: Tile[][]; scale: number; columns: number } {
  let last = { pages: [] as Tile[][], scale: 1, columns: 1 };
  for (const scale of scales) {
    const columns = Math.max(1, Math.floor((width + tile_rem.gap) / (tile_rem.width * scale + tile_rem.gap)));
    const rows = Math.max(1, Math.floor((height + tile_rem.gap) / (tile_rem.height * scale + tile_rem.gap)));
    last = { pages: tilePages(columns * rows, brief), scale, columns };
    if (last.pages.length <= 1) break;
  }
  return last;
}

function quiet(): HTMLElement {
  const said = truthText();
  const last = pastIncidents()[0];
  return h(
    "section",
    { class: `calm ${said.level}` },
    levelIcon(said.level),
    h("div", null, h("strong", null, said.text), said.detail && connected() ? h("p", null, said.detail) : null, last && connected() ? h("p", { class: "asked" }, t("last_incident", { scope: scopeName(last), level: word("level", last.worst), at: clockShort(last.opened) })) : null),
  );
}

function loneTile(): HTMLElement | null {
  const lone = loneAlerts();
  if (lone.length === 0) return null;
  const parts = turn(inParts(lone, 3));
  return h(
    "section",
    { class: "lone", "aria-label": t("alerts_alone") },
    ...parts.shown.map((a) => h("p", { class: `lone-alert ${a.level}`, key: a.rule + a.centre + a.queue }, levelIcon(a.level), h("b", null, `${a.centre} · ${a.queue}`), ` ${ruleName(a)} ${nowText(a)} ${limitOf(a) ? t("limit_is", { limit: limitOf(a) }) : ""}`)),
    parts.many > 1 ? h("p", { class: "turn" }, `${parts.at + 1}/${parts.many}`) : null,
  );
}

export function wallPage(changed: () => void): HTMLElement[] {
  const rem = parseFloat(getComputedStyle(document.documentElement).fontSize) || 16;
  const wide = innerWidth / rem;
  const tall = innerHeight / rem;
  const fires = openIncidents();
  const shown = turn(inParts(fires, fires_max));
  const said = truthText();
  const phone = innerWidth < 700;
  const lone = fires.length > 0 && !phone ? null : loneTile();
  const gone = connected() ? 0 : 3.9;
  const rest = tall - 9.6 - gone - (lone ? 2.3 * Math.min(3, loneAlerts().length) + 1 : 0);
  // Beside what burns there is room for two rows: then centres take turns, not queues. Without it the calm gives way when they are many.
  let fit = fitTiles(wide - 1.6, phone ? 1e6 : fires.length > 0 ? tall * 0.22 : rest - 8, false);
  if (fit.pages.length > 1 && fires.length > 0) fit = fitTiles(wide - 1.6, tall * 0.22, true);
  const crowded = fires.length === 0 && fit.pages.length > 1;
  if (crowded) fit = fitTiles(wide - 1.6, rest - 1.4, false);
  const tiles = turn(fit.pages);
  return [
    h(
      "div",
      { class: `wall ${connected() ? "" : "lost"} ${fires.length > 0 ? "burns" : "calm-wall"}` },
      h(
        "header",
        { class: "wall-head" },
        h("h1", { class: "hidden" }, t("nav.wall")),
        h("div", { id: "truth", class: `truth ${said.level}`, role: "status" }, levelIcon(said.level), h("b", null, said.text), h("span", null, said.detail)),
        fires.length > fires_max ? h("span", { class: "turn" }, t("incidents_turn", { at: shown.at + 1, many: shown.many })) : null,
        h("button", { type: "button", class: "plain sound", onclick: () => (switchSound(), changed()), "aria-pressed": soundOn() ? "true" : "false" }, t(soundOn() ? "sound_on" : "sound_off")),
        h("span", { class: "time" }, clockShort(daemonNow())),
      ),
      connected() ? null : h("p", { class: "aged", role: "alert" }, dataAt() > 0 ? t("data_of", { at: clock(dataAt()), age: span(silentFor() / 1000) }) : t("nothing_yet")),
      totalsRow(totals(queues.values())),
      fires.length > 0 ? h("section", { class: `fires n${shown.shown.length}`, "aria-label": t("incidents") }, ...shown.shown.map((i) => fire(i, shown.shown.length, changed))) : crowded ? null : quiet(),
      lone,
      h(
        "section",
        { class: "tiles", "aria-label": t("queues"), style: { gridTemplateColumns: `repeat(${phone ? 2 : fit.columns}, minmax(0, 1fr))`, fontSize: phone ? "" : `${fit.scale}rem` } },
        ...tiles.shown.map(tileOf),
      ),
      tiles.many > 1 ? h("p", { class: "turn foot" }, t("queues_turn", { at: tiles.at + 1, many: tiles.many, n: queues.size })) : null,
    ),
  ];
}
