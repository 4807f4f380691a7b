const SIGNALS = ["SIGTERM", "SIGINT"] as const;

/** What stands behind `await server.stopped` in the application has this long to close what it opened. */
const CLEANUP_MS = 2_000;

/**
 * Calls `drain` at the first SIGTERM or SIGINT. After it the handlers are gone, and if no other listener for that
 * signal exists it is sent to the process again, which then ends as if nobody had listened; else the application
 * decides. It is sent once nothing is left to do, or after two seconds: code that waits for `stopped` comes first.
 * A second signal during the drain ends the process at once: somebody is in a hurry.
 */
export class ShutdownSignals {
  readonly #drain: () => Promise<void>;
  readonly #handlers = new Map<NodeJS.Signals, () => void>();
  #received = false;

  constructor(drain: () => Promise<void>) {
    this.#drain = drain;
    for (const signal of SIGNALS) {
      const handler = () => void this.#receive(signal);
      this.#handlers.set(signal, handler);
      process.on(signal, handler);
    }
  }

  /** Listens no more. Twice is harmless. */
  remove(): void {
    for (const [signal, handler] of this.#handlers) process.off(signal, handler);
  }

  async #receive(signal: NodeJS.Signals): Promise<void> {
    if (this.#received) return this.#resend(signal);
    this.#received = true;
    await this.#drain();
    this.remove();
    process.once("beforeExit", () => this.#resend(signal));
    setTimeout(() => this.#resend(signal), CLEANUP_MS).unref();
  }

  #resend(signal: NodeJS.Signals): void {
    this.remove();
    if (process.listenerCount(signal) === 0) process.kill(process.pid, signal);
  }
}
