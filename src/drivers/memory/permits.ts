import { entryLine, type JobLimit, type JobRecord, TAIL } from "../../storage/index.ts";
import { byRank, type Tables } from "./schema.ts";

/** Waiters that one write admits beyond one for each of its changes. */
const ADMISSIONS_PER_WRITE = 100;

/** How many waiters one write may still admit. */
export interface Admissions {
  left: number;
}

export function newAdmissions(changes: number): Admissions {
  return { left: ADMISSIONS_PER_WRITE + changes };
}

/** What becomes of a row that nothing but its limit holds any more: it is ready, waits for a permit, or is skipped. */
export function admit(tables: Tables, row: JobRecord): JobRecord {
  const { limit } = row;
  if (limit === null || hasPermitFor(tables, row, limit)) return row;
  if (limit.whenFull === "wait") return { ...row, hold: "limit" };
  return { ...row, state: "Deleted", entry: TAIL.skipped };
}

/** Who waits already goes first: else jobs with a larger `max` would keep one with a smaller waiting for ever. */
function hasPermitFor(tables: Tables, row: JobRecord, { key, max }: JobLimit): boolean {
  if (tables.permitsInUse(key) >= max) return false;
  for (const waiter of tables.waitersFor(key)) {
    // The row itself, where it stood before this write.
    if (waiter.id !== row.id) return byRank(row, waiter) < 0;
  }
  return true;
}

/** Gives what permits a key has to those who wait for them; what is too much for one write is left to `release`. */
export function admitWaiters(tables: Tables, key: string, now: number, admissions: Admissions): number {
  let admitted = 0;
  for (let next = nextOf(tables, key); next !== undefined; next = nextOf(tables, key)) {
    if (admissions.left === 0) {
      tables.unadmitted.add(key);
      tables.signals.raise("released");
      break;
    }
    admissions.left--;
    admitted++;
    const history = next.history + entryLine(now, TAIL.admitted);
    tables.put({ ...next, hold: null, stateAt: now, fence: next.fence + 1, history });
  }
  return admitted;
}

/** The first of those who wait, if there is a permit for it. */
function nextOf(tables: Tables, key: string): JobRecord | undefined {
  for (const { limit, ...first } of tables.waitersFor(key)) {
    return limit !== null && tables.permitsInUse(key) < limit.max ? { ...first, limit } : undefined;
  }
  return undefined;
}
