import { useSyncExternalStore } from "react";
import type { JobChange, Meta, Snapshot } from "../../../src/dashboard/api/index.ts";
import { API_ROOT, call } from "./call.ts";

/** `live`: a stream. `polling`: asked again and again. `lost`: neither works, and it is tried again. */
export type Transport = "connecting" | "live" | "polling" | "lost";

export interface Feed {
  readonly transport: Transport;
  readonly paused: boolean;
  readonly snapshot: Snapshot | null;
  /** By the clock of this browser: when the last word came. */
  readonly heardAt: number;
}

const RETRY_MS = 3_000;
const STREAM_RETRY_MS = 30_000;

let feed: Feed = { transport: "connecting", paused: false, snapshot: null, heardAt: Date.now() };
let live: Meta["live"] = { transport: "sse", pollMs: 2_000 };
let watched = "";
let source: EventSource | undefined;
let timer: ReturnType<typeof setTimeout> | undefined;
let streamFailedAt = Number.NEGATIVE_INFINITY;
const listeners = new Set<() => void>();
const jobListeners = new Set<(change: JobChange) => void>();

export function useFeed(): Feed {
  return useSyncExternalStore(subscribe, () => feed);
}

/** What pages that ask by themselves go by: whether people want things to move. */
export function isPaused(): boolean {
  return feed.paused;
}

export function startFeed(settings: Meta["live"]): void {
  live = settings;
  document.addEventListener("visibilitychange", connect);
  connect();
}

export function togglePause(): void {
  change({ paused: !feed.paused });
  connect();
}

/** Tells of each change of one job for as long as it is watched. */
export function watchJob(id: string, listener: (change: JobChange) => void): () => void {
  jobListeners.add(listener);
  watched = id;
  connect();
  return () => {
    jobListeners.delete(listener);
    if (watched !== id) return;
    watched = "";
    connect();
  };
}

/** Nobody looks at a hidden tab, and browsers open six connections to a host: it holds none. */
function connect(): void {
  disconnect();
  if (feed.paused || document.hidden) return;
  const streams = live.transport === "sse" && Date.now() - streamFailedAt > STREAM_RETRY_MS;
  if (streams) openStream();
  else void poll();
}

function disconnect(): void {
  source?.close();
  source = undefined;
  clearTimeout(timer);
}

function openStream(): void {
  const url = new URL("events", API_ROOT);
  if (watched !== "") url.searchParams.set("jobs", watched);
  const stream = new EventSource(url);
  source = stream;
  stream.addEventListener("snapshot", (event) => hear(JSON.parse(event.data), "live"));
  stream.addEventListener("job", (event) => {
    const told: JobChange = JSON.parse(event.data);
    for (const listener of jobListeners) listener(told);
  });
  stream.addEventListener("bye", () => {
    stream.close();
    timer = setTimeout(connect, 250);
  });
  stream.onerror = () => {
    if (source !== stream) return;
    streamFailedAt = Date.now();
    connect();
  };
}

async function poll(): Promise<void> {
  const mine = {};
  polling = mine;
  try {
    hear(await call("GET snapshot"), "polling");
  } catch {
    // The badge says so; the next turn tries again.
    change({ transport: "lost" });
  }
  if (polling !== mine || feed.paused || document.hidden) return;
  timer = setTimeout(connect, feed.transport === "lost" ? RETRY_MS : live.pollMs);
}

let polling: object | undefined;

function hear(snapshot: Snapshot, transport: Transport): void {
  change({ snapshot, transport, heardAt: Date.now() });
}

function change(part: Partial<Feed>): void {
  feed = { ...feed, ...part };
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
