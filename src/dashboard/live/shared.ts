/**
 * One answer for all who ask within a moment: a storage is asked once, however many look. A failure is not kept: who asks
 * next tries again.
 */
export class Shared<T> {
  readonly #make: () => Promise<T>;
  readonly #keptMs: number;
  #made: { readonly at: number; readonly value: Promise<T> } | undefined;

  constructor(keptMs: number, make: () => Promise<T>) {
    this.#keptMs = keptMs;
    this.#make = make;
  }

  get(): Promise<T> {
    const now = performance.now();
    if (this.#made !== undefined && now - this.#made.at < this.#keptMs) return this.#made.value;
    const value = this.#make();
    const made = { at: now, value };
    this.#made = made;
    value.then(
      // Kept from its end on: a slow storage is not asked again while it answers.
      () => this.#keep(made),
      () => this.#forget(made),
    );
    return value;
  }

  #keep(made: { readonly value: Promise<T> }): void {
    if (this.#made === made) this.#made = { at: performance.now(), value: made.value };
  }

  #forget(made: object): void {
    if (this.#made === made) this.#made = undefined;
  }
}
