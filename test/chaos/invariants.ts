/** Holds the whole file against the ledger: what `src/storage/README.md` promises as I1 to I7. */
import { DatabaseSync } from "node:sqlite";
import { idText } from "../../src/drivers/sqlite/id.ts";
import { JOB_STATES } from "../../src/storage/index.ts";
import { type LedgerEntry, readLedger, starts } from "./ledger.ts";

interface Row {
  readonly id: string;
  readonly state: string;
  readonly failures: number;
  readonly crashes: number;
  readonly fence: number;
  readonly history: readonly { readonly state: string; readonly reason?: string; readonly at: number }[];
}

export interface Findings {
  /** Empty when all invariants hold. */
  readonly broken: string[];
  /** Milliseconds from the kill of a job's process to its next start, of every job that was orphaned. */
  readonly recoveries: number[];
}

/** `accepted` are the ids whose enqueue has resolved; all of them have ended by now. */
export function checkInvariants(scene: {
  readonly file: string;
  readonly ledger: string;
  readonly accepted: readonly string[];
  readonly killedAt: ReadonlyMap<number, number>;
}): Findings {
  const database = new DatabaseSync(scene.file, { readOnly: true });
  const rows = readRows(database);
  const ledger = readLedger(scene.ledger);
  const broken = [...checkCounters(database), ...checkLosses(rows, scene.accepted)];
  const recoveries: number[] = [];
  for (const row of rows.values()) {
    const entries = ledger.get(row.id) ?? [];
    broken.push(...checkJob(row, entries));
    broken.push(...checkOverlap(row, starts(entries), scene.killedAt, recoveries));
  }
  database.close();
  return { broken, recoveries: recoveries.toSorted((a, b) => a - b) };
}

function readRows(database: DatabaseSync): Map<string, Row> {
  const rows = database.prepare("SELECT * FROM firelater_job").all();
  return new Map(
    rows.map((row) => {
      const state = JOB_STATES[Number(row.state) - 1] ?? "?";
      const lines = String(row.history).split("\n").filter(Boolean);
      if (state !== "Enqueued") lines.push(`{"at":${row.state_at},${row.entry}}`);
      const id = idText(row.id);
      const [failures, crashes, fence] = [Number(row.failures), Number(row.crashes), Number(row.fence)];
      return [id, { id, state, failures, crashes, fence, history: lines.map((line) => JSON.parse(line)) }];
    }),
  );
}

/** I1: every accepted job is there, once, and has succeeded. The id is unique in the table itself. */
function checkLosses(rows: ReadonlyMap<string, Row>, accepted: readonly string[]): string[] {
  return accepted.flatMap((id) => {
    const state = rows.get(id)?.state;
    return state === "Succeeded" ? [] : [`I1: job ${id} is ${state ?? "lost"}`];
  });
}

function checkJob(row: Row, entries: readonly LedgerEntry[]): string[] {
  const count = (state: string, reason = "") =>
    row.history.filter((entry) => entry.state === state && (entry.reason ?? "").startsWith(reason)).length;
  const broken: string[] = [];
  const hold = (invariant: string, holds: boolean) => {
    if (!holds) broken.push(`${invariant}: job ${row.id} ${JSON.stringify({ row, entries })}`);
  };
  const succeeded = count("Succeeded");
  const claims = count("Processing");
  const recovered = count("Enqueued", "Recovered");
  const interrupted = count("Enqueued", "Given back");
  hold("I3, one accepted completion", row.state !== "Succeeded" || succeeded === 1);
  // The end that was accepted belongs to the newest claim: its own commit raised the fence once more.
  const newest = Math.max(0, ...entries.map(({ fence }) => fence));
  const ended = entries.some(({ event, fence }) => event === "end" && fence === row.fence - 1);
  hold(
    "I3, the accepted fence is the highest",
    row.state !== "Succeeded" || (ended && newest === row.fence - 1),
  );
  hold("I4, failures", row.failures === 0);
  // A run that was recovered without a crash to its name was an interruption.
  hold("I4, starts", starts(entries).length <= 1 + row.failures + recovered + interrupted);
  hold("I4, crashes", row.crashes <= recovered + count("Failed", "Quarantined"));
  hold("I4, every start has its entry", starts(entries).length <= claims);
  hold(
    "history is in order",
    row.history.every(({ at }, n) => at >= (row.history[n - 1]?.at ?? 0)),
  );
  return broken;
}

/** I5: a job starts again only after the process that ran it is dead. Collects how long that took. */
function checkOverlap(
  row: Row,
  runs: readonly LedgerEntry[],
  killedAt: ReadonlyMap<number, number>,
  recoveries: number[],
): string[] {
  const broken: string[] = [];
  runs.forEach((run, index) => {
    const next = runs[index + 1];
    if (next === undefined) return;
    const killed = killedAt.get(run.pid);
    if (killed === undefined || killed > next.at || run.fence >= next.fence) {
      broken.push(`I5: job ${row.id} ran twice at once: ${JSON.stringify([run, next, killed])}`);
    } else recoveries.push(next.at - killed);
  });
  return broken;
}

/** I7: counters are kept by every write; a full scan must agree with them. */
function checkCounters(database: DatabaseSync): string[] {
  const broken: string[] = [];
  const [integrity] = database.prepare("PRAGMA integrity_check").all();
  if (integrity?.integrity_check !== "ok") broken.push(`I7: ${JSON.stringify(integrity)}`);
  for (const [index, state] of JOB_STATES.entries()) {
    const counted = database
      .prepare("SELECT value FROM firelater_counter WHERE name = ?")
      .get(String(index + 1));
    const scanned = database
      .prepare("SELECT count(*) AS n FROM firelater_job WHERE state = ?")
      .get(index + 1);
    if (counted?.value !== scanned?.n)
      broken.push(`I7: ${state} counts ${counted?.value}, has ${scanned?.n}`);
  }
  return broken;
}

/** A few figures of many, for people. */
export function describeTimes(times: readonly number[]): string {
  const at = (share: number) => times[Math.min(Math.floor(times.length * share), times.length - 1)];
  return times.length === 0
    ? "none"
    : `${times.length} times, p50 ${at(0.5)} ms, p95 ${at(0.95)} ms, longest ${times.at(-1)} ms`;
}
