import { type Backoff, backoffDelay } from "./backoff.ts";
import { LONGEST_TIMER_MS } from "./duration.ts";

export interface LoopOptions {
  /** One round. Returns the milliseconds until the next; `wake` makes it come at once. */
  readonly round: () => Promise<number>;
  /** A round has failed; the loop waits and goes on. `failures` in a row, 1 for the first. */
  readonly failed: (error: unknown, failures: number) => void;
  readonly backoff?: Backoff;
}

const DEFAULT_BACKOFF: Backoff = { firstMs: 100, longestMs: 15_000 };

/**
 * The one life cycle of everything that repeats: start, wake, stop. A round that throws is reported and tried again
 * after a growing, jittered wait: a loop neither dies nor spins. Rounds never overlap; a wake during a round gives one
 * more round after it.
 */
export class Loop {
  readonly #options: LoopOptions;
  #running: Promise<void> | undefined;
  #stopping = false;
  #woken = false;
  #failing = false;
  #interrupt: (() => void) | undefined;

  constructor(options: LoopOptions) {
    this.#options = options;
  }

  /** From `start` until `stop` has ended the last round. */
  get isRunning(): boolean {
    return this.#running !== undefined;
  }

  start(): void {
    this.#stopping = false;
    this.#running ??= this.#run();
  }

  /** Makes the next round come now. After failures the wait is kept: a broken store is not hammered by signals. */
  wake(): void {
    this.#woken = true;
    if (!this.#failing) this.#interrupt?.();
  }

  /** Lets the current round finish, then ends. Safe to call twice, or before start. */
  async stop(): Promise<void> {
    this.#stopping = true;
    this.#interrupt?.();
    await this.#running;
  }

  async #run(): Promise<void> {
    let failures = 0;
    while (!this.#stopping) {
      this.#woken = false;
      let wait: number;
      try {
        wait = await this.#options.round();
        failures = 0;
      } catch (error) {
        failures++;
        this.#report(error, failures);
        wait = backoffDelay(this.#options.backoff ?? DEFAULT_BACKOFF, failures);
      }
      this.#failing = failures > 0;
      if (!this.#stopping && (this.#failing || !this.#woken)) await this.#sleep(wait);
    }
    // Here, and not after an await of it: a start that comes right after must find no life that has ended.
    this.#running = undefined;
  }

  #report(error: unknown, failures: number): void {
    try {
      this.#options.failed(error, failures);
    } catch {
      // Who was to be told has failed too (a broken logger): there is nobody left to tell, and the loop must live.
    }
  }

  #sleep(ms: number): Promise<void> {
    return new Promise<void>((resolve) => {
      const timer = setTimeout(done, Math.min(Math.max(ms, 0), LONGEST_TIMER_MS));
      function done(): void {
        clearTimeout(timer);
        resolve();
      }
      this.#interrupt = done;
    }).then(() => {
      this.#interrupt = undefined;
    });
  }
}
