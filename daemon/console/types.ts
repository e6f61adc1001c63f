// What the daemon's documents carry, as far as the console reads them. A field with `?` may be missing: the page then leaves its part out.

export type Level = "none" | "yellow" | "orange" | "red";

export interface Reading {
  rule: string;
  centre: string;
  queue: string;
  channel: string;
  state: string;
  level: Level;
  stale: boolean;
  metric: string;
  value: number | null;
  value_now?: number | null;
  value_at?: number;
  value_stale?: boolean;
  value_worst?: number | null;
  worst_at?: number;
  limit?: string;
  raise?: string;
  since: number;
  muted?: boolean;
  folded?: boolean | string;
  folded_under?: string;
  changed_at?: number;
  reason?: string;
}

export interface Queue {
  centre: string;
  queue: string;
  channel: string;
  group: string;
  stale: boolean;
  never_seen: boolean;
  last: number;
  m: Record<string, number | null>;
  service_level_now?: number | null;
  service_level_today?: number | null;
  offered_today?: number | null;
  abandoned_today?: number | null;
}

export interface Page {
  page: string;
  people: string[];
  channel: string;
  purpose: string;
  state: string;
  attempt: number;
  reason: string;
  due: number | null;
}

export interface Seat {
  person: string;
  name: string;
  tier: number;
  state: string;
  reason: string;
  at: number;
  came: boolean;
  successor?: string;
}

export interface Action {
  action: string;
  state: string;
  step: string;
  stands: boolean;
  undo: boolean;
  channel: string;
  reason: string;
}

export interface Incident {
  incident: string;
  policy: string;
  scope: Record<string, string>;
  state: string;
  level: Level;
  worst: Level;
  tier: number;
  need: number;
  joined: number;
  arrived: number;
  noshow: number;
  came: number;
  came_arrived: number;
  owner: string;
  opened: number;
  closed?: number;
  next_at: number | null;
  staffing: { missing?: number; required?: number; productive?: number; expected_wait_s?: number; cause?: string } | null;
  alerts: Reading[];
  seats: Seat[];
  actions: Action[];
  pages?: Page[];
  timeline?: TimelineRecord[];
  into?: string;
  next_step?: { what: string; tier?: number; at_ms: number } | null;
  trend?: { metric: string; now: number; before: number; over_ms: number; direction: string } | null;
  verdict?: { verdict: string; by: string; at: number } | null;
}

/// An incident as its records tell it: of one that is over for long there is no more.
export interface PastIncident {
  incident: string;
  policy: string;
  scope: Record<string, string>;
  worst: Level;
  tier: number;
  need: number;
  came: number;
  came_arrived: number;
  noshow: number;
  opened_ms: number;
  half_ms?: number | null;
  full_ms?: number | null;
  ended_ms?: number | null;
  lost?: number | null;
  verdict?: { verdict: string; by: string; at: number } | null;
  timeline?: TimelineRecord[];
}

/// One record of an incident's timeline: its fields depend on the type.
export type TimelineRecord = { ts: number; type: string } & Record<string, unknown>;

export interface SourceStatus {
  source: string;
  messages: number;
  samples: number;
  gaps: number;
  repeats: number;
  restarts: number;
  skew_s: number | null;
  problem: string;
  problem_zh?: string;
  last: number;
}

export interface Refusal {
  source: string;
  reason: string;
  count?: number;
  field?: string;
  got?: string;
  wanted?: string;
  want?: string;
}

export interface Status {
  version: string;
  now: number;
  started: number;
  ready: boolean;
  timezone: string;
  config: { version: string; reload_ok: boolean; message: string };
  store: { degraded: boolean; records: number };
  ingest: {
    messages: number;
    samples: number;
    series: number;
    queues: number;
    stale_queues: number;
    late_samples: number;
    rejected: Record<string, number>;
    sources: SourceStatus[];
    refusals: Refusal[];
  };
  alerts: Record<string, number>;
  incidents_open: number;
  rules: { rule: string; bound: number; healthy: boolean; problem: string; problem_zh?: string; summary?: { zh?: string; en?: string } }[];
  channels: {
    channel: string;
    pending: number;
    down: boolean;
    paused_until: number | null;
    outcomes: Record<string, number>;
    doubtful?: boolean;
  }[];
  connections?: Record<string, number>;
  cluster?: Record<string, unknown>;
}

/// Who looks at the page.
export interface Me {
  role: string;
  name: string;
  /// "login", "token" or "open"
  by?: string;
}

export const ranks: Record<Level, number> = { none: 0, yellow: 1, orange: 2, red: 3 };
