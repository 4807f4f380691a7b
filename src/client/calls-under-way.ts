import { FirelaterError } from "../base/error.ts";

/** The client was closed (`FL_CLIENT_CLOSED`). */
export class ClientClosedError extends FirelaterError {
  /** How many calls an `enqueueMany` that was cut short had stored; 0 for every other call. */
  readonly stored: number = 0;

  constructor(stored?: number) {
    super(
      stored === undefined
        ? {
            code: "FL_CLIENT_CLOSED",
            what: "The client is closed.",
            mend: "Close it after its last call, or make a new one.",
          }
        : {
            code: "FL_CLIENT_CLOSED",
            what: `The client was closed while enqueueMany took calls: ${stored} were stored, no more were taken.`,
            why: "A generator may be endless, so closing waits for lists alone.",
            mend: "Await enqueueMany before closing the client.",
          },
    );
    this.stored = stored ?? 0;
  }
}

/** The calls of a client: none begins once it is closed, and closing waits for those that have begun. */
export class CallsUnderWay {
  readonly #closing = new AbortController();
  #count = 0;
  #ended: (() => void) | undefined;

  /** Aborted when the client is closed: what may be endless must come to its end. */
  get closing(): AbortSignal {
    return this.#closing.signal;
  }

  /** Does a call at once, and counts it until it is done. */
  async run<T>(call: () => Promise<T>): Promise<T> {
    this.refuseClosed();
    this.#count++;
    try {
      return await call();
    } finally {
      this.#count--;
      if (this.#count === 0) this.#ended?.();
    }
  }

  refuseClosed(): void {
    if (this.#closing.signal.aborted) throw new ClientClosedError();
  }

  async close(): Promise<void> {
    this.#closing.abort();
    if (this.#count > 0) await new Promise<void>((resolve) => (this.#ended = resolve));
  }
}
