// What stands around every page: where one is, how true it is, who one is.
import { base, logIn, logOut } from "./api";
import { h, levelIcon, morph } from "./dom";
import { clock, languageNow, many, setLanguage, span, t, word } from "./i18n";
import { connected, dataAt, loaded, loneAlerts, me, openIncidents, queues, silentFor, status, Truth, truth, blind } from "./model";
import { Route } from "./routes";

export const navigation = ["now", "wall", "past", "people", "health"] as const;

type Theme = "auto" | "light" | "dark";
export function theme(): Theme {
  const stored = localStorage.getItem("surged-theme");
  return stored === "light" || stored === "dark" ? stored : "auto";
}
/// A wall is dark unless it was told otherwise: it hangs in a room where people work.
export function applyTheme(page: string): void {
  const wanted = theme() === "auto" && page === "wall" ? "dark" : theme();
  document.documentElement.dataset["theme"] = wanted;
}

/// The one sentence on how things stand, and how old that is.
export function truthText(): { level: string; text: string; detail: string } {
  const now: Truth = truth();
  const age = t("data_of", { at: clock(dataAt()), age: span(silentFor() / 1000) });
  const open = openIncidents().length;
  const lone = loneAlerts().length;
  const noData = [...queues.values()].filter(blind).length;
  const details: string[] = [];
  if (now === "lost") return { level: "stale", text: t("lost"), detail: loaded() ? age : t("nothing_yet") };
  if (now === "loading") return { level: "stale", text: t("loading"), detail: "" };
  if (open > 0) details.push(many("n_incidents", open));
  if (lone > 0) details.push(many("n_alerts", lone));
  if (noData > 0) details.push(many("n_blind", noData));
  const s = status();
  if (s && !s.ready) details.push(t("notready"));
  if (s?.store.degraded) details.push(t("degraded"));
  if (now === "calm") return { level: "none", text: t("all_quiet"), detail: many("n_queues_fresh", queues.size) };
  if (now === "empty") return { level: "stale", text: t("no_queues"), detail: "" };
  if (now === "blind") return { level: "stale", text: t("blind"), detail: details.join(" · ") };
  if (now === "doubt") return { level: "stale", text: t("doubt"), detail: details.join(" · ") };
  return { level: now, text: word("level", now), detail: details.join(" · ") };
}

export function truthBar(): HTMLElement {
  const said = truthText();
  return h("div", { id: "truth", class: `truth ${said.level}`, role: "status" }, levelIcon(said.level), h("b", null, said.text), said.detail ? h("span", null, said.detail) : null);
}

function button(id: string, text: string, does: () => void, label?: string): HTMLElement {
  return h("button", { type: "button", id, class: "plain", onclick: does, "aria-label": label ?? null }, text);
}

export function drawHead(route: Route, redraw: () => void): void {
  const head = document.getElementById("head")!;
  document.documentElement.lang = languageNow() === "zh" ? "zh-CN" : "en";
  document.getElementById("skip")!.textContent = t("skip");
  head.className = route.page === "wall" ? "on-wall" : "";
  if (route.page === "wall") return morph(head, []);
  const who = me();
  const links = navigation.map((name) =>
    h("a", { href: `${base}${name === "now" ? "" : name}`, "aria-current": route.page === name ? "page" : null, key: name }, t(`nav.${name}`)),
  );
  const parts = [
    h("a", { class: "brand", href: base, "aria-label": t("brand") }, "surged"),
    h("nav", { "aria-label": t("nav") }, ...links),
    truthBar(),
    h("span", { id: "live", class: connected() || truth() === "loading" ? "live" : "live bad" }, t(connected() ? "live" : loaded() ? "lost_short" : "connecting")),
    who && who.name ? h("span", { class: "who" }, who.name === who.role ? word("role", who.role) : `${who.name} · ${word("role", who.role)}`) : null,
    who?.by === "login" ? button("logout", t("log_out"), () => void logOut()) : null,
    button("theme", t(`theme.${theme()}`), () => {
      localStorage.setItem("surged-theme", theme() === "auto" ? "dark" : theme() === "dark" ? "light" : "auto");
      redraw();
    }, t("theme_label", { name: t(`theme.${theme()}`) })),
    button("language", languageNow() === "zh" ? "English" : "中文", () => {
      setLanguage(languageNow() === "zh" ? "en" : "zh");
      redraw();
    }),
  ];
  morph(head, parts.filter((p): p is HTMLElement => p !== null));
}

/// Asks for a token; comes back when there is one to try.
export function askToken(wrong: boolean): Promise<void> {
  const box = document.getElementById("login") as HTMLDialogElement;
  return new Promise((done) => {
    const said = h("p", { class: "bad", role: "alert" }, wrong ? t("wrong_token") : "");
    const take = (event: Event): void => {
      event.preventDefault();
      const field = box.querySelector<HTMLInputElement>("#token")!;
      const text = field.value.trim();
      if (text === "") return field.focus();
      field.value = "";
      void logIn(text).then((came) => {
        said.textContent = came === "in" ? "" : t(came === "wrong" ? "wrong_token" : "lost");
        if (came !== "in") return field.focus();
        box.close();
        done();
      });
    };
    box.replaceChildren(
      h(
        "form",
        { onsubmit: take },
        h("h1", null, t("login_title")),
        said,
        h("label", { for: "token" }, t("token")),
        h("input", { id: "token", type: "password", autocomplete: "off", required: true, "aria-describedby": "login-hint" }),
        h("button", { class: "main" }, t("enter")),
        h("p", { class: "dim", id: "login-hint" }, t("login_hint")),
      ),
    );
    box.setAttribute("aria-label", t("login_title"));
    box.addEventListener("cancel", (event) => event.preventDefault());
    box.showModal();
  });
}
