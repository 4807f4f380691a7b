import { isRecord } from "../../job/options.ts";
import type { ServerRecord } from "../../storage/index.ts";
import type { Vitals } from "../api/servers.ts";

const MOST_RUNS = 20;
const MOST_MORE = 20;
const PLACED = new Set([
  ...["uptimeMs", "cpu", "rss", "heapUsed", "loopDelay", "busy", "slots", "quiet", "node", "runs", "version"],
]);

/** Servers that tell of themselves ask what is wanted of them, and know pauses; those of earlier versions do neither. */
export function hearsCommands({ vitals }: Pick<ServerRecord, "vitals">): boolean {
  return vitals !== null;
}

/** What a server tells of itself, as far as this version knows it; null when it tells nothing that can be read. */
export function readVitals(text: string | null): Vitals | null {
  const told = parse(text);
  if (told === null) return null;
  const loop = isRecord(told.loopDelay) ? told.loopDelay : {};
  const { quiet, node } = told;
  return {
    at: numberOf(told.at),
    uptimeMs: numberOf(told.uptimeMs),
    version: textOf(told.version),
    runtime: typeof node === "string" ? `Node ${node}` : null,
    phase: typeof quiet === "boolean" ? (quiet ? "quiet" : "running") : null,
    busy: numberOf(told.busy),
    buffered: numberOf(told.buffered),
    cpu: numberOf(told.cpu),
    rssBytes: numberOf(told.rss),
    heapBytes: numberOf(told.heapUsed),
    eventLoopDelayMs: numberOf(loop.p99Ms),
    eventLoopDelayMaxMs: numberOf(loop.maxMs),
    storageMs: numberOf(told.storageMs),
    succeeded: numberOf(told.succeeded),
    failed: numberOf(told.failed),
    runs: Array.isArray(told.runs) ? told.runs.slice(0, MOST_RUNS).flatMap(toRun) : [],
    more: others(told),
  };
}

function toRun(run: unknown): Vitals["runs"] {
  if (!isRecord(run) || typeof run.id !== "string" || typeof run.name !== "string") return [];
  return [{ id: run.id, name: run.name, forMs: numberOf(run.forMs) ?? 0 }];
}

function others(told: Readonly<Record<string, unknown>>): Vitals["more"] {
  const more: { [key: string]: string | number | boolean | null } = {};
  for (const [key, value] of Object.entries(told).slice(0, MOST_MORE + PLACED.size)) {
    const isPlain = typeof value === "string" || typeof value === "number" || typeof value === "boolean";
    if (isPlain && !PLACED.has(key)) Object.defineProperty(more, key, { value, enumerable: true });
  }
  return more;
}

function parse(text: string | null): Readonly<Record<string, unknown>> | null {
  if (text === null) return null;
  try {
    const found: unknown = JSON.parse(text);
    return isRecord(found) ? found : null;
  } catch {
    return null;
  }
}

function numberOf(value: unknown): number | null {
  return typeof value === "number" ? value : null;
}

function textOf(value: unknown): string | null {
  return typeof value === "string" ? value : null;
}
