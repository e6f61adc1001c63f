// The daemon's stream of changes, read by fetch because EventSource cannot send a token. A stream that says nothing for some seconds is
// given up: a hung daemon keeps its connections open.
import { authorization, base, get, Refused } from "./api";
import { apply, forgetAll, heard, setMe, Snapshot } from "./model";
import { Me } from "./types";

const quiet_max_ms = 5000;
const retry_ms = 1000;

export interface LiveHooks {
  changed(): void;
  /// Shows the box for the token and comes back when there is another one.
  login(wrong: boolean): Promise<void>;
}

/// Events of a stream of server-sent events, as they arrive.
export class EventReader {
  private rest = "";
  constructor(private readonly take: (event: string, data: string) => void) {}
  add(text: string): void {
    this.rest += text;
    for (let end = this.rest.indexOf("\n\n"); end >= 0; end = this.rest.indexOf("\n\n")) {
      this.one(this.rest.slice(0, end));
      this.rest = this.rest.slice(end + 2);
    }
  }
  private one(block: string): void {
    let event = "message";
    const data: string[] = [];
    for (const line of block.split("\n")) {
      if (line.startsWith("event:")) event = line.slice(6).trim();
      else if (line.startsWith("data:")) data.push(line.slice(5).trimStart());
    }
    if (data.length > 0) this.take(event, data.join("\n"));
  }
}

/// Reads until the stream ends or falls silent.
async function follow(hooks: LiveHooks): Promise<void> {
  const abort = new AbortController();
  let timer = setTimeout(() => abort.abort(), quiet_max_ms);
  const alive = (): void => {
    clearTimeout(timer);
    timer = setTimeout(() => abort.abort(), quiet_max_ms);
  };
  try {
    const answer = await fetch(`${base}api/v1/events?view=console`, { headers: authorization(), cache: "no-store", signal: abort.signal });
    if (!answer.ok || !answer.body) throw new Refused(answer.status, String(answer.status), answer.statusText);
    const events = new EventReader((event, data) => {
      if (event !== "snapshot" && event !== "delta" && event !== "beat") return;
      const part = JSON.parse(data) as Snapshot;
      if (event === "beat") heard(part.now_ms);
      else apply(event === "snapshot", part);
      if (event === "snapshot") void whoami().then(hooks.changed);
      hooks.changed();
    });
    const reader = answer.body.getReader();
    const decoder = new TextDecoder();
    for (;;) {
      const piece = await reader.read();
      if (piece.done) return;
      alive();
      events.add(decoder.decode(piece.value, { stream: true }));
    }
  } finally {
    clearTimeout(timer);
  }
}

async function whoami(): Promise<void> {
  try {
    setMe(await get<Me>("me"));
  } catch {
    setMe(null);
  }
}

/// Goes on for as long as the page is open.
export async function keepLive(hooks: LiveHooks): Promise<void> {
  let asked = false;
  for (;;) {
    try {
      await follow(hooks);
      asked = false;
    } catch (error) {
      if (error instanceof Refused && error.status === 401) {
        forgetAll();
        hooks.changed();
        await hooks.login(asked);
        asked = true;
        continue;
      }
    }
    hooks.changed();
    await new Promise((done) => setTimeout(done, retry_ms));
  }
}
