import { tooSlow } from "./problem.ts";

/** How long a request may take before it answers with what it has. */
export const REQUEST_MS = 2_000;

/** The end of one request's time. What has been begun of a storage goes on: nobody waits for it any more. */
export class Deadline {
  readonly #endsAt: number;
  #missed = false;

  constructor(ms: number = REQUEST_MS) {
    this.#endsAt = performance.now() + ms;
  }

  get isOver(): boolean {
    return performance.now() >= this.#endsAt;
  }

  /** Something was left out of the answer. */
  get missed(): boolean {
    return this.#missed;
  }

  /** What comes in time, else the fallback. */
  async within<T, F>(promise: Promise<T>, fallback: F): Promise<T | F> {
    const late = Symbol();
    const found = await this.#race(promise, late);
    if (found !== late) return found as T;
    this.#missed = true;
    return fallback;
  }

  /** What comes in time; `FL_DASHBOARD_SLOW` when it does not. */
  async need<T>(promise: Promise<T>): Promise<T> {
    const late = Symbol();
    const found = await this.#race(promise, late);
    if (found === late) throw tooSlow();
    return found as T;
  }

  async #race<T>(promise: Promise<T>, late: symbol): Promise<T | symbol> {
    // Whoever stops waiting still has to hear of its end, or that would be an unhandled rejection.
    promise.catch(() => {});
    let timer: NodeJS.Timeout | undefined;
    const end = new Promise<symbol>((resolve) => {
      timer = setTimeout(() => resolve(late), Math.max(this.#endsAt - performance.now(), 0));
    });
    try {
      return await Promise.race([promise, end]);
    } finally {
      clearTimeout(timer);
    }
  }
}
