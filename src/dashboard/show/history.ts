import { JOB_STATES, type JobRecord } from "../../storage/index.ts";
import type { HistoryItem } from "../api/job.ts";
import type { ShownJson } from "../api/shown.ts";
import { type Entry, entriesOf, numberIn, textIn } from "./entry.ts";
import type { Redactor } from "./redactor.ts";
import { showError } from "./shown-error.ts";
import { ShowBudget, showValue } from "./shown-json.ts";
import { StoredValues } from "./stored-values.ts";

/** Members that have a place of their own. */
const PLACED = new Set([
  ...["at", "state", "reason", "error", "fingerprint", "result", "resultOmitted", "duration", "latency"],
  ...["server", "incarnation"],
]);

/** The history of a job for people; what needs the permission is left out without it. */
export function showHistory(
  job: JobRecord,
  redactor: Redactor,
  withData: boolean,
): { readonly items: readonly HistoryItem[]; readonly dropped: number } {
  const { entries, dropped } = entriesOf(job);
  const attempts = attemptsOf(job, entries);
  const items = entries.map((entry, at) => toItem(entry, attempts[at] ?? null, redactor, withData));
  return { items, dropped };
}

function toItem(entry: Entry, attempt: number | null, redactor: Redactor, withData: boolean): HistoryItem {
  const state = JOB_STATES.find((known) => known === entry.state) ?? "Enqueued";
  return {
    at: entry.at,
    state,
    reason: withData ? redactor.textOrNull(textIn(entry, "reason"), "reason") : null,
    attempt,
    server: state === "Processing" ? serverOf(entry) : null,
    durationMs: numberIn(entry, "duration"),
    latencyMs: numberIn(entry, "latency"),
    error: withData ? showError(entry.error, entry.fingerprint, redactor) : null,
    result:
      withData && entry.result !== undefined
        ? new StoredValues(redactor).result(JSON.stringify(entry.result))
        : null,
    resultOmitted: withData ? redactor.textOrNull(textIn(entry, "resultOmitted"), "reason") : null,
    data: withData ? others(entry, redactor) : {},
  };
}

function serverOf(entry: Entry): HistoryItem["server"] {
  return { incarnation: textIn(entry, "incarnation"), name: textIn(entry, "server") };
}

function others(entry: Entry, redactor: Redactor): { readonly [key: string]: ShownJson } {
  const shown: { [key: string]: ShownJson } = {};
  const budget = new ShowBudget(4_096);
  for (const [key, value] of Object.entries(entry)) {
    if (PLACED.has(key)) continue;
    const member = showValue(value, redactor, ["entry", key], budget);
    Object.defineProperty(shown, key, { value: member, enumerable: true });
  }
  return shown;
}

/**
 * Which run each entry belongs to, counted back from the failures that the job has now: a long history has lost its
 * beginning. Failed without an error is no failed run: a quarantine.
 */
function attemptsOf(job: JobRecord, entries: readonly Entry[]): (number | null)[] {
  const attempts: (number | null)[] = entries.map(() => null);
  let attempt = job.failures + 1;
  for (let at = entries.length - 1; at >= 0; at--) {
    const entry = entries[at];
    if (entry?.state === "Failed" && entry.error !== undefined) attempt = Math.max(attempt - 1, 1);
    const isOfRun =
      entry?.state === "Processing" || entry?.state === "Failed" || entry?.state === "Succeeded";
    if (isOfRun) attempts[at] = attempt;
  }
  return attempts;
}
