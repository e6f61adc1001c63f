// What a person may do here, by role, and the box that asks before it is done. An act is called done when the daemon says it is durable.
import { act, Refused } from "./api";
import { h } from "./dom";
import { scopeName } from "./facts";
import { t, word } from "./i18n";
import { me, meAsked } from "./model";
import { Incident } from "./types";

const ranksOfRoles: Record<string, number> = { viewer: 0, responder: 1, lead: 2, admin: 3 };
/// Whether this role may; who the daemon does not name may try, and is told by the daemon. Until it has answered nobody is offered what they
/// may not do.
export function mayAs(role: string): boolean {
  const who = me();
  return who === null ? meAsked() : (ranksOfRoles[who.role] ?? 0) >= (ranksOfRoles[role] ?? 3);
}

export interface Field {
  name: string;
  label: string;
  value?: string;
  choices?: [string, string][];
  suggest?: [string, string][];
  required?: boolean;
  type?: string;
}
export interface Deed {
  title: string;
  text?: string;
  fields: Field[];
  button: string;
  danger?: boolean;
  method?: "POST" | "DELETE";
  path: string;
  body: (values: Record<string, string>) => unknown;
  /// In the place of `body`: one request after the other, each confirmed before the next.
  bodies?: (values: Record<string, string>) => unknown[];
}

function input(field: Field): HTMLElement {
  const id = `f-${field.name}`;
  if (field.choices) return h("select", { id, name: field.name }, ...field.choices.map(([value, text]) => h("option", { value, selected: value === field.value }, text)));
  return h("input", { id, name: field.name, type: field.type ?? "text", required: field.required ?? false, autocomplete: "off", value: field.value ?? "", list: field.suggest ? `${id}-list` : null });
}

/// Asks for what is missing, sends it, and says what came of it. `done` is called once it is confirmed.
export function ask(deed: Deed, done: () => void): void {
  const box = document.getElementById("ask") as HTMLDialogElement;
  const said = h("p", { role: "status", class: "said" });
  const send = h("button", { class: deed.danger ? "main danger" : "main" }, deed.button) as HTMLButtonElement;
  const form: HTMLElement = h(
    "form",
    {
      onsubmit: (event) => {
        event.preventDefault();
        const values: Record<string, string> = {};
        for (const field of Array.from(form.querySelectorAll<HTMLInputElement | HTMLSelectElement>("[name]"))) values[field.name] = field.value.trim();
        void submit(deed, values, said, send, box, done);
      },
    },
    h("h1", null, deed.title),
    deed.text ? h("p", null, deed.text) : null,
    ...deed.fields.flatMap((field) => [
      h("label", { for: `f-${field.name}` }, field.label),
      input(field),
      field.suggest ? h("datalist", { id: `f-${field.name}-list` }, ...field.suggest.map(([value, text]) => h("option", { value }, text))) : null,
    ]).filter((x): x is HTMLElement => x !== null),
    said,
    h("div", { class: "tools" }, send, h("button", { type: "button", class: "plain", onclick: () => box.close() }, t("cancel"))),
  );
  box.setAttribute("aria-label", deed.title);
  box.replaceChildren(form);
  box.showModal();
}

async function submit(deed: Deed, values: Record<string, string>, said: HTMLElement, send: HTMLButtonElement, box: HTMLDialogElement, done: () => void): Promise<void> {
  send.disabled = true;
  said.className = "said";
  said.textContent = t("sending");
  try {
    let answer: { message?: string } = {};
    for (const body of deed.bodies?.(values) ?? [deed.body(values)]) answer = await act(deed.method ?? "POST", deed.path, body);
    said.className = "said good";
    said.textContent = `${t("recorded")}${answer.message ? `: ${answer.message}` : ""}`;
    send.remove();
    const close = box.querySelector<HTMLButtonElement>("button.plain");
    if (close) {
      close.textContent = t("close");
      close.focus();
    }
    done();
  } catch (error) {
    send.disabled = false;
    said.className = "said bad";
    said.textContent = error instanceof Refused ? `${word("refused", error.code)}: ${error.message}` : t("not_confirmed");
  }
}

export function deedButton(deed: () => Deed, label: string, role: string, done: () => void, key: string): HTMLElement | null {
  return mayAs(role) ? h("button", { type: "button", class: "plain", key, id: `do-${key}`, onclick: () => ask(deed(), done) }, label) : null;
}

/// What somebody thinks of the call afterwards; `surgectl tune` reads it.
export function verdictDeed(i: Incident): Deed {
  return {
    title: `${t("do.verdict")} · ${scopeName(i)}`,
    text: t("verdict_text"),
    fields: [{ name: "verdict", label: t("do.verdict"), choices: [["useful", t("verdict.useful")], ["false", t("verdict.false")], ["late", t("verdict.late")]] }, { name: "reason", label: t("reason") }],
    button: t("do.verdict"),
    path: `incidents/${i.incident}/verdict`,
    body: (v) => ({ verdict: v["verdict"], ...(v["reason"] ? { reason: v["reason"] } : {}) }),
  };
}
