import type { JobRecord, Signal, SignalListener } from "../../storage/index.ts";

type Bare = "finished" | "parked" | "released";

/** Gathers what the writes of one turn have to tell, and tells it once, after them. */
export class SignalHub {
  readonly #listeners: Set<SignalListener> = new Set();
  readonly #readyQueues: Set<string> = new Set();
  readonly #bare: Set<Bare> = new Set();
  #dueAt: number | undefined;
  #recurringAt: number | undefined;
  #planned = false;

  subscribe(listener: SignalListener): () => void {
    // An entry of its own: the same function subscribed twice is heard twice and ended once.
    const entry: SignalListener = (signal) => listener(signal);
    this.#listeners.add(entry);
    return () => void this.#listeners.delete(entry);
  }

  /** Raises what follows from a row that was written. */
  raiseFor(before: JobRecord | undefined, after: JobRecord): void {
    if (this.#listeners.size === 0 || before?.fence === after.fence) return;
    if (after.hold === "unknown") this.raise("parked");
    else if (after.hold === "due") this.#raiseDue(after.dueAt ?? 0);
    else if (after.state === "Enqueued" && after.hold === null) this.raiseReady(after.queue);
    else if (after.state === "Succeeded" || after.state === "Failed" || after.state === "Deleted")
      this.raise("finished");
  }

  raise(kind: Bare): void {
    this.#bare.add(kind);
    this.#plan();
  }

  raiseReady(queue: string): void {
    this.#readyQueues.add(queue);
    this.#plan();
  }

  #raiseDue(at: number): void {
    this.#dueAt = Math.min(at, this.#dueAt ?? at);
    this.#plan();
  }

  raiseRecurring(at: number): void {
    this.#recurringAt = Math.min(at, this.#recurringAt ?? at);
    this.#plan();
  }

  #plan(): void {
    if (this.#planned) return;
    this.#planned = true;
    queueMicrotask(() => this.#tell());
  }

  #tell(): void {
    const signals: Signal[] = [...this.#bare].map((kind) => ({ kind }));
    if (this.#readyQueues.size > 0) signals.push({ kind: "ready", queues: [...this.#readyQueues] });
    if (this.#dueAt !== undefined) signals.push({ kind: "due", at: this.#dueAt });
    if (this.#recurringAt !== undefined) signals.push({ kind: "recurring", at: this.#recurringAt });
    this.#bare.clear();
    this.#readyQueues.clear();
    this.#dueAt = undefined;
    this.#recurringAt = undefined;
    this.#planned = false;
    for (const signal of signals) for (const listener of [...this.#listeners]) listener(signal);
  }
}
