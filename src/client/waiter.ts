import { type Duration, LONGEST_TIMER_MS, toMilliseconds } from "../base/duration.ts";
import { ResultTimeoutError } from "./result-errors.ts";

/** How long `result` waits: both bounds may be given, the first that is reached ends the wait. */
export interface ResultOptions {
  /**
   * How long to wait, also for a storage that fails meanwhile. Default: until the job has finished, or the storage has
   * failed for 30 seconds without a break.
   */
  readonly timeout?: Duration | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** One call of `result` that waits. It ends once: by an outcome, when its time is up, or by its signal. */
export class Waiter {
  readonly id: string;
  readonly since: number = performance.now();
  readonly timeoutMs: number | undefined;
  /** Why the last look at the storage told nothing. */
  trouble: unknown;
  readonly #ended: (waiter: Waiter) => void;
  readonly #settle = Promise.withResolvers<unknown>();
  readonly #signal: AbortSignal | undefined;
  readonly #aborted = (): void => this.reject(this.#signal?.reason);
  readonly #timer: NodeJS.Timeout | undefined;

  /** @throws what the signal was aborted with, if it is already, and `FL_INVALID_DURATION`. */
  constructor(id: string, { timeout, signal }: ResultOptions, ended: (waiter: Waiter) => void) {
    this.id = id;
    this.timeoutMs = timeout === undefined ? undefined : toMilliseconds(timeout, "the timeout");
    signal?.throwIfAborted();
    this.#signal = signal;
    this.#ended = ended;
    this.#timer = this.#startTimer();
    signal?.addEventListener("abort", this.#aborted);
  }

  get outcome(): Promise<unknown> {
    return this.#settle.promise;
  }

  resolve(value: unknown): void {
    this.#end();
    this.#settle.resolve(value);
  }

  reject(error: unknown): void {
    this.#end();
    this.#settle.reject(error);
  }

  #startTimer(): NodeJS.Timeout | undefined {
    const { id, timeoutMs } = this;
    if (timeoutMs === undefined || timeoutMs > LONGEST_TIMER_MS) return undefined;
    return setTimeout(() => this.reject(new ResultTimeoutError(id, timeoutMs, this.trouble)), timeoutMs);
  }

  #end(): void {
    clearTimeout(this.#timer);
    this.#signal?.removeEventListener("abort", this.#aborted);
    this.#ended(this);
  }
}
