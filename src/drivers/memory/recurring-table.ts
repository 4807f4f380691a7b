import type { RecurringRecord } from "../../storage/index.ts";
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

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
