import { entryLine, FLAG, type JobRecord, type ReleaseResult, TAIL } from "../../storage/index.ts";
import type { Resolution, Tables } from "./schema.ts";

/** A commit stays short, however many wait for it. */
const EDGES_PER_WRITE = 100;

/** What one write may still do: each edge readies or deletes one waiter at most, so edges are all there is to count. */
export class Budget {
  left: number;

  constructor(edges: number = EDGES_PER_WRITE) {
    this.left = edges;
  }
}

/** Tells those who wait for a job that it has ended. What the budget does not cover becomes a release record. */
export function resolveWaitersOf(tables: Tables, parent: JobRecord, now: number, budget: Budget): void {
  const { left } = resolve(tables, resolutionsOf(tables, parent), now, budget);
  tables.releases.push(...left);
  if (left.length > 0) tables.signals.raise("released");
}

export function releaseWaiters(tables: Tables, limit: number): ReleaseResult {
  const work = tables.releases.splice(0);
  const { settled, left } = resolve(tables, work, tables.clock(), new Budget(limit));
  tables.releases.push(...left);
  return { released: settled, more: left.length > 0 };
}

/** Takes the waiters off the job, so that they are resolved once for ever. */
function resolutionsOf(tables: Tables, parent: JobRecord): Resolution[] {
  const waiters = tables.waiters.get(parent.id);
  tables.waiters.delete(parent.id);
  if (waiters === undefined) return [];
  return [{ parentDeleted: parent.state === "Deleted", waiters: [...waiters] }];
}

interface Resolved {
  /** Waiters that were readied or deleted. */
  readonly settled: number;
  /** What the budget left over. */
  readonly left: readonly Resolution[];
}

/** Works off resolutions, those that come up on the way included. */
function resolve(tables: Tables, work: readonly Resolution[], now: number, budget: Budget): Resolved {
  const open = [...work];
  let settled = 0;
  for (let next = open.shift(); next !== undefined; next = open.shift()) {
    for (const [at, id] of next.waiters.entries()) {
      if (budget.left === 0)
        return { settled, left: [{ ...next, waiters: next.waiters.slice(at) }, ...open] };
      budget.left--;
      const waiter = next.parentDeleted ? breakGate(tables, id, now) : lowerGate(tables, id, now);
      if (waiter === undefined) continue;
      settled++;
      if (waiter.state === "Deleted") open.push(...resolutionsOf(tables, waiter));
    }
  }
  return { settled, left: [] };
}

/** One parent has succeeded. The waiter's row when its gate has opened. */
function lowerGate(tables: Tables, id: string, now: number): JobRecord | undefined {
  const gate = tables.gates.get(id);
  if (gate === undefined) return undefined;
  tables.gates.set(id, { ...gate, open: gate.open - 1 });
  return gate.open > 1 ? undefined : readyWaiter(tables, id, now);
}

function readyWaiter(tables: Tables, id: string, now: number): JobRecord | undefined {
  const job = waiting(tables, id);
  if (job === undefined) return undefined;
  const history = pastOfWaiter(job) + entryLine(now, TAIL.released);
  const seq = tables.nextSeq();
  const fence = job.fence + 1;
  return tables.put({ ...job, state: "Enqueued", stateAt: now, entry: "", hold: null, seq, fence, history });
}

function breakGate(tables: Tables, id: string, now: number): JobRecord | undefined {
  const job = waiting(tables, id);
  if (job === undefined) return undefined;
  const history = pastOfWaiter(job);
  const entry = TAIL.conditionNotMet;
  const fence = job.fence + 1;
  return tables.put({ ...job, state: "Deleted", stateAt: now, entry, hold: null, fence, history });
}

/** The waiter, unless it has gone on by other ways. */
function waiting(tables: Tables, id: string): JobRecord | undefined {
  const job = tables.find(id);
  return job?.state === "Awaiting" && job.hold === "gate" && (job.flags & FLAG.gated) !== 0 ? job : undefined;
}

function pastOfWaiter({ history, stateAt, entry }: JobRecord): string {
  return history + entryLine(stateAt, entry);
}
