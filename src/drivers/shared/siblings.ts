/**
 * What the storage objects of one process keep for one place, by the name of the storage: they need not wait to be told
 * of each other's writes.
 */
export class Siblings<T> {
  readonly #byName = new Map<string, Set<T>>();

  add(name: string, one: T): void {
    const all = this.#byName.get(name) ?? new Set();
    this.#byName.set(name, all.add(one));
  }

  remove(name: string, one: T): void {
    const all = this.#byName.get(name);
    all?.delete(one);
    if (all?.size === 0) this.#byName.delete(name);
  }

  /** The one that asks is among them. */
  of(name: string): Iterable<T> {
    return this.#byName.get(name) ?? [];
  }
}
