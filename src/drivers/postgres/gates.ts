/**
 * What the end of a job means for others. Gates join a job to its parents: a gate row has the id of the job that waits
 * behind it and counts the parents that are still to end; edges tie parents to it. Permits are in `permits.ts`.
 *
 * Nothing here waits for a lock, so nothing here can deadlock: what a neighbour holds, and what exceeds the budget, is
 * written down as a release record in the same transaction. If we crash, either all of it has happened or nothing.
 */
import { FLAG, releasedTail, TAIL } from "../../storage/index.ts";
import { toCondition } from "../shared/gate-conditions.ts";
import { STATE } from "../shared/state-codes.ts";
import { textArray } from "./arrays.ts";
import {
  DELETE_WAITERS,
  LOCK_GATES,
  LOCK_WAITERS,
  READY_WAITERS,
  REMAINING_EDGES,
  RESOLVE_EDGES,
  SPANS,
  STILL_AWAITING,
} from "./gate-statements.ts";
import { letIn } from "./let-in.ts";
import { type Admitted, admitWaiters, tryLockKeys } from "./permits.ts";
import { columnsOf, type Ending, type Work, writeDownKeys, writeDownWork } from "./release-records.ts";
import type { Runner } from "./statements.ts";

/** Edges, and waiters, that one write settles at most. */
export const SETTLED_IN_ONE_WRITE = 100;

/** The tails of READY_WAITERS, by the codes of conditions. */
const RELEASED = textArray([0, 1, 2].map((code) => releasedTail(toCondition(code))));

interface Settled {
  /** How much of the budget it took. */
  readonly count: number;
  /** What follows from it: gates of edges, endings of waiters. */
  readonly next: readonly Ending[];
  /** What has to wait for `release`. */
  readonly later: readonly Work[];
}

const NOTHING: Settled = { count: 0, next: [], later: [] };

/** Those of the jobs with children that may end now: a neighbour that settles one of their gates keeps others busy. */
export async function withFreeGates(tx: Runner, ids: readonly string[]): Promise<ReadonlySet<string>> {
  if (ids.length === 0) return new Set();
  const rows = await tx.run<[nth: number]>(LOCK_GATES, [textArray(ids), SETTLED_IN_ONE_WRITE]);
  const busy = new Set(rows.map(([nth]) => nth - 1));
  return new Set(ids.filter((_, nth) => !busy.has(nth)));
}

/** What endings of this very transaction mean for others; the jobs themselves are written already. */
export async function settleEndings(tx: Runner, endings: readonly Ending[], budget: number): Promise<void> {
  await settle(tx, await spansOf(tx, endings), budget);
}

/** Works until nothing or no budget is left; the waiters that were readied or deleted. */
export async function settle(tx: Runner, work: readonly Work[], budget: number): Promise<number> {
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
      now.filter(({ kind }) => kind !== "gate"),
      left,
    );
    const gates = [...now.filter(({ kind }) => kind === "gate"), ...edges.next.map(gateOf)];
    const waiters = await settleWaiters(tx, gates.slice(0, left));
    later.push(...edges.later, ...gates.slice(left), ...waiters.later);
    settled += waiters.count;
    left -= Math.max(edges.count, waiters.count, 1);
    now = await spansOf(tx, waiters.next);
  }
  await writeDownWork(tx, later);
  return settled;
}

/** Some jobs of these keys are no longer on their way, or have left their place: others may have their permits. */
export async function freePermits(tx: Runner, keys: readonly string[], most: number): Promise<Admitted> {
  if (keys.length === 0) return { count: 0, later: [] };
  const admitted = await admitWaiters(tx, [...new Set(keys)], most);
  await writeDownKeys(tx, admitted.later);
  return admitted;
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

export async function spansOf(tx: Runner, endings: readonly Ending[]): Promise<Work[]> {
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
  const opened = idsOf(gates, STATE.Succeeded);
  const broken = idsOf(gates, STATE.Deleted);
  const readied = opened.length === 0 ? [] : await readyWaiters(tx, opened);
  const deleted =
    broken.length === 0
      ? []
      : await tx.run<[id: string, flags: number]>(DELETE_WAITERS, [textArray(broken), TAIL.conditionNotMet]);
  if (deleted.length > 0) tx.news.happened("finished");
  const plain = new Set([...readied, ...deleted.map(([id]) => id)]);
  const limited = await letWaitersIn(
    tx,
    opened.filter((id) => !plain.has(id)),
  );
  const settled = new Set([...plain, ...limited.settled]);
  const open = gates.filter(({ id }) => !settled.has(id));
  const ended = deleted.flatMap(([id, flags]) => ((flags & FLAG.parent) === 0 ? [] : [id]));
  return {
    count: settled.size,
    next: [...ended, ...limited.ended].map((id) => ({ id, outcome: STATE.Deleted })),
    later: open.length === 0 ? [] : await stillAwaiting(tx, open),
  };
}

function idsOf(gates: readonly Work[], outcome: number): string[] {
  return gates.filter((gate) => gate.outcome === outcome).map(({ id }) => id);
}

async function readyWaiters(tx: Runner, ids: readonly string[]): Promise<string[]> {
  const rows = await tx.run<[id: string, queue: string]>(READY_WAITERS, [textArray(ids), RELEASED]);
  for (const [, queue] of rows) tx.news.readied(queue);
  return rows.map(([id]) => id);
}

type LimitedWaiter = [id: string, rank: number, key: string, max: number, skip: boolean, tail: string];

/** Waiters with a limit, as far as the locks of their keys are free. `ended`: those that were skipped and have children. */
async function letWaitersIn(
  tx: Runner,
  ids: readonly string[],
): Promise<{ readonly settled: readonly string[]; readonly ended: readonly string[] }> {
  if (ids.length === 0) return { settled: [], ended: [] };
  const waiters = await tx.run<LimitedWaiter>(LOCK_WAITERS, [textArray(ids), RELEASED]);
  const locked = await tryLockKeys(
    tx,
    waiters.map(([, , key]) => key),
  );
  const jobs = waiters
    .filter(([, , key]) => locked.has(key))
    .map(([id, rank, key, max, skip, tail]) => {
      const limit = { key, max, whenFull: skip ? "skip" : "wait" } as const;
      return { id, rank, tail, limit };
    });
  const ended = await letIn(tx, jobs, STATE.Awaiting);
  return { settled: jobs.map(({ id }) => id), ended };
}

/** Of waiters that were not met: those that a neighbour holds. One that waits no longer is left alone. */
async function stillAwaiting(tx: Runner, gates: readonly Work[]): Promise<Work[]> {
  const rows = await tx.run<[id: string]>(STILL_AWAITING, [textArray(gates.map(({ id }) => id))]);
  const awaiting = new Set(rows.map(([id]) => id));
  return gates.filter(({ id }) => awaiting.has(id));
}
