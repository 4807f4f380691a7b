import { Loop } from "../base/loop.ts";
import { nextTurn } from "../base/turn.ts";
import { readStoredResult } from "../job/stored-result.ts";
import { type EndedJob, type Storage, StorageClosedError } from "../storage/index.ts";
import { JobDeletedError, JobFailedError, JobNotFoundError } from "./result-errors.ts";
import { type ResultOptions, Waiter } from "./waiter.ts";

const SOONEST_MS = 25;
const LATEST_MS = 1_000;
/** A look that took 1 ms is followed by 4 ms of rest: with 20,000 waiters, too, looking takes a fifth of the time. */
const REST = 4;
/** How long a storage may fail without a break before waits without a timeout end with its error. */
const PATIENCE_MS = 30_000;

/**
 * Waits for the ends of jobs: one look at the storage for all waiters, by signal and by a shared poll. A storage that
 * fails is asked again; only one that was closed ends all waits.
 */
export class ResultWatch {
  readonly #storage: Storage;
  readonly #waiters = new Map<string, Set<Waiter>>();
  /** Ids that were never looked at: their turn comes at once, without one for all the others. */
  readonly #fresh = new Set<string>();
  readonly #loop: Loop;
  #unsubscribe: (() => void) | undefined;
  #poll = SOONEST_MS;
  #lookAgainAt = Number.POSITIVE_INFINITY;
  #restUntil = 0;
  #failingSince: number | undefined;

  constructor(storage: Storage) {
    this.#storage = storage;
    this.#loop = new Loop({
      round: () => this.#round(),
      failed: (error) => this.#failed(error),
      backoff: { firstMs: 100, longestMs: LATEST_MS },
    });
  }

  async wait(id: string, options: ResultOptions): Promise<unknown> {
    const waiter = new Waiter(id, options, (ended) => this.#remove(ended));
    this.#add(waiter);
    return waiter.outcome;
  }

  /** Ends all waits with this error. */
  async close(error: Error): Promise<void> {
    this.#rejectAll(error);
    await this.#loop.stop();
  }

  #add(waiter: Waiter): void {
    this.#waiters.set(waiter.id, (this.#waiters.get(waiter.id) ?? new Set()).add(waiter));
    this.#fresh.add(waiter.id);
    this.#poll = SOONEST_MS;
    this.#unsubscribe ??= this.#storage.subscribe(({ kind }) => {
      if (kind === "finished" || kind === "changed") this.#hasten(0);
    });
    this.#loop.start();
    this.#hasten(SOONEST_MS);
  }

  /** Nobody waits any more: nothing polls, and nothing keeps the process alive. */
  #remove(waiter: Waiter): void {
    const waiters = this.#waiters.get(waiter.id);
    waiters?.delete(waiter);
    if (waiters?.size !== 0) return;
    this.#waiters.delete(waiter.id);
    this.#fresh.delete(waiter.id);
    if (this.#waiters.size > 0) return;
    this.#unsubscribe?.();
    this.#unsubscribe = undefined;
    void this.#loop.stop();
  }

  /** Brings the next look at all waiters forward, but never into the rest after the last one. */
  #hasten(inMs: number): void {
    const at = Math.max(performance.now() + inMs, this.#restUntil);
    this.#lookAgainAt = Math.min(this.#lookAgainAt, at);
    this.#loop.wake();
  }

  async #round(): Promise<number> {
    const fresh = [...this.#fresh];
    this.#fresh.clear();
    await this.#lookAt(fresh);
    if (performance.now() >= this.#lookAgainAt) await this.#lookAtAll();
    this.#failingSince = undefined;
    return this.#lookAgainAt - performance.now();
  }

  async #lookAtAll(): Promise<void> {
    const began = performance.now();
    // What is told from now on may be about a job that this look has passed.
    this.#lookAgainAt = Number.POSITIVE_INFINITY;
    try {
      await this.#lookAt([...this.#waiters.keys()]);
    } finally {
      const now = performance.now();
      this.#restUntil = now + Math.min((now - began) * REST, LATEST_MS);
      this.#lookAgainAt = Math.max(Math.min(this.#lookAgainAt, now + this.#poll), this.#restUntil);
      this.#poll = Math.min(this.#poll * 2, LATEST_MS);
    }
  }

  async #lookAt(ids: readonly string[]): Promise<void> {
    const most = this.#storage.manifest.maxRows;
    for (let at = 0; at < ids.length; at += most) {
      if (at > 0) await nextTurn();
      for (const job of await this.#storage.watch(ids.slice(at, at + most))) this.#settle(job);
    }
  }

  #settle(job: EndedJob): void {
    for (const waiter of [...(this.#waiters.get(job.id) ?? [])]) settle(waiter, job);
  }

  #failed(error: unknown): void {
    if (error instanceof StorageClosedError) this.#rejectAll(error);
    const now = performance.now();
    this.#failingSince ??= now;
    // The loop waits by itself after a failure; a round that asked nothing would count as a success.
    this.#lookAgainAt = 0;
    for (const waiter of this.#all()) {
      waiter.trouble = error;
      const patience = Math.max(this.#failingSince, waiter.since) + PATIENCE_MS - now;
      if (waiter.timeoutMs === undefined && patience <= 0) waiter.reject(error);
    }
  }

  #rejectAll(error: unknown): void {
    for (const waiter of this.#all()) waiter.reject(error);
  }

  #all(): Waiter[] {
    return [...this.#waiters.values()].flatMap((waiters) => [...waiters]);
  }
}

function settle(waiter: Waiter, { id, state, entry }: EndedJob): void {
  if (state === "Succeeded") succeed(waiter, entry);
  else if (state === "Failed") waiter.reject(new JobFailedError(id, entry));
  else waiter.reject(state === "Deleted" ? new JobDeletedError(id) : new JobNotFoundError(id));
}

/** Every waiter gets a value of its own: one of them may change it. */
function succeed(waiter: Waiter, entry: string): void {
  try {
    waiter.resolve(readStoredResult(waiter.id, entry));
  } catch (error) {
    waiter.reject(error);
  }
}
