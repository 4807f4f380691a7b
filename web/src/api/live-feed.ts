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
/** The first word of a stream comes at once. Where it does not, something on the way holds streams back. */
const FIRST_WORD_MS = 6_000;
/** People step through jobs faster than streams are opened. */
const SETTLE_MS = 120;

let feed: Feed = { transport: "connecting", paused: false, snapshot: null, heardAt: Date.now() };
let live: Meta["live"] = { transport: "sse", pollMs: 2_000 };
let watched = "";
let source: EventSource | undefined;
/** The job that the open stream watches. */
let opened = "";
let timer: ReturnType<typeof setTimeout> | undefined;
let soon: ReturnType<typeof setTimeout> | undefined;
/** The question that is under way, while there is no stream. */
let polling: object | undefined;
let streamFailedAt = Number.NEGATIVE_INFINITY;
const listeners = new Set<() => void>();
const jobListeners = new Set<(change: JobChange) => void>();

export function useFeed(): Feed {
  return useSyncExternalStore(subscribe, () => feed);
}

/** For those who care for nothing else: they are not drawn anew with each word. */
export function usePaused(): boolean {
  return useSyncExternalStore(subscribe, isPaused);
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
  connectSoon();
  return () => {
    jobListeners.delete(listener);
    if (watched !== id) return;
    watched = "";
    connectSoon();
  };
}

function connectSoon(): void {
  clearTimeout(soon);
  soon = setTimeout(() => {
    if (opened !== watched) connect();
  }, SETTLE_MS);
}

/** Nobody looks at a hidden tab, and browsers open six connections to a host: it holds none. */
function connect(): void {
  disconnect();
  if (feed.paused || document.hidden) return;
  const streams = live.transport === "sse" && Date.now() - streamFailedAt > STREAM_RETRY_MS;
  if (streams) openStream();
  else void poll();
}

/** What is still on its way from then on has no word any more: it may be older than what comes next. */
function disconnect(): void {
  source?.close();
  source = undefined;
  polling = undefined;
  clearTimeout(timer);
}

function openStream(): void {
  const url = new URL("events", API_ROOT);
  if (watched !== "") url.searchParams.set("jobs", watched);
  const stream = new EventSource(url);
  source = stream;
  opened = watched;
  const giveUp = () => {
    if (source !== stream) return;
    streamFailedAt = Date.now();
    connect();
  };
  timer = setTimeout(giveUp, FIRST_WORD_MS);
  stream.addEventListener("snapshot", (event) => {
    clearTimeout(timer);
    hear(JSON.parse(event.data), "live");
  });
  stream.addEventListener("job", (event) => {
    const told: JobChange = JSON.parse(event.data);
    for (const listener of jobListeners) listener(told);
  });
  stream.addEventListener("bye", () => {
    stream.close();
    clearTimeout(timer);
    timer = setTimeout(connect, 250);
  });
  stream.onerror = giveUp;
}

async function poll(): Promise<void> {
  const mine = {};
  polling = mine;
  opened = watched;
  const snapshot = await call("GET snapshot").catch(() => undefined);
  if (polling !== mine) return;
  if (snapshot !== undefined) hear(snapshot, "polling");
  // The badge says so; the next turn tries again.
  else change({ transport: "lost" });
  timer = setTimeout(connect, feed.transport === "lost" ? RETRY_MS : live.pollMs);
}

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
