import { type Duration, toMilliseconds } from "../base/duration.ts";
import { preview } from "../base/error.ts";
import { checkFilters } from "../job/check-filters.ts";
import { checkFields, checkQueue, InvalidOptionsError, isRecord } from "../job/options.ts";
import type { RetentionOptions, RetentionRule, ServerParts } from "./server-options.ts";

type Checks<T> = { readonly [Name in keyof T]-?: (value: unknown, label: string) => void };

const LOGGER_METHODS = ["debug", "info", "warn", "error"];
/** What a server asks of a storage from its first moment: enough to tell a storage from something else. */
const STORAGE_METHODS = ["claim", "commit", "announce", "heartbeat", "subscribe"];

const SERVER_CHECKS: Checks<ServerParts> = {
  storage: checkStorage,
  // What defineJobs has not made is refused with its own code by whoever reads it.
  jobs: () => {},
  threads: (value, label) => checkInteger(value, label, 1, 256),
  resourceLimits: checkResourceLimits,
  processes: () => {},
  activate: checkFunction,
  name: checkName,
  queues: checkQueues,
  workerCount: (value, label) => checkInteger(value, label, 1, 1_000),
  heartbeatInterval: checkInterval,
  serverTimeout: checkInterval,
  serverCheckInterval: checkInterval,
  pollingInterval: checkInterval,
  shutdownTimeout: checkDuration,
  signals: checkBoolean,
  retention: (value, label) => checkFields(value, RETENTION_CHECKS, label),
  logger: checkLogger,
  filters: checkFilters,
  maxResultBytes: (value, label) => checkInteger(value, label, 1),
};

const RETENTION_CHECKS: Checks<RetentionOptions> = {
  succeeded: checkRule,
  failed: checkRule,
  deleted: checkRule,
};

const RULE_CHECKS: Checks<Extract<RetentionRule, { readonly count?: number }>> = {
  age: checkDuration,
  count: (value, label) => checkInteger(value, label, 0),
};

/** Refuses options with unknown names and values of the wrong kind, each by its name. */
export function checkServerOptions(parts: ServerParts): void {
  checkFields(parts, SERVER_CHECKS, "the options of a server");
  checkThreads(parts);
}

/** Threads load their jobs from a module, and the module belongs to threads. */
function checkThreads({ jobs, threads, workerCount, activate, filters }: ServerParts): void {
  const isModule = jobs instanceof URL;
  if (threads === undefined) {
    if (!isModule) return;
    throw invalidServerOption(
      "jobs",
      jobs,
      "a module is run in threads, and `threads` does not say how many",
    );
  }
  if (!isModule) {
    const rule = 'jobs in threads are given as a module, like new URL("./jobs.ts", import.meta.url)';
    throw invalidServerOption("jobs", jobs, rule);
  }
  if (workerCount !== undefined)
    throw invalidServerOption(
      "workerCount",
      workerCount,
      "each thread runs one job at a time: set `threads`",
    );
  if (activate !== undefined) {
    throw invalidServerOption("activate", activate, "in threads the module exports it, beside `jobs`");
  }
  if (filters !== undefined) {
    throw invalidServerOption("filters", filters, "in threads the module exports them, beside `jobs`");
  }
}

/** The error for an option that a server cannot use. */
export function invalidServerOption(option: string, value: unknown, rule: string): InvalidOptionsError {
  return new InvalidOptionsError({
    code: "FL_INVALID_OPTIONS",
    what: `Cannot use ${preview(value)} as ${option}: ${rule}.`,
    mend: "Correct it where the server is made.",
  });
}

function checkStorage(value: unknown, label: string): void {
  if (hasMethods(value, STORAGE_METHODS)) return;
  throw invalidServerOption(label, value, 'it is not a storage, like new SqliteStorage("jobs.db")');
}

function checkLogger(value: unknown, label: string): void {
  if (hasMethods(value, LOGGER_METHODS)) return;
  throw invalidServerOption(label, value, "it has not the methods debug, info, warn and error");
}

function checkResourceLimits(value: unknown, label: string): void {
  if (!isRecord(value) || Object.values(value).some((limit) => typeof limit !== "number")) {
    throw invalidServerOption(label, value, "it is not an object like { maxOldGenerationSizeMb: 512 }");
  }
}

function checkFunction(value: unknown, label: string): void {
  if (typeof value !== "function") throw invalidServerOption(label, value, "it is not a function");
}

function checkBoolean(value: unknown, label: string): void {
  if (typeof value !== "boolean") throw invalidServerOption(label, value, "it is neither true nor false");
}

function checkName(value: unknown, label: string): void {
  if (typeof value === "string" && value.trim() !== "") return;
  throw invalidServerOption(label, value, "it is not a text that says something");
}

function checkQueues(value: unknown, label: string): void {
  if (!Array.isArray(value) || value.length === 0 || value.length > 100) {
    throw invalidServerOption(label, value, "it is not a list of 1 to 100 names");
  }
  for (const queue of value) checkQueue(queue);
  if (new Set(value).size !== value.length) throw invalidServerOption(label, value, "a name repeats");
}

function checkInteger(value: unknown, label: string, least: number, most = Number.MAX_SAFE_INTEGER): void {
  if (typeof value === "number" && Number.isInteger(value) && value >= least && value <= most) return;
  const upTo = most === Number.MAX_SAFE_INTEGER ? "on" : `to ${most}`;
  throw invalidServerOption(label, value, `it is not an integer from ${least} ${upTo}`);
}

function checkDuration(value: unknown, label: string): void {
  // The compiler takes Duration only; what comes from JavaScript is looked at by toMilliseconds itself.
  toMilliseconds(value as Duration, label);
}

function checkInterval(value: unknown, label: string): void {
  if (toMilliseconds(value as Duration, label) < 1) {
    throw invalidServerOption(label, value, "it is shorter than 1 ms");
  }
}

function checkRule(value: unknown, label: string): void {
  if (value === "forever") return;
  if (isRecord(value) && ("age" in value || "count" in value)) checkFields(value, RULE_CHECKS, label);
  else checkDuration(value, label);
}

function hasMethods(value: unknown, methods: readonly string[]): boolean {
  if (typeof value !== "object" || value === null) return false;
  return methods.every((method) => typeof Reflect.get(value, method) === "function");
}
