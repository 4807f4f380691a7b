/** Listeners by the name of the event; `Events` maps each name to what its listeners are given. */
export class EventHub<Events extends object> {
  readonly #listeners = new Map<keyof Events, Set<(event: never) => void>>();
  readonly #failed: (error: unknown, event: keyof Events) => void;

  /** `failed` hears of a listener that threw: its mistake must not reach what raised the event. */
  constructor(failed: (error: unknown, event: keyof Events) => void) {
    this.#failed = failed;
  }

  /** Adds a listener; the returned function removes it. */
  on<Name extends keyof Events>(name: Name, listener: (event: Events[Name]) => void): () => void {
    const listeners = this.#listeners.get(name) ?? new Set();
    this.#listeners.set(name, listeners.add(listener));
    return () => listeners.delete(listener);
  }

  /** Whether anybody listens: what nobody hears is not even composed. */
  hears(name: keyof Events): boolean {
    return (this.#listeners.get(name)?.size ?? 0) > 0;
  }

  emit<Name extends keyof Events>(name: Name, event: Events[Name]): void {
    for (const listener of this.#listeners.get(name) ?? []) {
      try {
        const returned: unknown = Reflect.apply(listener, undefined, [event]);
        // Async listeners fit the type; what they reject with must not become an unhandled rejection.
        if (returned instanceof Promise) returned.catch((error: unknown) => this.#failed(error, name));
      } catch (error) {
        this.#failed(error, name);
      }
    }
  }
}
