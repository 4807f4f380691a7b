import type { RecurringJobDetails } from "../../recurring/recurring-details.ts";
import type { JobState, Storage } from "../../storage/index.ts";
import type { RecurringRow, RecurringState } from "../api/recurring.ts";
import type { RowMaker } from "./job-row.ts";
import { NO_TEXTS } from "./row-cut.ts";

/** Rows of recurring jobs, each with where its last job is now. */
export async function toRecurringRows(
  storage: Storage,
  recurring: readonly RecurringJobDetails[],
  maker: RowMaker,
): Promise<RecurringRow[]> {
  const ids = recurring.flatMap(({ lastJobId }) => lastJobId ?? []);
  const states = await statesOf(storage, ids);
  return recurring.map((one) => toRow(one, states, maker));
}

/** Known whatever the permissions are: it needs nothing of what the job works with. */
async function statesOf(storage: Storage, ids: readonly string[]): Promise<ReadonlyMap<string, JobState>> {
  const states = new Map<string, JobState>();
  const most = storage.manifest.maxRows;
  for (let from = 0; from < ids.length; from += most) {
    const jobs = await storage.get(ids.slice(from, from + most), NO_TEXTS);
    for (const { id, state } of jobs) states.set(id, state);
  }
  return states;
}

function toRow(
  one: RecurringJobDetails,
  states: ReadonlyMap<string, JobState>,
  { redactor, withData }: RowMaker,
): RecurringRow {
  const { id, name, displayName, queue, priority, cron, timeZone, misfire, lastJobId, error, set } = one;
  const message = (text: string) => (withData ? redactor.text(text, "error", "message") : "");
  return {
    ...{ id, name, queue, priority, cron, timeZone, misfire, lastJobId, set },
    displayName: withData ? redactor.textOrNull(displayName, "displayName") : null,
    state: stateOf(one),
    nextAt: one.nextRun?.getTime() ?? null,
    lastAt: one.lastRun?.getTime() ?? null,
    lastJobState: lastJobId === null ? null : (states.get(lastJobId) ?? null),
    error: error === null ? null : { ...error, message: message(error.message), at: error.at.getTime() },
    createdAt: one.createdAt.getTime(),
  };
}

/** One that cannot be read has no name. */
export function stateOf({ name, state }: RecurringJobDetails): RecurringState {
  return name === "" ? "unreadable" : state;
}
