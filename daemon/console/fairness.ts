// How the burden of the last month was spread: who was asked, for how long they sat, how many pages and nights it cost them.
import { get } from "./api";
import { h } from "./dom";
import { hourOf, many, span, t } from "./i18n";
import { personName } from "./model";

interface Part {
  person: string;
  asked_ms: number;
  seated_ms: number;
  pages: number;
  came: boolean;
  arrived: boolean;
  declined: boolean;
  noshow: boolean;
}
interface Burden {
  person: string;
  asked: number;
  came: number;
  seated_ms: number;
  pages: number;
  nights: number;
  declined: number;
  noshow: number;
}

const days = 30;
const pages_max = 10;
const refresh_ms = 120000;
let known: { people: Burden[]; incidents: number; whole: boolean; at: number; asking: boolean; state: "loading" | "there" | "failed" } = { people: [], incidents: 0, whole: true, at: -Infinity, asking: false, state: "loading" };

function add(all: Map<string, Burden>, part: Part): void {
  const b = all.get(part.person) ?? { person: part.person, asked: 0, came: 0, seated_ms: 0, pages: 0, nights: 0, declined: 0, noshow: 0 };
  const hour = hourOf(part.asked_ms);
  b.asked++;
  b.came += part.came ? 1 : 0;
  b.seated_ms += part.seated_ms;
  b.pages += part.pages;
  b.nights += hour >= 22 || hour < 6 ? 1 : 0;
  b.declined += part.declined ? 1 : 0;
  b.noshow += part.noshow ? 1 : 0;
  all.set(part.person, b);
}

async function load(changed: () => void): Promise<void> {
  known.asking = true;
  const all = new Map<string, Burden>();
  let incidents = 0;
  try {
    let next = "";
    for (let page = 0; page < pages_max; page++) {
      const query = new URLSearchParams({ from: String(Date.now() - days * 86400000), limit: "200", people: "1" });
      if (next) query.set("next", next);
      const answer = await get<{ incidents: { people?: Part[] }[]; next?: string }>(`incidents?${query.toString()}`, 10000);
      incidents += answer.incidents.length;
      for (const i of answer.incidents) for (const part of i.people ?? []) add(all, part);
      next = answer.next ?? "";
      if (!next) break;
    }
    known = { ...known, people: [...all.values()].sort((a, b) => b.seated_ms - a.seated_ms || b.asked - a.asked), incidents, whole: next === "", state: "there" };
  } catch {
    known.state = known.state === "there" ? "there" : "failed";
  }
  known.asking = false;
  known.at = performance.now();
  changed();
}

export function fairnessPart(changed: () => void): HTMLElement {
  if (!known.asking && performance.now() - known.at > refresh_ms) void load(changed);
  const most = Math.max(1, ...known.people.map((p) => p.seated_ms));
  const heads = ["person", "fair.asked", "fair.came", "fair.seated", "fair.pages", "fair.nights", "fair.declined", "fair.noshow"] as const;
  const row = (p: Burden): HTMLElement =>
    h(
      "tr",
      { key: p.person },
      h("th", { scope: "row" }, personName(p.person)),
      h("td", { class: "number" }, String(p.asked)),
      h("td", { class: "number" }, String(p.came)),
      h("td", null, h("span", { class: "bar", style: { width: `${(p.seated_ms / most) * 6}rem` }, "aria-hidden": "true" }), ` ${p.seated_ms > 0 ? span(p.seated_ms / 1000) : "–"}`),
      ...[p.pages, p.nights, p.declined, p.noshow].map((n) => h("td", { class: "number" }, String(n))),
    );
  return h(
    "section",
    { "aria-label": t("fairness") },
    h("h2", null, t("fairness")),
    known.state !== "there"
      ? h("p", { class: "dim", role: "status" }, t(known.state === "failed" ? "not_loaded" : "loading"))
      : known.people.length === 0
        ? h("p", { class: "dim" }, t("fair.nobody", { n: days }))
        : h(
            "div",
            null,
            h("p", { class: "dim" }, `${many("fair.of", known.incidents)} · ${t("last_days", { n: days })} · ${t("fair.night")}${known.whole ? "" : ` · ${t("not_all")}`}`),
            h("div", { class: "scroll", tabindex: "0", role: "group", "aria-label": t("fairness") }, h("table", null, h("thead", null, h("tr", null, ...heads.map((k) => h("th", { scope: "col" }, t(k))))), h("tbody", null, ...known.people.map(row)))),
          ),
  );
}
