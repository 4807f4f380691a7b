import { type Change, type CommitOutcome, entryLine, FLAG, isFinal, TAIL } from "../../storage/index.ts";
import { HOLD, STATE } from "../shared/state-codes.ts";
import { freePermits, newBudget, resolveParent, type SettleBudget } from "./gates.ts";
import { idBytes } from "./id.ts";
import { dueTime } from "./insert-row.ts";
import { keyOf, type LockedRow, lockRows, type Move, writeMoves } from "./locked-row.ts";
import { type Entrance, enter, READY } from "./permits.ts";
import type { Statements } from "./statements.ts";
import { TakenError, type Transaction } from "./transaction.ts";

export async function commit(tx: Transaction, changes: readonly Change[]): Promise<CommitOutcome[]> {
  const budget = newBudget(undefined, changes.length, "fail");
  const outcomes = new Map<Change, CommitOutcome>();
  for (const round of rounds(changes)) await commitRound(tx, round, outcomes, budget);
  return changes.map((change) => outcomes.get(change) ?? "busy");
}

/** Nobody is waited for: of rows that a neighbour holds it is only read whether the change could still apply. */
async function commitRound(
  tx: Transaction,
  changes: readonly Change[],
  outcomes: Map<Change, CommitOutcome>,
  budget: SettleBudget,
): Promise<void> {
  const locked = await lockRows(
    tx.sql,
    changes.map(({ id }) => idBytes(id)),
    "pass",
  );
  const plain: Move[] = [];
  for (const change of changes) {
    const row = locked.get(keyOf(idBytes(change.id)));
    if (row?.fence !== change.fence) {
      outcomes.set(change, await judge(tx.sql, change, row !== undefined));
      continue;
    }
    if (isPlain(row, change)) plain.push(await moveOf(tx, row, change, READY));
    else {
      // In order: what is behind its gates and its limit is settled after what stands before it.
      await writeMoves(tx, plain.splice(0), "replace");
      const left = { ...budget };
      if ((await tx.part(() => apply(tx, row, change, budget))) === "taken") {
        Object.assign(budget, left);
        outcomes.set(change, "busy");
        continue;
      }
    }
    outcomes.set(change, "applied");
    if (change.failed && change.state !== "Failed") tx.retried();
  }
  await writeMoves(tx, plain, "replace");
}

/** Of two changes of one job the second is judged after the first. */
export function rounds(changes: readonly Change[]): Change[][] {
  const rounds: Change[][] = [];
  const seen = new Map<string, number>();
  for (const change of changes) {
    const nth = seen.get(change.id) ?? 0;
    seen.set(change.id, nth + 1);
    const round = rounds[nth];
    if (round === undefined) rounds.push([change]);
    else round.push(change);
  }
  return rounds;
}

/** A change that concerns nobody but the job. */
function isPlain({ flags }: LockedRow, { state }: Change): boolean {
  return (flags & FLAG.limited) === 0 && ((flags & FLAG.parent) === 0 || !isFinal(state));
}

/** The change, and what it means for others: behind its gates first, then for those that wait for its permit. */
async function apply(tx: Transaction, row: LockedRow, change: Change, budget: SettleBudget): Promise<void> {
  const { limit } = row;
  let entrance: Entrance | undefined = READY;
  let seq = row.seq;
  if (change.state === "Enqueued") {
    if (!change.keepSeq) seq = await tx.nextSeqs(1);
    // A job that is on its way already keeps its permit.
    if (limit !== null && !isOnItsWay(row))
      entrance = await enter(tx, limit, { id: row.id, rank: row.rank, seq });
    // A neighbour holds the key that decides where it goes.
    if (entrance === undefined) throw new TakenError();
  }
  const move = { ...(await moveOf(tx, row, change, entrance, seq)) };
  await writeMoves(tx, [move], "replace");
  if (row.flags & FLAG.parent)
    await resolveParent(tx, row.id, { state: move.state, fence: change.fence }, budget);
  if (limit !== null) await freePermits(tx, limit.key, budget);
}

export async function moveOf(
  tx: Transaction,
  row: LockedRow,
  change: Change,
  entrance: Entrance,
  given?: number,
): Promise<Move> {
  const { state, failed = false, crashed = false, keepsPlan = false } = change;
  const isEnqueued = state === "Enqueued";
  const dueAt = state === "Scheduled" ? dueTime(tx, change.due ?? { in: 0 }) : row.dueAt;
  if (state === "Scheduled" && dueAt !== null) tx.signal({ kind: "due", at: dueAt });
  return {
    row,
    ...(isEnqueued
      ? entrance
      : { state, entry: change.entry, hold: state === "Scheduled" ? HOLD.due : HOLD.none }),
    seq: given ?? (isEnqueued && !change.keepSeq ? await tx.nextSeqs(1) : row.seq),
    queue: change.queue ?? row.queue,
    dueAt,
    plannedAt: state === "Scheduled" && !keepsPlan ? dueAt : row.plannedAt,
    failures: row.failures + (failed ? 1 : 0),
    crashes: row.crashes + (crashed ? 1 : 0),
    flags: row.flags & ~FLAG.recovered,
    parameters: change.parameters,
    history: historyOf(tx, change),
  };
}

export function isOnItsWay({ state, hold }: LockedRow): boolean {
  return state === "Processing" || (state === "Enqueued" && hold !== HOLD.limit);
}

function historyOf(tx: Transaction, change: Change): string {
  const replaced = (change.replaced ?? []).map((tail) => entryLine(tx.now, tail)).join("");
  return change.past + replaced + (change.state === "Enqueued" ? entryLine(tx.now, change.entry) : "");
}

/** What became of a change whose fence is not the job's, or whose row a neighbour holds. `lock`: how the row is read. */
export async function judge(
  sql: Statements,
  change: Change,
  isLocked: boolean,
  lock: "" | "FOR UPDATE" = "",
): Promise<CommitOutcome> {
  const tail = `,${change.entry}}\n`;
  const row = await sql.first(
    `SELECT fence, state, entry, RIGHT(history, CHAR_LENGTH(?)) = ? FROM firelater_job WHERE id = ? ${lock}`,
    tail,
    tail,
    idBytes(change.id),
  );
  if (row === undefined) return "gone";
  if (Number(row[0]) === change.fence && !isLocked) return "busy";
  return isReplay(row, change) ? "already" : "stale";
}

/** The answer to this very commit was lost and it is sent again. */
function isReplay(row: readonly unknown[], { fence, state, entry }: Change): boolean {
  if (Number(row[0]) !== fence + 1) return false;
  const found = Number(row[1]);
  if (state !== "Enqueued") return found === STATE[state] && row[2] === entry;
  const wasSkipped = found === STATE.Deleted && row[2] === TAIL.skipped;
  return (found === STATE.Enqueued || wasSkipped) && Number(row[3]) === 1;
}
