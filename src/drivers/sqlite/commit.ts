import { type Change, type CommitOutcome, entryLine, FLAG, type JobState } from "../../storage/index.ts";
import { HOLD, STATE, toState } from "../shared/state-codes.ts";
import { newBudget, resolveParent } from "./gates.ts";
import { idBytes } from "./id.ts";
import { dueTime } from "./insert-row.ts";
import { text } from "./row.ts";
import type { Transaction } from "./transaction.ts";

/** A claim that ends in a settled state, with nothing beside the row to look after: nearly every commit, in one statement. */
const SETTLE_PLAIN_CLAIM = `UPDATE firelater_job SET state = ?, state_at = ?, entry = ?, history = ?, owner = NULL,
  blamed = 0, failures = failures + ?, fence = fence + 1 WHERE id = ? AND fence = ? AND +state = 4 AND flags = 0`;
const READ =
  "SELECT key, fence, state, entry, history, flags, queue, seq, due_at, planned_at FROM firelater_job WHERE id = ?";
const WRITE = `UPDATE firelater_job SET state = ?, state_at = ?, entry = ?, hold = ?, history = ?, due_at = ?, planned_at = ?, queue = ?,
  seq = ?, owner = NULL, blamed = 0, failures = failures + ?, crashes = crashes + ?, flags = flags & ?, fence = fence + 1 WHERE key = ?`;

export function commit(tx: Transaction, changes: readonly Change[]): CommitOutcome[] {
  const budget = newBudget();
  return changes.map((change) => {
    const id = idBytes(change.id);
    if (settlePlainClaim(tx, change, id)) return "applied";
    const row = tx.sql.first(READ, id);
    if (row === undefined) return "gone";
    if (row[1] !== change.fence) return isReplay(row, change) ? "already" : "stale";
    write(tx, row, change);
    if (Number(row[5]) & FLAG.parent) resolveParent(tx, id, change, budget);
    return "applied";
  });
}

function settlePlainClaim(tx: Transaction, change: Change, id: Uint8Array): boolean {
  if (change.state === "Enqueued" || change.state === "Scheduled") return false;
  if (change.replaced !== undefined || change.queue !== undefined || change.crashed) return false;
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
  if (written === 1) tx.moved("Processing", change.state);
  return written === 1;
}

function write(tx: Transaction, row: readonly unknown[], change: Change): void {
  const queue = change.queue ?? String(row[6]);
  const dueAt = dueAtOf(tx, row[8], change);
  const enqueued = change.state === "Enqueued";
  tx.sql.run(
    WRITE,
    STATE[change.state],
    tx.now,
    enqueued ? "" : change.entry,
    holdOf(change.state),
    historyOf(tx, change),
    dueAt,
    change.state === "Scheduled" && change.failed !== true ? dueAt : numberOrNull(row[9]),
    queue,
    enqueued && !change.keepSeq ? tx.nextSeqs(1) : Number(row[7]),
    change.failed ? 1 : 0,
    change.crashed ? 1 : 0,
    ~FLAG.recovered,
    Number(row[0]),
  );
  tx.moved(toState(Number(row[2])), change.state);
  if (enqueued) tx.readied(queue);
  if (change.state === "Scheduled" && dueAt !== null) tx.signal({ kind: "due", at: dueAt });
}

function dueAtOf(tx: Transaction, before: unknown, change: Change): number | null {
  if (change.state === "Scheduled") return dueTime(tx, change.due ?? { in: 0 });
  return numberOrNull(before);
}

function numberOrNull(value: unknown): number | null {
  return typeof value === "number" ? value : null;
}

function holdOf(state: JobState): number {
  return state === "Scheduled" ? HOLD.due : HOLD.none;
}

function historyOf(tx: Transaction, change: Change): string {
  const replaced = (change.replaced ?? []).map((tail) => entryLine(tx.now, tail)).join("");
  return change.past + replaced + (change.state === "Enqueued" ? entryLine(tx.now, change.entry) : "");
}

/** The answer to this very commit was lost and it is sent again. */
function isReplay(row: readonly unknown[], change: Change): boolean {
  if (row[1] !== change.fence + 1 || row[2] !== STATE[change.state]) return false;
  return change.state === "Enqueued"
    ? text(String(row[4])).endsWith(`,${change.entry}}\n`)
    : row[3] === change.entry;
}
