import type {
  DueRecurring,
  RecurringOutcome,
  RecurringQuery,
  RecurringRecord,
  RecurringSave,
} from "../../storage/index.ts";
import { insertJobs } from "./insert.ts";
import type { Tables } from "./schema.ts";

export function saveRecurring(tables: Tables, saves: readonly RecurringSave[]): RecurringOutcome[] {
  return saves.map((save) => (saveOne(tables, save) ? "applied" : "stale"));
}

function saveOne(tables: Tables, { id, version, state, jobs = [] }: RecurringSave): boolean {
  const { recurring } = tables;
  const found = recurring.find(id);
  if ((found?.version ?? 0) !== version) return false;
  if (state === null) recurring.remove(id);
  else {
    const createdAt = found?.createdAt ?? tables.clock();
    recurring.put({ id, version: tables.nextSeq(), createdAt, ...state });
    if (state.nextAt !== null) tables.signals.raiseRecurring(state.nextAt);
  }
  insertJobs(tables, jobs);
  return true;
}

export function dueRecurring({ recurring, clock }: Tables, limit: number): DueRecurring {
  const now = clock();
  const due: RecurringRecord[] = [];
  for (const record of recurring.inTime()) {
    if (due.length === limit || (record.nextAt ?? now) > now) break;
    due.push(record);
  }
  return { due, nextAt: recurring.next?.nextAt ?? null, now };
}

export function getRecurring({ recurring }: Tables, ids: readonly string[]): RecurringRecord[] {
  return ids.flatMap((id) => recurring.find(id) ?? []);
}

export function listRecurring({ recurring }: Tables, { after, limit }: RecurringQuery): RecurringRecord[] {
  const page: RecurringRecord[] = [];
  for (const record of recurring.inOrder(after)) {
    if (page.length === limit) break;
    page.push(record);
  }
  return page;
}
