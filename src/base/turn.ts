// The real ones, kept from when this module was loaded: a test that fakes timers fakes what waits for time, and a turn
// of the event loop that never comes would hold up writes for ever.
const { setImmediate } = globalThis;

/** One turn of the event loop: timers, sockets and everybody else's callbacks get theirs after it. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** After every promise callback that is ready now: what they ask for can be gathered into one write. */
export function endOfMicrotasks(): Promise<void> {
  return new Promise((resolve) => queueMicrotask(() => process.nextTick(resolve)));
}

/**
 * How long this turn of the event loop has been worked in. Promise callbacks that beget promise callbacks never let the
 * loop turn by themselves; whoever works in such a chain asks here when to break it.
 */
export class TurnClock {
  #since: number | undefined;

  /** Milliseconds since the first question in this turn. */
  elapsed(): number {
    const now = performance.now();
    if (this.#since === undefined) {
      this.#since = now;
      setImmediate(() => {
        this.#since = undefined;
      });
    }
    return now - this.#since;
  }
}
