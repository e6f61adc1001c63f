// Whether surged itself can be believed: feeds, channels, store, cluster, the configuration in force, rules that cannot fire.
import { h } from "./dom";
import { clock, count, dayAndClock, languageNow, many, span, t, word } from "./i18n";
import { blind, connected, daemonNow, queues, status } from "./model";
import { queuePath } from "./routes";
import { queueName } from "./facts";
import { Refusal, SourceStatus, Status } from "./types";

const silent_s = 30;
const blind_shown = 50;

function table(label: string, heads: string[], rows: HTMLElement[]): HTMLElement {
  return h("div", { class: "scroll", tabindex: 0, role: "group", "aria-label": label }, h("table", null, h("thead", null, h("tr", null, ...heads.map((text) => h("th", { scope: "col" }, text)))), h("tbody", null, ...rows)));
}
function section(title: string, ...children: (HTMLElement | null)[]): HTMLElement {
  return h("section", { "aria-label": title }, h("h2", null, title), ...children);
}
function fact(good: boolean, text: string): HTMLElement {
  return h("li", { class: good ? "" : "bad" }, `${good ? "✓" : "✗"} ${text}`);
}

function overall(s: Status): HTMLElement {
  const sick = s.rules.filter((r) => !r.healthy).length;
  const down = s.channels.filter((c) => c.down || c.doubtful).length;
  return h(
    "ul",
    { class: "facts" },
    fact(connected(), t(connected() ? "live" : "lost")),
    fact(s.ready, t(s.ready ? "h.ready" : "notready")),
    fact(!s.store.degraded, t(s.store.degraded ? "degraded" : "h.store_ok", { n: count(s.store.records) })),
    fact(s.config.reload_ok, s.config.reload_ok ? t("h.config", { version: s.config.version }) : t("h.config_bad", { why: s.config.message })),
    fact(s.ingest.stale_queues === 0, s.ingest.stale_queues === 0 ? t("h.fresh", { n: s.ingest.queues }) : many("n_blind", s.ingest.stale_queues)),
    fact(sick === 0, sick === 0 ? t("h.rules_ok", { n: s.rules.length }) : t("h.rules_bad", { n: sick })),
    fact(down === 0, down === 0 ? t("h.channels_ok", { n: s.channels.length }) : t("h.channels_bad", { n: down })),
  );
}
/// In the reader's language.
function problemText(of: { problem: string; problem_zh?: string }): string {
  return (languageNow() === "zh" ? of.problem_zh : undefined) ?? of.problem;
}
function sourceRow(x: SourceStatus): HTMLElement {
  const age = (daemonNow() - x.last) / 1000;
  const late = age > silent_s;
  return h(
    "tr",
    { key: x.source },
    h("th", { scope: "row" }, x.source),
    h("td", { class: late ? "bad" : "" }, t("ago", { age: span(age) })),
    h("td", { class: "number" }, count(x.messages)),
    h("td", { class: x.gaps > 0 ? "number bad" : "number" }, count(x.gaps)),
    h("td", { class: "number" }, count(x.repeats)),
    h("td", { class: "number" }, count(x.restarts)),
    h("td", { class: "number" }, x.skew_s === null ? "–" : `${x.skew_s.toFixed(1)} s`),
    h("td", { class: x.problem ? "bad" : "" }, problemText(x) || "✓"),
  );
}
function refusalText(r: Refusal): string {
  const example = [r.field ? `field=${r.field}` : "", r.got ? `got=${r.got}` : "", r.wanted ?? r.want ? `want=${r.wanted ?? r.want}` : ""].filter(Boolean).join(" ");
  return `${r.source}: ${word("refusal", r.reason)}${r.count ? ` × ${count(r.count)}` : ""} ${example}`;
}
function feeds(s: Status): HTMLElement {
  const rejected = Object.entries(s.ingest.rejected);
  return section(
    t("h.feeds"),
    s.ingest.sources.length === 0 ? h("p", { class: "bad" }, t("h.no_feed")) : table(t("h.feeds"), ["h.source", "h.last", "h.messages", "h.gaps", "h.repeats", "h.restarts", "h.skew", "h.problem"].map((k) => t(k as "h.source")), s.ingest.sources.map(sourceRow)),
    h("p", { class: "dim" }, t("h.ingest", { messages: count(s.ingest.messages), samples: count(s.ingest.samples), series: count(s.ingest.series), late: count(s.ingest.late_samples) })),
    rejected.length > 0 ? h("p", { class: "bad" }, `${t("h.refused")}: ${rejected.map(([why, n]) => `${word("refusal", why)} ${count(n)}`).join(" · ")}`) : null,
    s.ingest.refusals.length > 0 ? h("ul", null, ...s.ingest.refusals.map((r, n) => h("li", { key: n }, refusalText(r)))) : null,
  );
}
function blindQueues(): HTMLElement | null {
  const of = [...queues.values()].filter(blind);
  if (of.length === 0) return null;
  return section(
    many("n_blind", of.length),
    h("ul", null, ...of.slice(0, blind_shown).map((q) => h("li", { key: `${q.centre}/${q.queue}/${q.channel}` }, h("a", { href: queuePath(q.centre, q.queue, q.channel) }, `${q.centre} · ${queueName(q)}`), ` ${t(q.never_seen ? "never" : "stale")}${q.last ? ` · ${t("last_data", { at: dayAndClock(q.last) })}` : ""}`)), of.length > blind_shown ? h("li", null, t("and_more", { n: of.length - blind_shown })) : null),
  );
}
function channels(s: Status): HTMLElement {
  const rows = s.channels.map((c) => {
    const paused = c.paused_until !== null && c.paused_until > daemonNow();
    const state = c.down ? t("h.down") : c.doubtful ? t("h.doubtful") : paused ? t("h.paused", { at: clock(c.paused_until!) }) : "✓";
    return h("tr", { key: c.channel }, h("th", { scope: "row" }, c.channel), h("td", { class: c.down || c.doubtful ? "bad" : "" }, state), h("td", { class: "number" }, count(c.pending)), h("td", null, Object.entries(c.outcomes).filter(([name]) => name !== "queued" && name !== "sending").map(([name, n]) => `${word("page", name)} ${count(n)}`).join(" · ")));
  });
  return section(t("h.channels"), table(t("h.channels"), [t("h.channel"), t("state"), t("h.pending"), t("h.outcomes")], rows));
}
function rules(s: Status): HTMLElement {
  const rows = [...s.rules].sort((a, b) => Number(a.healthy) - Number(b.healthy)).map((r) => h("tr", { key: r.rule }, h("th", { scope: "row" }, r.rule), h("td", { class: "number" }, count(r.bound)), h("td", { class: r.healthy ? "" : "bad" }, r.healthy ? "✓" : `${t("h.cannot_fire")}: ${problemText(r)}`)));
  return section(t("h.rules"), table(t("h.rules"), [t("rule"), t("h.bound"), t("state")], rows));
}

export function healthPage(): HTMLElement[] {
  const s = status();
  if (!s) return [h("h1", null, t("nav.health")), h("p", { class: "dim", role: "status" }, t(connected() ? "loading" : "nothing_yet"))];
  const cluster = s.cluster ? Object.entries(s.cluster).filter(([, v]) => typeof v !== "object") : [];
  return [
    h("h1", null, t("nav.health")),
    h("div", { class: connected() ? "" : "lost" }, overall(s), feeds(s), blindQueues(), channels(s), rules(s), cluster.length > 0 ? section(t("h.cluster"), h("p", null, cluster.map(([k, v]) => `${k} ${String(v)}`).join(" · "))) : null, h("p", { class: "dim" }, t("h.about", { version: s.version, at: dayAndClock(s.started), zone: s.timezone }))),
  ];
}
