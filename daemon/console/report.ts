// Reports for people to read, print and keep: the daemon makes them, a link opens them in a tab of their own.
import { authorization, base } from "./api";
import { h } from "./dom";
import { languageNow, t } from "./i18n";

/// A login's cookie goes with a link by itself. A token of this tab does not: then the report is fetched, and kept as a file.
async function keep(event: Event, link: HTMLAnchorElement, file: string): Promise<void> {
  const headers = authorization();
  if (!("Authorization" in headers)) return;
  event.preventDefault();
  try {
    const answer = await fetch(link.href, { headers, cache: "no-store" });
    if (!answer.ok) throw new Error(String(answer.status));
    const url = URL.createObjectURL(await answer.blob());
    const file_link = document.createElement("a");
    file_link.href = url;
    file_link.download = file;
    file_link.click();
    setTimeout(() => URL.revokeObjectURL(url), 60000);
  } catch {
    alert(t("report_failed"));
  }
}

function reportLink(path: string, form: "html" | "md" | "json", label: string, name: string, id: string): HTMLElement {
  const href = `${base}api/v1/${path}${path.includes("?") ? "&" : "?"}format=${form}&language=${languageNow()}`;
  return h("a", { class: "report", key: id, id, href, target: "_blank", rel: "noopener", onclick: (event) => void keep(event, event.currentTarget as HTMLAnchorElement, `${name}.${form}`) }, label);
}

/// The report of one incident: the page that prints, and its facts for machines.
export function incidentReport(incident: string): HTMLElement {
  const path = `incidents/${encodeURIComponent(incident)}/report`;
  const name = `surged-report-${incident}`;
  return h("p", { class: "reports" }, reportLink(path, "html", t("report"), name, "report"), " ", reportLink(path, "md", t("report_text"), name, "report-text"), " ", reportLink(path, "json", t("report_json"), name, "report-json"));
}
/// The summary of a week or a month. The daemon makes it while it is asked for: how far it is stands beside the links.
const summary = { period: "week=last", percent: -1, made: "", failed: false };
async function make(period: string, changed: () => void): Promise<void> {
  Object.assign(summary, { period, percent: 0, made: "", failed: false });
  changed();
  try {
    while (summary.period === period) {
      const answer = await fetch(`${base}api/v1/report?${period}&format=json`, { headers: authorization(), cache: "no-store" });
      if (answer.status === 200) summary.made = period;
      if (answer.status === 200) break;
      if (answer.status !== 202) throw new Error(String(answer.status));
      summary.percent = ((await answer.json()) as { percent: number }).percent;
      changed();
      await new Promise((done) => setTimeout(done, 500));
    }
  } catch {
    if (summary.period === period) summary.failed = true;
  }
  if (summary.period === period) summary.percent = -1;
  changed();
}
export function periodReport(changed: () => void): HTMLElement {
  const periods: [string, string][] = [["week=last", t("period.last_week")], ["week=this", t("period.this_week")], ["month=last", t("period.last_month")], ["month=this", t("period.this_month")]];
  const name = `surged-report-${summary.period.replace("=", "-")}`;
  const choose = h("select", { id: "report-period", onchange: (e) => (Object.assign(summary, { period: (e.target as HTMLSelectElement).value, percent: -1, made: "", failed: false }), changed()) }, ...periods.map(([value, text]) => h("option", { value, selected: value === summary.period }, text)));
  const said = summary.percent >= 0 ? t("period.making", { n: summary.percent }) : summary.failed ? t("report_failed") : "";
  return h(
    "div",
    { class: "tools reports" },
    h("label", null, `${t("period.report")} `, choose),
    h("button", { type: "button", id: "make-report", disabled: summary.percent >= 0, onclick: () => void make(summary.period, changed) }, t("period.make")),
    h("span", { role: "status" }, said),
    summary.made === summary.period ? reportLink(`report?${summary.period}`, "html", t("period.page"), name, "period-report") : null,
    summary.made === summary.period ? reportLink(`report?${summary.period}`, "md", t("report_text"), name, "period-text") : null,
    summary.made === summary.period ? reportLink(`report?${summary.period}`, "json", t("report_json"), name, "period-json") : null,
  );
}

/// In a row of a list.
export function reportCell(incident: string): HTMLElement {
  return reportLink(`incidents/${encodeURIComponent(incident)}/report`, "html", t("report_short"), `surged-report-${incident}`, `report-${incident}`);
}
