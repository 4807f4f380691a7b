/** The values that a field allows, and for each value the next allowed one by one look into a table. */
export class ValueSet {
  /** Ascending, no value twice, never empty. */
  readonly values: readonly number[];
  readonly first: number;
  readonly #next: Int8Array;

  constructor(values: Iterable<number>) {
    this.values = [...new Set(values)].sort((a, b) => a - b);
    this.first = this.values[0] ?? NONE;
    this.#next = new Int8Array(TABLE_LENGTH).fill(NONE);
    for (const value of this.values.toReversed()) this.#next.fill(value, 0, value + 1);
  }

  /** The smallest allowed value that is not below `value`, or `NONE`. */
  atOrAfter(value: number): number {
    return this.#next[value] ?? NONE;
  }
}

export const NONE = -1;

/** Minutes go up to 59, and 60 may be asked for: the one after the last. */
const TABLE_LENGTH = 61;
