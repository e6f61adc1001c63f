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
/// In a row of a list.
export function reportCell(incident: string): HTMLElement {
  return reportLink(`incidents/${encodeURIComponent(incident)}/report`, "html", t("report_short"), `surged-report-${incident}`, `report-${incident}`);
}
