import {
  entryLine,
  FLAG,
  type JobRecord,
  type ReleaseResult,
  releasedTail,
  TAIL,
} from "../../storage/index.ts";
import { type Ending, meets } from "../shared/gate-conditions.ts";
import { admit, admitWaiters } from "./permits.ts";
import type { Gate, Resolution, Tables } from "./schema.ts";

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
export function resolveWaitersOf(
  tables: Tables,
  { id }: JobRecord,
  ending: Ending,
  now: number,
  budget: Budget,
): void {
  const { left } = resolve(tables, resolutionsOf(tables, id, ending), now, budget);
  tables.releases.push(...left);
  if (left.length > 0) tables.signals.raise("released");
}

export function releaseWaiters(tables: Tables, limit: number): ReleaseResult {
  const now = tables.clock();
  const work = tables.releases.splice(0);
  const { settled, left } = resolve(tables, work, now, new Budget(limit));
  tables.releases.push(...left);
  const admitted = admitLeftOver(tables, now, limit - settled);
  return { released: settled + admitted, more: left.length > 0 || tables.unadmitted.size > 0 };
}

function admitLeftOver(tables: Tables, now: number, limit: number): number {
  const admissions = { left: limit };
  let admitted = 0;
  const keys = [...tables.unadmitted];
  tables.unadmitted.clear();
  for (const key of keys) admitted += admitWaiters(tables, key, now, admissions);
  return admitted;
}

/** Takes the waiters off the job, so that they are resolved once for ever. */
function resolutionsOf(tables: Tables, parent: string, ending: Ending): Resolution[] {
  const waiters = tables.waiters.get(parent);
  tables.waiters.delete(parent);
  return waiters === undefined ? [] : [{ ending, waiters: [...waiters] }];
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
      const waiter = reach(tables, id, next.ending, now);
      if (waiter === undefined) continue;
      settled++;
      if (waiter.state === "Deleted") open.push(...resolutionsOf(tables, waiter.id, "Deleted"));
    }
  }
  return { settled, left: [] };
}

/** One parent has ended. The waiter's row when its gate has opened or broken by this. */
function reach(tables: Tables, id: string, ending: Ending, now: number): JobRecord | undefined {
  const gate = tables.gates.get(id);
  if (gate === undefined) return undefined;
  if (!meets(gate.condition, ending)) return breakGate(tables, id, now);
  tables.gates.set(id, { ...gate, open: gate.open - 1 });
  return gate.open > 1 ? undefined : readyWaiter(tables, id, gate, now);
}

function readyWaiter(tables: Tables, id: string, { condition }: Gate, now: number): JobRecord | undefined {
  const job = waiting(tables, id);
  if (job === undefined) return undefined;
  const history = pastOfWaiter(job) + entryLine(now, releasedTail(condition));
  const seq = tables.nextSeq();
  const fence = job.fence + 1;
  const ready: JobRecord = {
    ...job,
    state: "Enqueued",
    stateAt: now,
    entry: "",
    hold: null,
    seq,
    fence,
    history,
  };
  return tables.put(admit(tables, ready));
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
