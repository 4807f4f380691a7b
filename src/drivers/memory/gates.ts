import { entryLine, FLAG, type JobRecord, type ReleaseResult, TAIL } from "../../storage/index.ts";
import type { Resolution, Tables } from "./schema.ts";

/** Waiters that one write reaches: a commit stays short however many wait for it. */
const WAITERS_PER_WRITE = 100;

/** What is left of the waiters that one write may reach. */
export class Budget {
  left: number;

  constructor(waiters: number = WAITERS_PER_WRITE) {
    this.left = waiters;
  }
}

/** Tells those who wait for a job that it has ended. What the budget does not cover becomes a release record. */
export function resolveWaitersOf(tables: Tables, parent: JobRecord, now: number, budget: Budget): void {
  const left = resolve(tables, resolutionsOf(tables, parent), now, budget);
  tables.releases.push(...left);
  if (left.length > 0) tables.signals.raise("released");
}

export function releaseWaiters(tables: Tables, limit: number): ReleaseResult {
  const budget = new Budget(limit);
  const before = tables.releases.splice(0);
  tables.releases.push(...resolve(tables, before, tables.clock(), budget));
  return { released: limit - budget.left, more: tables.releases.length > 0 };
}

/** Takes the waiters off the job, so that they are resolved once for ever. */
function resolutionsOf(tables: Tables, parent: JobRecord): Resolution[] {
  const waiters = tables.waiters.get(parent.id);
  tables.waiters.delete(parent.id);
  if (waiters === undefined) return [];
  return [{ parentDeleted: parent.state === "Deleted", waiters: [...waiters] }];
}

/** Works off resolutions, those that come up on the way included; answers what the budget leaves over. */
function resolve(tables: Tables, work: readonly Resolution[], now: number, budget: Budget): Resolution[] {
  const open = [...work];
  for (let next = open.shift(); next !== undefined; next = open.shift()) {
    for (const [at, id] of next.waiters.entries()) {
      if (budget.left === 0) return [{ ...next, waiters: next.waiters.slice(at) }, ...open];
      const ended = next.parentDeleted ? breakGate(tables, id, now) : lowerGate(tables, id, now);
      if (ended === undefined) continue;
      budget.left--;
      if (ended.state === "Deleted") open.push(...resolutionsOf(tables, ended));
    }
  }
  return [];
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
