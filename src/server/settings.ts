import { type Duration, toMilliseconds } from "../base/duration.ts";
import { type Logger, quietConsole } from "../base/logger.ts";
import { unfailingLogger } from "../base/unfailing-logger.ts";
import type { Retention } from "../storage/index.ts";
import { checkServerOptions, invalidServerOption } from "./check-server-options.ts";
import type { RetentionOptions, RetentionRule, ServerParts, ServerSettings } from "./server-options.ts";

/** The settings in milliseconds, checked. */
export interface Timing {
  readonly heartbeatMs: number;
  readonly timeoutMs: number;
  readonly checkMs: number;
  readonly pollingMs: number;
  readonly shutdownMs: number;
}

/** What a server works with: its options, checked, and the defaults of those that were left out. */
export interface Settings {
  readonly name: string;
  readonly queues: readonly string[];
  readonly workerCount: number;
  readonly timing: Timing;
  readonly retention: readonly Retention[];
  readonly logger: Logger;
}

export function toSettings(parts: ServerParts): Settings {
  checkServerOptions(parts);
  const { queues = ["default"], threads, workerCount = threads ?? 20, logger = quietConsole } = parts;
  return {
    name: parts.name ?? queues.join(","),
    queues: [...queues],
    workerCount,
    timing: toTiming(parts),
    retention: toRetention(parts.retention),
    logger: unfailingLogger(logger),
  };
}

function toTiming(settings: ServerSettings): Timing {
  const { heartbeatInterval, serverTimeout } = settings;
  return {
    ...toLease(heartbeatInterval, serverTimeout),
    checkMs: toMilliseconds(settings.serverCheckInterval ?? "5s"),
    pollingMs: toMilliseconds(settings.pollingInterval ?? "1s"),
    shutdownMs: toMilliseconds(settings.shutdownTimeout ?? "15s"),
  };
}

const HEARTBEAT_MS = 10_000;
/** A lease outlives two renewals that fail. */
const BEATS = 3;

/** Each follows the other where only one is given. */
function toLease(
  heartbeatInterval: Duration | undefined,
  serverTimeout: Duration | undefined,
): { readonly heartbeatMs: number; readonly timeoutMs: number } {
  const heartbeat = heartbeatInterval === undefined ? undefined : toMilliseconds(heartbeatInterval);
  const timeoutMs =
    serverTimeout === undefined
      ? BEATS * Math.max(heartbeat ?? 0, HEARTBEAT_MS)
      : toMilliseconds(serverTimeout);
  const heartbeatMs = heartbeat ?? Math.min(Math.ceil(timeoutMs / BEATS), HEARTBEAT_MS);
  if (heartbeatMs * 2 < timeoutMs) return { heartbeatMs, timeoutMs };
  if (heartbeatInterval === undefined) {
    throw invalidServerOption("serverTimeout", serverTimeout, "it is too short for a heartbeat of 1 ms");
  }
  const rule = "it is not shorter than half of serverTimeout, so one late renewal would lose the lease";
  throw invalidServerOption("heartbeatInterval", heartbeatInterval, rule);
}

const DEFAULT_RETENTION: RetentionRule = { age: "1d", count: 1_000_000 };

function toRetention({ succeeded, failed, deleted }: RetentionOptions = {}): readonly Retention[] {
  return [
    rule("Succeeded", succeeded ?? DEFAULT_RETENTION),
    rule("Deleted", deleted ?? DEFAULT_RETENTION),
    rule("Failed", failed ?? "forever"),
  ].filter(({ ageMs, count }) => ageMs !== null || count !== null);
}

function rule(state: Retention["state"], kept: RetentionRule): Retention {
  if (kept === "forever") return { state, ageMs: null, count: null };
  if (typeof kept === "string" || !("age" in kept || "count" in kept)) {
    return { state, ageMs: toMilliseconds(kept as Duration), count: null };
  }
  const { age, count } = kept;
  return { state, ageMs: age === undefined ? null : toMilliseconds(age), count: count ?? null };
}
