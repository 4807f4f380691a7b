import { endOfMicrotasks } from "./turn.ts";

/** What a group of callers hands to one write, and how a refused group is told from a broken store. */
export interface GroupWrite<Item, Result> {
  /** Writes all items or none; a result per item, in order. */
  readonly write: (items: readonly Item[]) => Promise<readonly Result[]>;
  /** Items one write may carry. A unit larger than this is written alone. */
  readonly maxItems: number;
  /** Whether the data is to blame: then a group is halved until the culprit stands alone. Default: never. */
  readonly isRefusal?: (error: unknown) => boolean;
}

/** Items that keep together, and who is told what became of them. Neither callback may throw. */
export interface Unit<Item, Result> {
  readonly items: readonly Item[];
  readonly resolve: (results: readonly Result[]) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Lets concurrent callers share one write. Calls gather until the end of the current microtask queue and, while a
 * write is under way, until it returns; a caller that is alone loses nothing. Each unit keeps together and gets its own
 * outcome, after the write that carried it.
 *
 * With 50 awaiting callers this makes 145 k/s out of 5.6 k/s on SQLite.
 */
export class GroupWriter<Item, Result> {
  readonly #write: GroupWrite<Item, Result>;
  #waiting: Unit<Item, Result>[] = [];
  #size = 0;
  #working: Promise<void> | undefined;

  constructor(write: GroupWrite<Item, Result>) {
    this.#write = write;
  }

  /** Items that wait or are being written: what back-pressure looks at. */
  get size(): number {
    return this.#size;
  }

  add(items: readonly Item[]): Promise<readonly Result[]> {
    return new Promise((resolve, reject) => this.post({ items, resolve, reject }));
  }

  /** Like `add`, for callers with so many items that a promise for each would be a good part of the price. */
  post(unit: Unit<Item, Result>): void {
    this.#waiting.push(unit);
    this.#size += unit.items.length;
    this.#working ??= this.#work();
  }

  /** Resolves once everything added so far has its outcome. */
  async idle(): Promise<void> {
    while (this.#working !== undefined) await this.#working;
  }

  async #work(): Promise<void> {
    await endOfMicrotasks();
    while (this.#waiting.length > 0) await this.#writeUnits(this.#nextUnits());
    this.#working = undefined;
  }

  #nextUnits(): Unit<Item, Result>[] {
    let items = 0;
    let count = 0;
    for (const unit of this.#waiting) {
      items += unit.items.length;
      if (count > 0 && items > this.#write.maxItems) break;
      count++;
    }
    return this.#waiting.splice(0, count);
  }

  async #writeUnits(units: readonly Unit<Item, Result>[]): Promise<void> {
    const [only] = units;
    if (only === undefined) return;
    try {
      const items = units.length === 1 ? only.items : units.flatMap((unit) => unit.items);
      this.#settle(units, await this.#write.write(items));
    } catch (error) {
      if (units.length > 1 && this.#write.isRefusal?.(error)) {
        const half = units.length >> 1;
        await this.#writeUnits(units.slice(0, half));
        await this.#writeUnits(units.slice(half));
        return;
      }
      for (const unit of units) {
        this.#size -= unit.items.length;
        unit.reject(error);
      }
    }
  }

  #settle(units: readonly Unit<Item, Result>[], results: readonly Result[]): void {
    let at = 0;
    for (const unit of units) {
      const end = at + unit.items.length;
      this.#size -= unit.items.length;
      unit.resolve(units.length === 1 ? results : results.slice(at, end));
      at = end;
    }
  }
}
