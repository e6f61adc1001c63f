// One incident: what is wrong, who was called and how, what happened when, and what one may do about it.
import { Deed, deedButton, verdictDeed } from "./acts";
import { get, Refused } from "./api";
import { h } from "./dom";
import { fromRecords, nextStep, queueName, readingsOf, scopeName, shownLevel } from "./facts";
import { capacity, curves } from "./history";
import { clock, dayAndClock, limitText, many, metricName, reading, t, ticking, word } from "./i18n";
import { daemonNow, incidents, isOver, queueKey } from "./model";
import { incidentHead, incidentNumbers, readingLine, seatDots } from "./now";
import { plot } from "./plot";
import { incidentTrend, waitingOf, watch } from "./recent";
import { incidentReport } from "./report";
import { queuePath } from "./routes";
import { Incident, Page, PastIncident, Seat, TimelineRecord } from "./types";
import { trendMark } from "./wall";

interface Shown {
  id: string;
  whole: Incident | null;
  problem: string;
  asked: number;
  /// What the live list said when the whole was asked: another state of it asks again.
  seen: string;
  asking: boolean;
}
let shown: Shown = { id: "", whole: null, problem: "", asked: -Infinity, seen: "", asking: false };
const refresh_ms = 5000;
const timeline_rows = 400;

async function load(changed: () => void): Promise<void> {
  const mine = shown;
  mine.asking = true;
  mine.asked = performance.now();
  try {
    const told = await get<Incident | PastIncident>(`incidents/${encodeURIComponent(mine.id)}`);
    mine.whole = "seats" in told ? told : fromRecords(told);
    mine.problem = "";
  } catch (error) {
    mine.problem = error instanceof Refused && error.status === 404 ? t("no_such_incident", { id: mine.id }) : t("not_loaded");
  }
  mine.asking = false;
  if (mine === shown) changed();
}

function personSuggestions(i: Incident): [string, string][] {
  return i.seats.map((s) => [s.person, `${s.name} · ${word("seat", s.state)}`]);
}

function deeds(i: Incident, changed: () => void): HTMLElement | null {
  const path = `incidents/${i.incident}`;
  const person = (label: string): Deed["fields"][number] => ({ name: "person", label, required: true, suggest: personSuggestions(i) });
  const reason = { name: "reason", label: t("reason") };
  const done = (): void => {
    shown.asked = -Infinity;
    changed();
  };
  const answer = (kind: "join" | "arrive" | "decline" | "leave" | "ack") => (): Deed => ({
    title: `${t(`do.${kind}`)} · ${scopeName(i)}`,
    fields: kind === "leave" || kind === "decline" ? [person(t("person")), { name: "successor", label: t("successor"), suggest: personSuggestions(i) }, reason] : [person(t("person")), reason],
    button: t(`do.${kind}`),
    path: `${path}/${kind}`,
    body: (v) => ({ person: v["person"], way: "wallboard", ...(v["reason"] ? { reason: v["reason"] } : {}), ...(v["successor"] ? { successor: v["successor"] } : {}) }),
  });
  const escalate = (): Deed => ({ title: t("do.escalate"), text: t("escalate_text"), fields: [reason], button: t("do.escalate"), path: `${path}/escalate`, body: (v) => ({ ...(v["reason"] ? { reason: v["reason"] } : {}) }) });
  const resolve = (): Deed => ({
    title: t("do.resolve"),
    text: t("resolve_text"),
    danger: true,
    fields: [{ name: "reason", label: t("reason"), required: true }, { name: "force", label: t("force"), choices: [["no", t("force_no")], ["yes", t("force_yes")]] }],
    button: t("do.resolve"),
    path: `${path}/resolve`,
    body: (v) => ({ reason: v["reason"], force: v["force"] === "yes" }),
  });
  const worst = readingsOf(i)[0];
  const silence = (): Deed => ({
    title: t("do.silence"),
    text: t("silence_text"),
    fields: [
      { name: "rule", label: t("rule"), value: worst?.rule ?? "*", required: true },
      { name: "centre", label: word("column", "centre"), value: i.scope["centre"] ?? "*", required: true },
      { name: "queue", label: word("column", "queue"), value: worst?.queue ?? "*", required: true },
      { name: "for", label: t("for_how_long"), value: "30m", choices: [["15m", t("span_min", { n: 15 })], ["30m", t("span_min", { n: 30 })], ["1h", t("span_h", { n: 1 })], ["2h", t("span_h", { n: 2 })], ["8h", t("span_h", { n: 8 })]] },
      reason,
    ],
    button: t("do.silence"),
    path: "silences",
    body: (v) => ({ rule: v["rule"], centre: v["centre"], queue: v["queue"], for: v["for"], ...(v["reason"] ? { reason: v["reason"] } : {}) }),
  });
  const buttons = isOver(i)
    ? [deedButton(() => verdictDeed(i), t("do.verdict"), "lead", done, "verdict")]
    : [
        deedButton(answer("join"), t("do.join"), "responder", done, "join"),
        deedButton(answer("arrive"), t("do.arrive"), "responder", done, "arrive"),
        deedButton(answer("decline"), t("do.decline"), "responder", done, "decline"),
        deedButton(answer("leave"), t("do.leave"), "responder", done, "leave"),
        deedButton(escalate, t("do.escalate"), "lead", done, "escalate"),
        deedButton(silence, t("do.silence"), "lead", done, "silence"),
        deedButton(resolve, t("do.resolve"), "lead", done, "resolve"),
      ];
  const there = buttons.filter((b): b is HTMLElement => b !== null);
  return there.length > 0 ? h("div", { class: "tools deeds", role: "group", "aria-label": t("acts") }, ...there) : null;
}

function pagesOf(i: Incident, person: string): Page[] {
  return (i.pages ?? []).filter((p) => p.people.includes(person));
}
function seatRow(i: Incident, s: Seat): HTMLElement {
  const ways = pagesOf(i, s.person).map((p) => `${p.channel}: ${word("page", p.state)}${p.attempt > 1 ? ` (${t("attempt_n", { n: p.attempt })})` : ""}${p.state.startsWith("failed") && p.reason ? ` – ${p.reason}` : ""}`);
  return h(
    "tr",
    { key: s.person, class: `seat-${s.state}` },
    h("th", { scope: "row" }, s.name || s.person, s.successor ? ` → ${s.successor}` : ""),
    h("td", null, h("span", { class: `state ${s.state}` }, word("seat", s.state))),
    h("td", null, t("tier", { n: s.tier })),
    h("td", null, clock(s.at)),
    h("td", { class: "wide" }, ways.join(" · ")),
  );
}
function people(i: Incident): HTMLElement {
  const order = ["arrived", "joined", "asked", "spare", "elsewhere", "informed", "declined", "timed_out", "unreachable", "noshow", "left", "released"];
  const rows = [...i.seats].sort((a, b) => order.indexOf(a.state) - order.indexOf(b.state) || a.at - b.at);
  return h(
    "section",
    { "aria-label": t("people") },
    h("h2", null, t("people")),
    rows.length === 0
      ? h("p", { class: "dim" }, t("nobody_called"))
      : h("div", { class: "scroll", tabindex: 0, role: "group", "aria-label": t("people") }, h("table", null, h("thead", null, h("tr", null, ...["person", "state", "tier_head", "since_head", "ways"].map((k) => h("th", { scope: "col" }, t(k as "person"))))), h("tbody", null, ...rows.map((s) => seatRow(i, s))))),
  );
}

function nameIn(i: Incident, person: unknown): string {
  return i.seats.find((s) => s.person === person)?.name || String(person ?? "");
}
function reasonOf(r: TimelineRecord): string {
  return r["reason"] ? ` – ${word("reason", String(r["reason"]))}` : "";
}
/// One record in words; undefined = it says nothing that the record before did not.
export function timelineText(i: Incident, r: TimelineRecord): { text: string; look: string } | undefined {
  const [family, step] = r.type.split(".") as [string, string | undefined];
  const level = String(r["level"] ?? "none");
  if (family === "alert") {
    const metric = String(r["metric"] ?? "");
    const value = typeof r["value"] === "number" ? reading(metric, r["value"]) : "";
    const limit = r["limit"] ? t("limit_is", { limit: limitText(metric, String(r["limit"])) }) : "";
    return { text: `${String(r["centre"])} · ${String(r["queue"])}: ${metricName(metric)} ${value} ${limit} – ${word("alert", step ?? "")}${level !== "none" ? ` (${word("level", level)})` : ""}`, look: level };
  }
  if (family === "incident") {
    if (step === "load") return undefined;
    const text = word("timeline", step ?? "");
    const more = step === "tier" ? ` ${String(r["tier"])}: ${many("n_people", ((r["people"] as unknown[]) ?? []).length)}` : step === "level" || step === "opened" ? `: ${word("level", level)}` : step === "filled" ? ` ${String(r["joined"])}/${String(r["need"])}` : "";
    return { text: `${text}${more}${step === "opened" ? "" : reasonOf(r)}`, look: step === "level" || step === "opened" ? level : "strong" };
  }
  if (family === "seat") {
    if (step === "asked") return undefined;
    return { text: `${nameIn(i, r["person"])}: ${word("seat", step ?? "")}${reasonOf(r)}`, look: step === "joined" || step === "arrived" ? "good" : "" };
  }
  if (family === "page") {
    if (step === "queued" || step === "sending" || step === "held") return undefined;
    const bad = step?.startsWith("failed") || step === "expired";
    const who = ((r["people"] as string[]) ?? []).map((p) => nameIn(i, p));
    return { text: `${t("page_to", { channel: String(r["channel"]), who: who.length > 4 ? many("n_people", who.length) : who.join(t("comma")) })} – ${word("page", step ?? "")}${bad ? reasonOf(r) : ""}`, look: bad ? "bad" : "dim" };
  }
  if (family === "action") {
    if (step === "queued" || step === "sending") return undefined;
    return { text: `${t("playbook")}: ${String(r["action"])} (${word("action", String(r["purpose"] ?? ""))}) – ${word("action", step ?? "")}`, look: step === "failed" ? "bad" : "" };
  }
  if (family === "answer") return undefined;
  return { text: `${word("timeline", family)}${r["by"] ? ` ${String(r["by"])}` : ""}${reasonOf(r)}`, look: "" };
}
function timeline(i: Incident): HTMLElement {
  const rows = (i.timeline ?? []).map((r, n) => ({ r, n, said: timelineText(i, r) })).filter((x) => x.said !== undefined);
  const last = rows.slice(-timeline_rows).reverse();
  return h(
    "section",
    { "aria-label": t("timeline") },
    h("h2", null, t("timeline")),
    h(
      "ol",
      { class: "timeline" },
      ...last.map(({ r, n, said }) => h("li", { class: said!.look, key: n }, h("time", null, r.ts < daemonNow() - 86400000 ? dayAndClock(r.ts) : clock(r.ts)), " ", said!.text)),
      rows.length > timeline_rows ? h("li", { class: "dim" }, t("and_more", { n: rows.length - timeline_rows })) : null,
    ),
  );
}

function curveOf(i: Incident, changed: () => void): HTMLElement | null {
  const worst = readingsOf(i)[0];
  if (!worst) return null;
  const key = queueKey(worst.centre, worst.queue, worst.channel);
  watch(key);
  const from = i.opened - 3600000;
  const to = isOver(i) && i.closed ? i.closed + 600000 : daemonNow();
  const past = curves(worst.centre, worst.queue, worst.channel, ["calls_waiting", "offered", "forecast_offered", "agents_staffed", "handled", "handling_s"], daemonNow() - from, changed);
  const seen = waitingOf(key);
  const before = (past?.["calls_waiting"] ?? []).filter((p) => p[0] < (seen[0]?.[0] ?? Infinity) && p[0] <= to);
  const waiting = [...before, ...seen.filter((p) => p[0] <= to)];
  if (waiting.length < 2) return null;
  const begin = past ? from : waiting[0]![0];
  const load = [
    { name: t("curve.capacity"), look: "capacity", points: past ? capacity(past) : [] },
    { name: t("curve.forecast"), look: "forecast", points: past?.["forecast_offered"] ?? [] },
    { name: t("curve.load"), look: "load", points: past?.["offered"] ?? [] },
  ].filter((l) => l.points.filter((p) => p[1] !== null).length > 1);
  return h(
    "section",
    { "aria-label": t("curves") },
    h("h2", null, t("curves"), " ", h("a", { href: queuePath(worst.centre, worst.queue, worst.channel) }, `${worst.centre} · ${queueName(worst)}`)),
    plot({ title: t("curve.waiting_title"), metric: "calls_waiting", from: begin, to, lines: [{ name: t("metric.calls_waiting"), look: "load", points: waiting }] }),
    load.length > 0 ? plot({ title: t("curve.load_title"), metric: "offered", from: begin, to, lines: load }) : null,
  );
}

export function incidentPage(id: string, changed: () => void): HTMLElement[] {
  if (shown.id !== id) shown = { id, whole: null, problem: "", asked: -Infinity, seen: "", asking: false };
  const live = incidents.get(id);
  const seen = live ? [live.state, live.level, live.joined, live.arrived, live.tier, live.seats.length, live.alerts.map((a) => a.level).join()].join() : "";
  const old = performance.now() - shown.asked > refresh_ms && !(shown.whole && isOver(shown.whole) && !live);
  if (!shown.asking && (shown.asked === -Infinity || seen !== shown.seen || old)) {
    shown.seen = seen;
    void load(changed);
  }
  const whole = shown.whole;
  if (!whole && !live) return [h("h1", null, t("incident_id", { id })), h("p", { class: shown.problem ? "bad" : "dim", role: "status" }, shown.problem || t("loading"))];
  // What changes each second comes with the stream, what is long was asked.
  const i: Incident = { ...(whole ?? live!), ...(live ?? {}), pages: whole?.pages, timeline: whole?.timeline } as Incident;
  const next = nextStep(i);
  const worst = readingsOf(i)[0];
  return [
    h("div", { class: `line head-line ${shownLevel(i)}` }, ...incidentHead(i)),
    h("h1", null, scopeName(i)),
    incidentNumbers(i),
    isOver(i) ? null : seatDots(i),
    isOver(i) ? null : h("p", { class: "line" }, trendMark(incidentTrend(i, worst)), h("span", null, [word("state", i.state), i.tier ? t("tier", { n: i.tier }) : "", next ? t("next_step", { what: next.what, time: ticking(next.seconds) }) : "", i.owner ? t("owner", { name: i.owner }) : ""].filter(Boolean).join(" · "))),
    deeds(i, changed),
    i.alerts.length > 0 ? h("section", { "aria-label": t("alerts") }, h("h2", null, t("alerts")), h("ul", { class: "readings" }, ...readingsOf(i).map(readingLine))) : null,
    curveOf(i, changed),
    people(i),
    i.actions.length > 0 ? h("section", { "aria-label": t("playbook") }, h("h2", null, t("playbook")), h("ul", null, ...i.actions.map((a) => h("li", { key: a.action, class: a.state === "failed" ? "bad" : "" }, `${a.action} (${a.channel}): ${a.step ? `${word("action", a.step)} ` : ""}${word("action", a.state)}`)))) : null,
    whole ? incidentReport(i.incident) : null,
    whole ? timeline(i) : null,
  ].filter((x): x is HTMLElement => x !== null);
}
