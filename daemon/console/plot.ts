// Curves as SVG: lines, a band, limits. The drawing is stretched to its box, the words stand beside it as text, so it needs no measuring
// and can be read aloud: its name says the latest values.
import { h } from "./dom";
import { clockShort, count, dayShort, reading } from "./i18n";
import { Point } from "./recent";

export interface Line {
  name: string;
  /// CSS class: load, forecast, capacity, second, third.
  look: string;
  points: Point[];
}
export interface PlotSpec {
  title: string;
  metric: string;
  from: number;
  to: number;
  lines: Line[];
  band?: { low: Point[]; high: Point[] };
  limits?: { value: number; level: string }[];
  small?: boolean;
}

const width = 1000;
const height = 300;
/// A hole in the data longer than this many steps is a hole in the line.
const hole_steps = 3;

function niceTop(v: number): number {
  if (v <= 0) return 1;
  const power = 10 ** Math.floor(Math.log10(v));
  for (const step of [1, 1.5, 2, 3, 4, 5, 7.5, 10]) if (v <= step * power) return step * power;
  return 10 * power;
}
function usual(points: Point[]): number {
  const gaps = points.slice(1).map((p, i) => p[0] - points[i]![0]).sort((a, b) => a - b);
  return gaps[Math.floor(gaps.length / 2)] ?? 60000;
}

/// Where the pen is lifted: unknown values and holes.
export function pathOf(points: Point[], x: (ms: number) => number, y: (v: number) => number): string {
  const gap = usual(points) * hole_steps;
  let out = "";
  let before: number | null = null;
  for (const [ms, value] of points) {
    if (value === null) {
      before = null;
      continue;
    }
    out += `${before !== null && ms - before <= gap ? "L" : "M"}${x(ms).toFixed(1)} ${y(value).toFixed(1)}`;
    before = ms;
  }
  return out;
}

function latest(points: Point[]): number | null {
  for (let i = points.length - 1; i >= 0; i--) if (points[i]![1] !== null) return points[i]![1];
  return null;
}
function valueAt(points: Point[], ms: number): number | null {
  let best: Point | undefined;
  for (const p of points) if (!best || Math.abs(p[0] - ms) < Math.abs(best[0] - ms)) best = p;
  return best?.[1] ?? null;
}

/// A time axis that says days once it is longer than two.
function timeText(spec: PlotSpec, ms: number): string {
  return spec.to - spec.from > 2 * 86400000 ? dayShort(ms) : clockShort(ms);
}

export function plot(spec: PlotSpec): HTMLElement {
  const all = [...spec.lines.flatMap((l) => l.points), ...(spec.band?.high ?? [])].map((p) => p[1] ?? 0);
  const most = Math.max(0, ...all);
  // A limit far above everything would press the curve flat: it is drawn only when it is near.
  const limits = (spec.limits ?? []).filter((l) => l.value <= most * 2.5 || l.value <= 0);
  const top = niceTop(Math.max(most, ...limits.map((l) => l.value)) * 1.05);
  const x = (ms: number): number => ((ms - spec.from) / Math.max(1, spec.to - spec.from)) * width;
  const y = (v: number): number => height - (v / top) * height;
  const marks = [h("line", { class: "grid", x1: 0, x2: width, y1: height / 2, y2: height / 2 })];
  if (spec.band) {
    const up = pathOf(spec.band.high, x, y);
    const down = pathOf([...spec.band.low].reverse(), x, y);
    if (up && down) marks.push(h("path", { class: "band", d: `${up}${down.replace(/M/g, "L")}Z` }));
  }
  for (const limit of limits) marks.push(h("line", { class: `limit ${limit.level}`, x1: 0, x2: width, y1: y(limit.value), y2: y(limit.value) }));
  for (const line of spec.lines) marks.push(h("path", { class: `curve ${line.look}`, d: pathOf(line.points, x, y) }));
  const said = spec.lines.map((l) => `${l.name} ${reading(spec.metric, latest(l.points))}`).join(", ");
  return h(
    "figure",
    { class: spec.small ? "plot small" : "plot" },
    spec.small
      ? null
      : h("figcaption", null, h("span", { class: "what" }, spec.title), ...spec.lines.map((l) => h("span", { class: `legend ${l.look}` }, `${l.name} `, h("b", null, reading(spec.metric, latest(l.points)))))),
    h(
      "div",
      spec.small
        ? { class: "canvas" }
        : { class: "canvas", onpointermove: (e) => follow(e as PointerEvent, spec), onpointerleave: (e) => (cursorOf(e).hidden = true) },
      h("svg", { viewBox: `0 0 ${width} ${height}`, preserveAspectRatio: "none", role: "img", "aria-label": `${spec.title}: ${said}` }, ...marks),
      h("span", { class: "top", "aria-hidden": "true" }, axisText(spec, top)),
      spec.small ? null : h("span", { class: "cursor", hidden: true, own: true }),
    ),
    h(
      "div",
      { class: "times", "aria-hidden": "true" },
      h("span", null, timeText(spec, spec.from)),
      spec.small ? null : h("span", null, timeText(spec, (spec.from + spec.to) / 2)),
      h("span", null, timeText(spec, spec.to)),
    ),
  );
}
function axisText(spec: PlotSpec, top: number): string {
  return /_s$/.test(spec.metric) || /rate|ratio|share|^sl_/.test(spec.metric) ? reading(spec.metric, top) : count(top);
}

function cursorOf(event: Event): HTMLElement {
  return (event.currentTarget as HTMLElement).querySelector<HTMLElement>(".cursor")!;
}
/// Says the values under the pointer.
function follow(event: PointerEvent, spec: PlotSpec): void {
  const box = (event.currentTarget as HTMLElement).getBoundingClientRect();
  const cursor = cursorOf(event);
  const part = Math.min(1, Math.max(0, (event.clientX - box.left) / box.width));
  const ms = spec.from + part * (spec.to - spec.from);
  const long = spec.to - spec.from > 86400000;
  cursor.hidden = false;
  cursor.style.left = `${part * 100}%`;
  cursor.classList.toggle("left", part > 0.6);
  cursor.textContent = [
    `${long ? `${dayShort(ms)} ` : ""}${clockShort(ms)}`,
    ...spec.lines.map((l) => `${l.name} ${reading(spec.metric, valueAt(l.points, ms))}`),
  ].join("\n");
}
