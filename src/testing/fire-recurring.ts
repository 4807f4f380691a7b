import { fireSlots, recordFailure, saveOfFiring } from "../recurring/next-save.ts";
import { saveAndTell } from "../recurring/save-and-tell.ts";
import type { Admission, SlotFilters } from "../recurring/slot-filters.ts";
import type { RecurringRecord, RecurringSave } from "../storage/index.ts";
import type { TestStorage } from "./test-storage.ts";

const BITE = 100;
/** Jobs of one look at one schedule: a strict one may have many slots to catch up with after an outage. */
const MOST_JOBS = 100;

/** Begins the jobs of recurring jobs whose slot has come; true if there were any. */
export async function fireRecurring(storage: TestStorage, filters: SlotFilters): Promise<boolean> {
  const { due, now } = await storage.dueRecurring(BITE);
  if (due.length === 0) return false;
  const shots = await Promise.all(due.map((record) => fire(record, now, filters)));
  const outcomes = await saveAndTell(
    storage,
    shots.map(({ save }) => save),
  );
  for (const [at, { admission }] of shots.entries()) await admission?.stored(outcomes[at] === "applied");
  return true;
}

interface Shot {
  readonly save: RecurringSave;
  readonly admission?: Admission;
}

async function fire(record: RecurringRecord, now: number, filters: SlotFilters): Promise<Shot> {
  try {
    const firing = fireSlots(record, now, MOST_JOBS);
    const admission = await filters.admit(firing.jobs);
    return { save: saveOfFiring(firing, admission.jobs), admission };
  } catch (error) {
    // As on a server: it is written down, `recurring.get` shows it, and the others have their turn.
    return { save: recordFailure(record, now, error) };
  }
}
