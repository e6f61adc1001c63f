// Which page an address means. Addresses are those of the daemon's API for people: they can be sent to somebody and opened again.
import { base } from "./api";

export type Route =
  | { page: "now" | "wall" | "past" | "people" | "health" }
  | { page: "queue"; centre: string; queue: string; channel: string }
  | { page: "incident"; id: string };

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

export function routeOf(path: string, search: string): Route {
  const parts = (path.startsWith(base) ? path.slice(base.length) : path).split("/").filter(Boolean);
  if (parts[0] === "wall" || parts[0] === "past" || parts[0] === "people" || parts[0] === "health") return { page: parts[0] };
  if (parts[0] === "queues" && parts[1] && parts[2]) {
    const channel = new URLSearchParams(search).get("channel") ?? "voice";
    return { page: "queue", centre: decoded(parts[1]), queue: decoded(parts[2]), channel };
  }
  if (parts[0] === "incidents" && parts[1]) return { page: "incident", id: decoded(parts[1]) };
  return { page: "now" };
}
export function queuePath(centre: string, queue: string, channel = "voice"): string {
  const path = `${base}queues/${encodeURIComponent(centre)}/${encodeURIComponent(queue)}`;
  return channel === "voice" ? path : `${path}?channel=${encodeURIComponent(channel)}`;
}
export function incidentPath(id: string): string {
  return `${base}incidents/${encodeURIComponent(id)}`;
}

/// Links within the console change the page without loading it anew; with a modifier the browser does what it always does.
export function takeLinks(went: () => void): void {
  document.addEventListener("click", (event) => {
    const link = (event.target as Element).closest?.("a");
    if (!link || event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || link.target) return;
    const url = new URL(link.href, location.href);
    if (url.origin !== location.origin || !url.pathname.startsWith(base) || link.hasAttribute("download") || url.hash) return;
    if (/^(a|api|healthz|readyz)(\/|$)/.test(url.pathname.slice(base.length))) return;
    event.preventDefault();
    history.pushState(null, "", url);
    went();
  });
  addEventListener("popstate", went);
}
