// Elements without a framework: h() makes them, morph() carries a new tree into the one on the page, so that focus, selection and what
// is being typed stay. No text is ever parsed as HTML, and styles are set by property: the page's policy refuses style attributes.

type Handler = (event: Event) => void;
export type Child = Node | string | number | null | undefined | false;
type Value = string | number | boolean | null | undefined | Handler | Partial<CSSStyleDeclaration>;

const svgTags = new Set(["svg", "path", "line", "rect", "polygon", "polyline", "circle", "g", "title"]);
const handlersOf = new WeakMap<Node, Map<string, Handler>>();

function listen(element: Element, type: string, handler: Handler): void {
  let own = handlersOf.get(element);
  if (!own) {
    own = new Map();
    handlersOf.set(element, own);
  }
  if (!own.has(type)) element.addEventListener(type, (event) => handlersOf.get(element)?.get(type)?.(event));
  own.set(type, handler);
}

/// An element. `on...` are handlers, `style` is an object, `key` names it among its siblings, `own` keeps it as it is from then on.
export function h(tag: string, props: Record<string, Value> | null, ...children: Child[]): HTMLElement {
  const element = svgTags.has(tag) ? document.createElementNS("http://www.w3.org/2000/svg", tag) : document.createElement(tag);
  for (const [name, value] of Object.entries(props ?? {})) {
    if (value === null || value === undefined || value === false) continue;
    if (typeof value === "function") listen(element, name.slice(2), value);
    else if (name === "style") Object.assign((element as HTMLElement).style, value);
    else if (name === "key") element.setAttribute("data-key", String(value));
    else if (name === "own") element.setAttribute("data-own", String(value));
    else if (name === "value" && element instanceof HTMLInputElement) element.value = String(value);
    else element.setAttribute(name, value === true ? "" : String(value));
  }
  for (const child of children) {
    if (child === null || child === undefined || child === false) continue;
    element.append(child instanceof Node ? child : String(child));
  }
  return element as HTMLElement;
}

function keyOf(node: Node): string | null {
  return node instanceof Element ? node.getAttribute("data-key") : null;
}
function alike(a: Node, b: Node): boolean {
  return a.nodeName === b.nodeName && keyOf(a) === keyOf(b);
}

function morphElement(old: Element, wanted: Element): void {
  if (old.hasAttribute("data-own")) return;
  for (const { name } of Array.from(old.attributes)) {
    if (name !== "style" && !wanted.hasAttribute(name) && !(name === "open" && old.nodeName === "DETAILS")) old.removeAttribute(name);
  }
  for (const { name, value } of Array.from(wanted.attributes)) {
    if (name !== "style" && old.getAttribute(name) !== value) old.setAttribute(name, value);
  }
  const style = (wanted as HTMLElement).style;
  if (style && (old as HTMLElement).style.cssText !== style.cssText) (old as HTMLElement).style.cssText = style.cssText;
  const fresh = handlersOf.get(wanted);
  if (fresh) for (const [type, handler] of fresh) listen(old, type, handler);
  morph(old, Array.from(wanted.childNodes));
}

/// Makes the children of `parent` those wanted, with as little change as it takes.
export function morph(parent: Element, wanted: Node[]): void {
  const keyed = new Map<string, Node>();
  for (const node of Array.from(parent.childNodes)) {
    const key = keyOf(node);
    if (key !== null) keyed.set(key, node);
  }
  let at: Node | null = parent.firstChild;
  for (const node of wanted) {
    const key = keyOf(node);
    const known = key !== null ? keyed.get(key) : undefined;
    if (known && known !== at && alike(known, node)) {
      parent.insertBefore(known, at);
      at = known;
    }
    if (at && alike(at, node)) {
      if (at instanceof Element && node instanceof Element) morphElement(at, node);
      else if (at.nodeValue !== node.nodeValue) at.nodeValue = node.nodeValue;
      at = at.nextSibling;
    } else {
      parent.insertBefore(node, at);
    }
  }
  while (at) {
    const next: Node | null = at.nextSibling;
    parent.removeChild(at);
    at = next;
  }
}

/// The icon of a level: another shape for each, so that colour is never the only mark.
export function levelIcon(level: string): HTMLElement {
  const shapes: Record<string, string> = {
    yellow: "M12 3 23 21H1Z",
    orange: "M12 1 23 12 12 23 1 12Z",
    red: "M7.5 1h9L23 7.5v9L16.5 23h-9L1 16.5v-9Z",
    stale: "M3 10h18v4H3Z",
    none: "M9.5 20 2 12.5l3-3 4.5 4.5L19 4.5l3 3Z",
  };
  return h("svg", { class: `icon ${level}`, viewBox: "0 0 24 24", "aria-hidden": "true" }, h("path", { d: shapes[level] ?? shapes["none"]! }));
}
