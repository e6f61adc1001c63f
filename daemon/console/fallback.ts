// The four lists, asked every two seconds: for a daemon whose event stream has no view for the console.
import { get } from "./api";
import { apply } from "./model";
import { Incident, Queue, Reading, Status } from "./types";

const every_ms = 2000;
const rounds = 150;

/// Comes back after some minutes, or with what went wrong: the stream is tried again then.
export async function poll(changed: () => void): Promise<void> {
  for (let i = 0; i < rounds; i++) {
    const [queues, incidents, alerts, status] = await Promise.all([
      get<{ queues: Queue[] }>("queues"),
      get<{ incidents: Incident[] }>("incidents"),
      get<{ alerts: Reading[] }>("alerts"),
      get<Status>("status"),
    ]);
    apply(true, { now_ms: status.now, queues: queues.queues, incidents: incidents.incidents, alerts: alerts.alerts, status });
    changed();
    await new Promise((done) => setTimeout(done, every_ms));
  }
}
