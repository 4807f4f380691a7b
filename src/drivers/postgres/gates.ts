/**
 * Gates join a job to its parents. A gate row has the id of the job that waits behind it and counts the parents that
 * are still to succeed; edges tie parents to it.
 *
 * Nothing here waits for a lock, so nothing here can deadlock: what a neighbour holds, and what exceeds the budget, is
 * written down as a release record in the same transaction. If we crash, either all of it has happened or nothing.
 */
import { FLAG, type ReleaseResult, TAIL } from "../../storage/index.ts";
import { STATE } from "../shared/state-codes.ts";
import { plainArray, textArray } from "./arrays.ts";
import type { Connection } from "./connection.ts";
import {
  DELETE_WAITERS,
  MORE_RECORDS,
  READY_WAITERS,
  REMAINING_EDGES,
  RESOLVE_EDGES,
  SPANS,
  STILL_AWAITING,
  TAKE_RECORDS,
  WRITE_DOWN,
} from "./gate-statements.ts";
import type { Runner } from "./statements.ts";

/** Edges, and waiters, that one write settles at most. */
export const SETTLED_IN_ONE_WRITE = 100;

/** A job that has reached a final state and has children. */
export interface Ending {
  readonly id: string;
  /** The state code of Succeeded or Deleted. */
  readonly outcome: number;
}

/** Edges of one ending of a parent, those of the keys (after, upto]; or the waiter behind a gate that opened or broke. */
interface Work extends Ending {
  readonly kind: "parent" | "gate";
  readonly after: number;
  readonly upto: number;
}

interface Settled {
  /** How much of the budget it took. */
  readonly count: number;
  /** What follows from it: gates of edges, endings of waiters. */
  readonly next: readonly Ending[];
  /** What has to wait for `release`. */
  readonly later: readonly Work[];
}

const NOTHING: Settled = { count: 0, next: [], later: [] };

/** What endings of this very transaction mean for others; the jobs themselves are written already. */
export async function settleEndings(tx: Runner, endings: readonly Ending[], budget: number): Promise<void> {
  await settle(tx, await spansOf(tx, endings), budget);
}

/** Works until nothing or no budget is left; the waiters that were readied or deleted. */
async function settle(tx: Runner, work: readonly Work[], budget: number): Promise<number> {
  const later: Work[] = [];
  let now = work;
  let settled = 0;
  for (let left = budget; now.length > 0; ) {
    if (left <= 0) {
      later.push(...now);
      break;
    }
    const edges = await resolveEdges(
      tx,
      now.filter(({ kind }) => kind === "parent"),
      left,
    );
    const gates = [...now.filter(({ kind }) => kind === "gate"), ...edges.next.map(gateOf)];
    const waiters = await settleWaiters(tx, gates.slice(0, left));
    later.push(...edges.later, ...gates.slice(left), ...waiters.later);
    settled += waiters.count;
    left -= Math.max(edges.count, waiters.count, 1);
    now = await spansOf(tx, waiters.next);
  }
  if (later.length > 0) await tx.run(WRITE_DOWN, columnsOf(later));
  return settled;
}

export function release(connection: Connection, limit: number): Promise<ReleaseResult> {
  return connection.attempt("release jobs", () =>
    connection.transaction(async (tx) => {
      const records = await tx.run<Written>(TAKE_RECORDS, [limit]);
      const released = await settle(tx, records.map(toWork), limit);
      const [more] = await tx.run<[boolean]>(MORE_RECORDS, []);
      return { released, more: more?.[0] === true };
    }),
  );
}

async function resolveEdges(tx: Runner, parents: readonly Work[], limit: number): Promise<Settled> {
  if (parents.length === 0) return NOTHING;
  const [, ids, outcomes, afters, uptos] = columnsOf(parents);
  const gates = await tx.run<Touched>(RESOLVE_EDGES, [ids, outcomes, afters, uptos, limit]);
  const rest = await tx.run<[nth: number]>(REMAINING_EDGES, [ids, afters, uptos]);
  const left = new Set(rest.map(([nth]) => nth - 1));
  return {
    count: gates.reduce((sum, [, , edges]) => sum + edges, 0),
    next: gates.flatMap(([id, outcome]) => (outcome === null ? [] : [{ id, outcome }])),
    later: parents.filter((_, index) => left.has(index)),
  };
}

type Touched = [gate: string, outcome: number | null, edges: number];

async function spansOf(tx: Runner, endings: readonly Ending[]): Promise<Work[]> {
  if (endings.length === 0) return [];
  const spans = await tx.run<[after: number, upto: number]>(SPANS, [textArray(endings.map(({ id }) => id))]);
  return endings.map(({ id, outcome }, index) => {
    const [after, upto] = spans[index] ?? [0, 0];
    return { kind: "parent", id, outcome, after, upto };
  });
}

function gateOf({ id, outcome }: Ending): Work {
  return { kind: "gate", id, outcome, after: 0, upto: 0 };
}

async function settleWaiters(tx: Runner, gates: readonly Work[]): Promise<Settled> {
  if (gates.length === 0) return NOTHING;
  const idsOf = (outcome: number) =>
    textArray(gates.filter((gate) => gate.outcome === outcome).map(({ id }) => id));
  const readied = await tx.run<[id: string]>(READY_WAITERS, [idsOf(STATE.Succeeded), TAIL.released]);
  const deleted = await tx.run<[id: string, flags: number]>(DELETE_WAITERS, [
    idsOf(STATE.Deleted),
    TAIL.conditionNotMet,
  ]);
  const settled = new Set([...readied, ...deleted].map(([id]) => id));
  const open = gates.filter(({ id }) => !settled.has(id));
  return {
    count: settled.size,
    next: deleted
      .filter(([, flags]) => (flags & FLAG.parent) !== 0)
      .map(([id]) => ({ id, outcome: STATE.Deleted })),
    later: open.length === 0 ? [] : await stillAwaiting(tx, open),
  };
}

/** Of waiters that were not met: those that a neighbour holds. One that waits no longer is left alone. */
async function stillAwaiting(tx: Runner, gates: readonly Work[]): Promise<Work[]> {
  const rows = await tx.run<[id: string]>(STILL_AWAITING, [textArray(gates.map(({ id }) => id))]);
  const awaiting = new Set(rows.map(([id]) => id));
  return gates.filter(({ id }) => awaiting.has(id));
}

type Written = [kind: string, id: string, outcome: number, after: number, upto: number];

function toWork([kind, id, outcome, after, upto]: Written): Work {
  return { kind: kind === "parent" ? "parent" : "gate", id, outcome, after, upto };
}

type Columns = [kinds: string, ids: string, outcomes: string, afters: string, uptos: string];

function columnsOf(work: readonly Work[]): Columns {
  return [
    textArray(work.map(({ kind }) => kind)),
    textArray(work.map(({ id }) => id)),
    plainArray(work.map(({ outcome }) => outcome)),
    plainArray(work.map(({ after }) => after)),
    plainArray(work.map(({ upto }) => upto)),
  ];
}
