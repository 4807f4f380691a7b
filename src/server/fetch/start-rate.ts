const BUCKETS = 10;
const BUCKET_MS = 100;

/** How many jobs started in the last second, in buckets of 100 ms. */
export class StartRate {
  readonly #buckets = new Uint32Array(BUCKETS);
  #bucket = 0;

  started(now: number): void {
    this.#advance(now);
    const at = this.#bucket % BUCKETS;
    this.#buckets[at] = (this.#buckets[at] ?? 0) + 1;
  }

  /** Starts in the last second. */
  perSecond(now: number): number {
    this.#advance(now);
    let sum = 0;
    for (const count of this.#buckets) sum += count;
    return sum;
  }

  #advance(now: number): void {
    const bucket = Math.floor(now / BUCKET_MS);
    const passed = Math.min(bucket - this.#bucket, BUCKETS);
    for (let i = 1; i <= passed; i++) this.#buckets[(bucket - passed + i) % BUCKETS] = 0;
    if (passed > 0) this.#bucket = bucket;
  }
}
