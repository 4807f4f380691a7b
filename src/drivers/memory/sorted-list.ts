/** Elements of one chunk: small enough that moving them is cheap, large enough that there are few chunks. */
const CHUNK = 512;

/**
 * What an index is in an engine: elements in order, found by bisection. No two elements compare as equal. Sorted
 * chunks instead of a tree: as fast at a million elements, and the whole of it can be read at a glance. `Key` is the
 * part of an element that is compared: a place in the order, whether or not an element is there.
 */
export class SortedList<Key, T extends Key> {
  readonly #compare: (a: Key, b: Key) => number;
  /** Never holds an empty chunk. */
  readonly #chunks: T[][] = [];
  #size = 0;

  constructor(compare: (a: Key, b: Key) => number) {
    this.#compare = compare;
  }

  get size(): number {
    return this.#size;
  }

  get first(): T | undefined {
    return this.#chunks[0]?.[0];
  }

  add(element: T): void {
    this.#size++;
    const at = Math.min(this.#chunkOf(element), this.#chunks.length - 1);
    const chunk = this.#chunks[at];
    if (chunk === undefined) {
      this.#chunks.push([element]);
      return;
    }
    chunk.splice(this.#placeIn(chunk, element), 0, element);
    if (chunk.length > CHUNK) this.#chunks.splice(at + 1, 0, chunk.splice(CHUNK / 2));
  }

  delete(element: T): void {
    const at = this.#chunkOf(element);
    const chunk = this.#chunks[at] ?? [];
    const place = this.#placeIn(chunk, element);
    const found = chunk[place];
    if (found === undefined || this.#compare(found, element) !== 0) return;
    chunk.splice(place, 1);
    if (chunk.length === 0) this.#chunks.splice(at, 1);
    this.#size--;
  }

  /** The elements after a place, or all, in order. The list must not change meanwhile. */
  *after(place: Key | undefined): Generator<T, void> {
    let at = place === undefined ? 0 : this.#chunkOf(place);
    for (; at < this.#chunks.length; at++) {
      const chunk = this.#chunks[at] ?? [];
      yield* place === undefined ? chunk : chunk.slice(this.#placeAfter(chunk, place));
    }
  }

  /** The elements before a place, or all, in falling order. The list must not change meanwhile. */
  *before(place: Key | undefined): Generator<T, void> {
    let at = this.#chunks.length - 1;
    if (place !== undefined) at = Math.min(at, this.#chunkOf(place));
    for (; at >= 0; at--) {
      const chunk = this.#chunks[at] ?? [];
      yield* chunk.slice(0, place === undefined ? undefined : this.#placeIn(chunk, place)).reverse();
    }
  }

  /** How many elements come before a place. */
  countBefore(place: Key): number {
    const at = this.#chunkOf(place);
    const inFront = this.#chunks.slice(0, at).reduce((sum, chunk) => sum + chunk.length, 0);
    return inFront + this.#placeIn(this.#chunks[at] ?? [], place);
  }

  /** The first chunk that does not end before a place; the number of chunks when all do. */
  #chunkOf(place: Key): number {
    return bisect(this.#chunks.length, (at) => this.#isBefore(this.#chunks[at]?.at(-1), place));
  }

  #placeIn(chunk: readonly T[], place: Key): number {
    return bisect(chunk.length, (at) => this.#isBefore(chunk[at], place));
  }

  #placeAfter(chunk: readonly T[], place: Key): number {
    return bisect(chunk.length, (at) => !this.#isBefore(place, chunk[at]));
  }

  #isBefore(a: Key | undefined, b: Key | undefined): boolean {
    return a !== undefined && b !== undefined && this.#compare(a, b) < 0;
  }
}

/** The first position at which `isInFront` is no longer true. */
function bisect(length: number, isInFront: (at: number) => boolean): number {
  let low = 0;
  let high = length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (isInFront(middle)) low = middle + 1;
    else high = middle;
  }
  return low;
}
