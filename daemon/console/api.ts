// Questions to the daemon: each has a time-out, because a daemon that hangs takes connections and answers nothing.

/// The folder that the console is served under: a proxy may put a path before it.
export const base = location.pathname.replace(/(wall|past|people|health|queues\/.*|incidents\/.*)$/, "").replace(/[^/]*$/, "");

export class Refused extends Error {
  constructor(readonly status: number, readonly code: string, message: string) {
    super(message);
  }
}

let token = sessionStorage.getItem("surged-token") ?? "";
export function setToken(text: string): void {
  token = text;
  sessionStorage.setItem("surged-token", text);
}
export function authorization(): Record<string, string> {
  return token ? { Authorization: `Bearer ${token}` } : {};
}

/// Makes a login of a token: the browser keeps a cookie from then on, which outlives the tab and no script reads. A daemon that knows no
/// logins takes the token itself, for this tab.
export async function logIn(text: string): Promise<"in" | "wrong" | "unreachable"> {
  try {
    await within(8000, async (signal) => answerOf(await fetch(`${base}api/v1/login`, { method: "POST", headers: { Authorization: `Bearer ${text}`, "Content-Type": "application/json" }, body: "{}", signal })));
    setToken("");
    // A browser may keep no cookie: it is told to, or has one of this name that came by https. Then the token serves this tab.
    const kept = await get("me").then(() => true, (error: unknown) => !(error instanceof Refused && error.status === 401));
    if (!kept) setToken(text);
    return "in";
  } catch (error) {
    if (!(error instanceof Refused)) return "unreachable";
    if (error.status === 401) return "wrong";
  }
  setToken(text);
  return "in";
}
export async function logOut(): Promise<void> {
  setToken("");
  await act("POST", "logout", {}).catch(() => undefined);
  location.reload();
}

async function answerOf(answer: Response): Promise<unknown> {
  if (answer.ok) return answer.json();
  let code = String(answer.status);
  let message = answer.statusText;
  try {
    const body = (await answer.json()) as { error?: { code?: string; message?: string } };
    code = body.error?.code ?? code;
    message = body.error?.message ?? message;
  } catch {
    // A proxy's own page: the status says enough.
  }
  throw new Refused(answer.status, code, message);
}

async function within<T>(ms: number, ask: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const abort = new AbortController();
  const timer = setTimeout(() => abort.abort(), ms);
  try {
    return await ask(abort.signal);
  } finally {
    clearTimeout(timer);
  }
}

export function get<T>(path: string, ms = 4000): Promise<T> {
  return within(ms, async (signal) => {
    const answer = await fetch(`${base}api/v1/${path}`, { headers: authorization(), cache: "no-store", signal });
    return (await answerOf(answer)) as T;
  });
}

function keyOfAct(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(12)), (b) => b.toString(16).padStart(2, "0")).join("");
}

/// Acts once, however often it has to be sent: the daemon knows a repeat by the key. It answers when the act is durable.
export async function act(method: "POST" | "DELETE", path: string, body: unknown): Promise<{ code?: string; message?: string }> {
  const headers = { ...authorization(), "Content-Type": "application/json", "Idempotency-Key": `console-${keyOfAct()}` };
  for (let attempt = 1; ; attempt++) {
    try {
      return await within(8000, async (signal) => {
        const answer = await fetch(`${base}api/v1/${path}`, { method, headers, body: JSON.stringify(body), signal });
        return (await answerOf(answer)) as { code?: string; message?: string };
      });
    } catch (error) {
      const settled = error instanceof Refused && error.status !== 503;
      if (settled || attempt === 3) throw error;
      await new Promise((done) => setTimeout(done, 1000));
    }
  }
}
