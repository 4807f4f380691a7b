import { fireSlots, recordFailure } from "../recurring/next-save.ts";
import type { RecurringRecord, RecurringSave } from "../storage/index.ts";
import type { TestStorage } from "./test-storage.ts";

const BITE = 100;
/** Jobs of one look at one schedule: a strict one may have many slots to catch up with after an outage. */
const MOST_JOBS = 100;

/** Begins the jobs of recurring jobs whose slot has come; true if there were any. */
export async function fireRecurring(storage: TestStorage): Promise<boolean> {
  const { due, now } = await storage.dueRecurring(BITE);
  if (due.length > 0) await storage.saveRecurring(due.map((record) => fire(record, now)));
  return due.length > 0;
}

function fire(record: RecurringRecord, now: number): RecurringSave {
  try {
    return fireSlots(record, now, MOST_JOBS);
  } catch (error) {
    // As on a server: it is written down, `recurring.get` shows it, and the others have their turn.
    return recordFailure(record, now, error);
  }
}
