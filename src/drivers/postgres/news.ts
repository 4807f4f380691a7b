import type { Signal } from "../../storage/index.ts";

/** What a call has to tell once it is committed: of each kind one signal, however many jobs it was. */
export class News {
  readonly #queues = new Set<string>();
  readonly #instants = new Map<"due" | "recurring", number>();
  readonly #kinds = new Set<"finished" | "parked" | "released" | "changed">();
  /** Jobs are ready at an old place of theirs, where this process may have claimed already. */
  hasPutBack = false;

  readied(queue: string): void {
    this.#queues.add(queue);
  }

  /** Of many instants the earliest counts. */
  at(kind: "due" | "recurring", at: number): void {
    this.#instants.set(kind, Math.min(this.#instants.get(kind) ?? at, at));
  }

  happened(kind: "finished" | "parked" | "released" | "changed"): void {
    this.#kinds.add(kind);
  }

  tell(signal: Signal): void {
    if (signal.kind === "ready") for (const queue of signal.queues) this.readied(queue);
    else if ("at" in signal) this.at(signal.kind, signal.at);
    else this.happened(signal.kind);
  }

  /** What was told until now; from here on it begins anew. */
  take(): Signal[] {
    const signals: Signal[] = [];
    if (this.#queues.size > 0) signals.push({ kind: "ready", queues: [...this.#queues] });
    for (const [kind, at] of this.#instants) signals.push({ kind, at });
    for (const kind of this.#kinds) signals.push({ kind });
    this.#queues.clear();
    this.#instants.clear();
    this.#kinds.clear();
    return signals;
  }
}
