import {
  type Change,
  type CommitOutcome,
  entryLine,
  FLAG,
  type JobLimit,
  TAIL,
} from "../../storage/index.ts";
import { HOLD, STATE, toState } from "../shared/state-codes.ts";
import { freePermits, newBudget, resolveParent, type SettleBudget } from "./gates.ts";
import { idBytes } from "./id.ts";
import { dueTime } from "./insert-row.ts";
import { enter, limitOf, permitOf, READY } from "./permits.ts";
import { text } from "./row.ts";
import type { SqlValue } from "./statements.ts";
import type { Transaction } from "./transaction.ts";

/** A claim that ends in a settled state, with nothing beside the row to look after: nearly every commit, in one statement. */
const SETTLE_PLAIN_CLAIM = `UPDATE firelater_job SET state = ?, state_at = ?, entry = ?, history = ?, owner = NULL,
  blamed = 0, failures = failures + ?, fence = fence + 1 WHERE id = ? AND fence = ? AND +state = 4 AND flags = 0`;
const READ = `SELECT key, fence, state, entry, history, flags, queue, seq, due_at, planned_at, hold, rank
  FROM firelater_job WHERE id = ?`;
const WRITE = `UPDATE firelater_job SET state = ?, state_at = ?, entry = ?, hold = ?, history = ?, due_at = ?, planned_at = ?, queue = ?,
  seq = ?, owner = NULL, blamed = 0, failures = failures + ?, crashes = crashes + ?, flags = flags & ?, fence = fence + 1,
  parameters = ifnull(?, parameters), permit = ? WHERE key = ?`;

export function commit(tx: Transaction, changes: readonly Change[]): CommitOutcome[] {
  const budget = newBudget(undefined, changes.length);
  return changes.map((change) => {
    const id = idBytes(change.id);
    if (settlePlainClaim(tx, change, id)) return "applied";
    const row = tx.sql.first(READ, id);
    if (row === undefined) return "gone";
    if (row[1] !== change.fence) return isReplay(row, change) ? "already" : "stale";
    apply(tx, id, row, change, budget);
    return "applied";
  });
}

function settlePlainClaim(tx: Transaction, change: Change, id: Uint8Array): boolean {
  if (change.state === "Enqueued" || change.state === "Scheduled") return false;
  if (change.replaced !== undefined || change.queue !== undefined || change.crashed) return false;
  if (change.parameters !== undefined) return false;
  const written = tx.sql.run(
    SETTLE_PLAIN_CLAIM,
    STATE[change.state],
    tx.now,
    change.entry,
    change.past,
    change.failed ? 1 : 0,
    id,
    change.fence,
  );
  if (written === 1) count(tx, "Processing", change, change.state);
  return written === 1;
}

function count(
  tx: Transaction,
  from: Change["state"] | "Processing" | "Awaiting",
  change: Change,
  to: Change["state"],
): void {
  tx.moved(from, to);
  if (change.failed && change.state !== "Failed") tx.retried();
}

/** The change, and what it means for others: behind its gates first, then for those that wait for its permit. */
function apply(
  tx: Transaction,
  id: Uint8Array,
  row: readonly SqlValue[],
  change: Change,
  budget: SettleBudget,
): void {
  const flags = Number(row[5]);
  const limit = flags & FLAG.limited ? limitOf(tx.sql, row[0] ?? null) : null;
  const state = write(tx, row, change, limit);
  if (flags & FLAG.parent) resolveParent(tx, id, { state, fence: change.fence }, budget);
  if (limit !== null) freePermits(tx, limit.key, budget);
}

/** The state that was entered: a job may be skipped where it was to be Enqueued. */
function write(
  tx: Transaction,
  row: readonly SqlValue[],
  change: Change,
  limit: JobLimit | null,
): Change["state"] {
  const queue = change.queue ?? String(row[6]);
  const dueAt = dueAtOf(tx, row[8], change);
  const enqueued = change.state === "Enqueued";
  const seq = enqueued && !change.keepSeq ? tx.nextSeqs(1) : Number(row[7]);
  const { state, hold, entry } = enteredBy(tx, row, change, limit, seq);
  tx.sql.run(
    WRITE,
    STATE[state],
    tx.now,
    entry,
    hold,
    historyOf(tx, change),
    dueAt,
    change.state === "Scheduled" && change.keepsPlan !== true ? dueAt : numberOrNull(row[9]),
    queue,
    seq,
    change.failed ? 1 : 0,
    change.crashed ? 1 : 0,
    ~FLAG.recovered,
    change.parameters ?? null,
    permitOf(limit, state, hold),
    row[0] ?? null,
  );
  count(tx, toState(Number(row[2])), change, state);
  if (state === "Enqueued" && hold === HOLD.none) tx.readied(queue);
  if (state === "Scheduled" && dueAt !== null) tx.signal({ kind: "due", at: dueAt });
  return state;
}

interface Entered {
  readonly state: Change["state"];
  readonly hold: number;
  readonly entry: string;
}

function enteredBy(
  tx: Transaction,
  row: readonly SqlValue[],
  { state, entry }: Change,
  limit: JobLimit | null,
  seq: number,
): Entered {
  if (state !== "Enqueued") return { state, entry, hold: state === "Scheduled" ? HOLD.due : HOLD.none };
  // A job that is on its way already keeps its permit.
  if (limit === null || isOnItsWay(row)) return READY;
  return enter(tx, limit, { key: row[0] ?? null, rank: Number(row[11]), seq });
}

function isOnItsWay(row: readonly SqlValue[]): boolean {
  return row[2] === STATE.Processing || (row[2] === STATE.Enqueued && row[10] !== HOLD.limit);
}

function dueAtOf(tx: Transaction, before: unknown, change: Change): number | null {
  if (change.state === "Scheduled") return dueTime(tx, change.due ?? { in: 0 });
  return numberOrNull(before);
}

function numberOrNull(value: unknown): number | null {
  return typeof value === "number" ? value : null;
}

function historyOf(tx: Transaction, change: Change): string {
  const replaced = (change.replaced ?? []).map((tail) => entryLine(tx.now, tail)).join("");
  return change.past + replaced + (change.state === "Enqueued" ? entryLine(tx.now, change.entry) : "");
}

/** The answer to this very commit was lost and it is sent again. */
function isReplay(row: readonly SqlValue[], { fence, state, entry }: Change): boolean {
  if (row[1] !== fence + 1) return false;
  if (state !== "Enqueued") return row[2] === STATE[state] && row[3] === entry;
  const wasSkipped = row[2] === STATE.Deleted && row[3] === TAIL.skipped;
  return (row[2] === STATE.Enqueued || wasSkipped) && text(row[4]).endsWith(`,${entry}}\n`);
}
