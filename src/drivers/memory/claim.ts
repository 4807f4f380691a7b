import {
  type AdoptRequest,
  type Claim,
  type ClaimedJob,
  type ClaimOutcome,
  type ClaimRequest,
  entryLine,
  FLAG,
  type JobRecord,
  TAIL,
} from "../../storage/index.ts";
import { requireLease } from "./leases.ts";
import { byRank, startOf, type Tables } from "./schema.ts";

/** Crashes from which on a job is claimed without blame: its owner blames itself before it starts such a job alone. */
const CRASHES_TO_START_ALONE = 2;
/** The look for the buffer ends behind so many jobs that only a slot may take. */
const MOST_PASSED_OVER = 100;

export function claimJobs(tables: Tables, request: ClaimRequest): ClaimedJob[] {
  requireLease(tables, request.incarnation);
  const now = tables.clock();
  const claimed: ClaimedJob[] = [];
  for (const queue of request.queues.filter((one) => !tables.pauses.has(one))) {
    const forSlots = takeReady(tables, queue, request.slots - claimed.length);
    claimed.push(...forSlots.map((job) => hold(tables, job, request, now, true)));
    if (claimed.length < request.slots) continue;
    const room = request.slots + request.buffer - claimed.length;
    const forBuffer = takeReady(tables, queue, room, mayBeBuffered);
    claimed.push(...forBuffer.map((job) => hold(tables, job, request, now, false)));
  }
  return claimed;
}

function takeReady(
  { enqueued }: Tables,
  queue: string,
  limit: number,
  accept: (job: JobRecord) => boolean = () => true,
): JobRecord[] {
  const taken: JobRecord[] = [];
  let passedOver = 0;
  for (const job of enqueued.after(startOf(queue))) {
    if (taken.length >= limit || job.queue !== queue || job.hold !== null) break;
    if (accept(job)) taken.push(job);
    else if (++passedOver === MOST_PASSED_OVER) break;
  }
  return taken;
}

/** Recovered and limited jobs are started at once when they are claimed, never left waiting in a buffer. */
function mayBeBuffered({ flags }: JobRecord): boolean {
  return (flags & (FLAG.recovered | FLAG.limited)) === 0;
}

export function adoptJobs(tables: Tables, request: AdoptRequest): ClaimedJob[] {
  requireLease(tables, request.incarnation);
  const now = tables.clock();
  const open = request.queues.filter((queue) => !tables.pauses.has(queue));
  const shelves = [...new Set(open)].flatMap((queue) =>
    [...new Set(request.names)].flatMap((name) => takeParked(tables, queue, name, request.slots)),
  );
  const first = shelves.sort(byRank).slice(0, request.slots);
  return first.map((job) => hold(tables, job, request, now, true));
}

function takeParked({ parked }: Tables, queue: string, name: string, limit: number): JobRecord[] {
  const taken: JobRecord[] = [];
  for (const job of parked.after(startOf(queue, name))) {
    if (taken.length >= limit || job.queue !== queue || job.name !== name) break;
    taken.push(job);
  }
  return taken;
}

function hold(
  tables: Tables,
  job: JobRecord,
  { incarnation, entry }: ClaimRequest | AdoptRequest,
  now: number,
  forSlot: boolean,
): ClaimedJob {
  const row = tables.put({
    ...job,
    state: "Processing",
    stateAt: now,
    entry,
    hold: null,
    owner: incarnation,
    fence: job.fence + 1,
  });
  const blamed = forSlot && row.crashes < CRASHES_TO_START_ALONE;
  if (blamed) tables.blamed.add(row.id);
  return Object.freeze({ ...row, blamed });
}

export function parkJobs(tables: Tables, claims: readonly Claim[]): ClaimOutcome[] {
  const now = tables.clock();
  return forEachHeld(tables, claims, (job) => {
    const history = job.history + entryLine(now, TAIL.parked);
    letGo(tables, { ...job, stateAt: now, hold: "unknown", history });
  });
}

export function giveBackJobs(tables: Tables, claims: readonly Claim[]): ClaimOutcome[] {
  const now = tables.clock();
  return forEachHeld(tables, claims, (job) => letGo(tables, { ...job, stateAt: now }));
}

function letGo(tables: Tables, job: JobRecord): void {
  tables.blamed.delete(job.id);
  tables.put({ ...job, state: "Enqueued", entry: "", owner: null, fence: job.fence + 1 });
}

export function blameJobs(tables: Tables, claims: readonly Claim[]): ClaimOutcome[] {
  return forEachHeld(tables, claims, ({ id }) => tables.blamed.add(id));
}

function forEachHeld(
  tables: Tables,
  claims: readonly Claim[],
  write: (job: JobRecord) => void,
): ClaimOutcome[] {
  return claims.map((claim) => {
    const job = tables.guarded(claim);
    if (job === undefined || job.state !== "Processing") return "stale";
    write(job);
    return "applied";
  });
}
