import type {
  DueRecurring,
  RecurringOutcome,
  RecurringQuery,
  RecurringRecord,
  RecurringSave,
} from "../../storage/index.ts";
import { insertJobs } from "./insert.ts";
import type { Tables } from "./schema.ts";
import { SortedList } from "./sorted-list.ts";

type Due = Pick<RecurringRecord, "nextAt" | "id">;

/** Recurring jobs by id, and those that have an instant in its order. */
export class RecurringTable {
  readonly #byId: SortedList<Pick<RecurringRecord, "id">, RecurringRecord> = new SortedList((a, b) =>
    compare(a.id, b.id),
  );
  readonly #byTime: SortedList<Due, RecurringRecord> = new SortedList(
    (a, b) => (a.nextAt ?? 0) - (b.nextAt ?? 0) || compare(a.id, b.id),
  );
  readonly #records: Map<string, RecurringRecord> = new Map();

  find(id: string): RecurringRecord | undefined {
    return this.#records.get(id);
  }

  put(record: RecurringRecord): void {
    this.remove(record.id);
    this.#records.set(record.id, Object.freeze(record));
    this.#byId.add(record);
    if (record.nextAt !== null) this.#byTime.add(record);
  }

  remove(id: string): void {
    const record = this.#records.get(id);
    if (record === undefined) return;
    this.#records.delete(id);
    this.#byId.delete(record);
    if (record.nextAt !== null) this.#byTime.delete(record);
  }

  get next(): RecurringRecord | undefined {
    return this.#byTime.first;
  }

  inOrder(after: string | undefined): Iterable<RecurringRecord> {
    return this.#byId.after(after === undefined ? undefined : { id: after });
  }

  inTime(): Iterable<RecurringRecord> {
    return this.#byTime.after(undefined);
  }
}

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

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
