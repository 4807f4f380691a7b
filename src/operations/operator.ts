import { newId } from "../base/ids.ts";
import { Loop } from "../base/loop.ts";
import type { ProcessParts, ServerProcess } from "../server/server-process.ts";
import { isOutage } from "../storage/index.ts";
import { type Bite, MOST_JOBS, takeBite } from "./bite.ts";
import { isOver, LEASE_MS, type Operation, type StoredOperation } from "./operation.ts";
import { OperationRecords } from "./operation-records.ts";

/** How an operator waits. */
export interface OperatorTiming {
  /** Between two looks for an operation, while there is none. */
  readonly idleMs: number;
  /** An operation that was not written for so long is taken from whoever worked on it. */
  readonly leaseMs: number;
  /** A bite that takes longer is followed by a smaller one. */
  readonly longMs: number;
}

const TIMING: OperatorTiming = { idleMs: 2_000, leaseMs: LEASE_MS, longMs: 1_000 };

/** Filters may ask somebody who is slow, and arguments be large: bites begin small, and grow as far as they stay short. */
const FIRST_BITE = 50;
const LARGE_CHARS = 8 * 1_048_576;

/** The operator of one server. */
export function createOperator(parts: ProcessParts): ServerProcess {
  return new Operator(parts, TIMING);
}

/**
 * Works on operations, one at a time, a bite each round. Every server has one; a compare-and-set decides who takes which.
 * Whoever works writes after each bite where it is: when it dies another goes on from there once the lease is over. Two
 * that believe to work on the same one do no harm: the fence of each job lets one change through.
 */
export class Operator implements ServerProcess {
  readonly #parts: ProcessParts;
  readonly #timing: OperatorTiming;
  readonly #records: OperationRecords;
  readonly #loop: Loop;
  readonly #token = newId();
  #current: string | undefined;
  #most = FIRST_BITE;

  constructor(parts: ProcessParts, timing: OperatorTiming) {
    this.#parts = parts;
    this.#timing = timing;
    this.#records = new OperationRecords(parts.storage);
    this.#loop = new Loop({ round: () => this.#round(), failed: parts.failed("working on operations") });
  }

  start(): void {
    this.#loop.start();
  }

  /** What was under way is left to others at once. */
  async stop(): Promise<void> {
    await this.#loop.stop();
    const current = this.#current;
    this.#current = undefined;
    if (current === undefined) return;
    try {
      await this.#changeOwn(current, (operation) => ({ ...operation, worker: null }));
    } catch (error) {
      this.#parts.warn(
        `the operation ${current} could not be handed over: another server waits a while`,
        error,
      );
    }
  }

  hear(): void {
    // Operations are rare and may begin a moment late: no signal is spent on them.
  }

  async #round(): Promise<number> {
    this.#current ??= await this.#take();
    if (this.#current === undefined) return this.#timing.idleMs;
    const began = performance.now();
    const bite = await this.#bite(this.#current);
    if (bite === undefined) {
      this.#current = undefined;
      return 0;
    }
    return waitAfter(bite, performance.now() - began);
  }

  /** One that nobody works on, as far as its last write tells. */
  async #take(): Promise<string | undefined> {
    const unfinished = await this.#records.unfinished();
    if (unfinished.length === 0) return undefined;
    const now = await this.#parts.storage.now();
    for (const stored of unfinished) {
      if (isOver(stored.operation)) await this.#records.file(stored.id);
      else if (this.#isFree(stored, now) && (await this.#claim(stored, now))) return stored.id;
    }
    return undefined;
  }

  #isFree({ at, operation: { worker } }: StoredOperation, now: number): boolean {
    return worker === null || worker.token === this.#token || now - at >= this.#timing.leaseMs;
  }

  async #claim({ id }: StoredOperation, now: number): Promise<boolean> {
    const worker = { token: this.#token, incarnation: this.#parts.incarnation() };
    const claimed = await this.#records.change(id, (stored) =>
      this.#isFree(stored, now) ? { ...stored.operation, worker } : undefined,
    );
    return claimed !== null;
  }

  /** The operation as it goes on, with what was just done; undefined when it is not this operator's to go on with. */
  async #bite(id: string): Promise<{ readonly pace: number | null; readonly jobs: number } | undefined> {
    const stored = await this.#records.find(id);
    if (stored === null || isOver(stored.operation) || !this.#isOwn(stored.operation)) return undefined;
    const { operation } = stored;
    if (operation.state === "aborting") {
      await this.#end(id, "aborted", null);
      return undefined;
    }
    const bite = await this.#tryToBite(id, operation);
    if (bite === undefined) return undefined;
    const now = await this.#parts.storage.now();
    const next = await this.#changeOwn(id, (current) => progressed(current, bite, now));
    if (next === null || isOver(next)) return undefined;
    return { pace: next.pace, jobs: bite.applied };
  }

  /** What cannot be done at all ends the operation; a storage that fails is asked again, by the loop. */
  async #tryToBite(id: string, operation: Operation): Promise<Bite | undefined> {
    const began = performance.now();
    try {
      const most = Math.min(operation.pace ?? MOST_JOBS, this.#most);
      const bite = await takeBite(this.#parts, id, operation, most);
      this.#resize(performance.now() - began, bite.chars);
      return bite;
    } catch (error) {
      if (isOutage(error)) {
        // It may have been too much for the time that the engine gives to one call.
        this.#most = Math.max(this.#most >> 1, 1);
        throw error;
      }
      this.#parts.warn(`the operation ${id} has failed`, error);
      await this.#end(id, "failed", error instanceof Error ? error.message.slice(0, 1_000) : String(error));
      return undefined;
    }
  }

  /** An abort, a server that stops and the lease all wait for the end of a bite: it must not take long. */
  #resize(tookMs: number, chars: number): void {
    const { longMs } = this.#timing;
    if (tookMs > longMs || chars > LARGE_CHARS) this.#most = Math.max(this.#most >> 1, 1);
    else if (tookMs < longMs / 4 && chars < LARGE_CHARS / 4) this.#most = Math.min(this.#most * 2, MOST_JOBS);
  }

  async #end(id: string, state: "aborted" | "failed", error: string | null): Promise<void> {
    const endedAt = await this.#parts.storage.now();
    await this.#changeOwn(id, (current) => ({
      ...current,
      ...{ state, endedAt, worker: null, error: error ?? current.error },
    }));
  }

  #isOwn({ worker }: Operation): boolean {
    return worker?.token === this.#token;
  }

  #changeOwn(id: string, decide: (operation: Operation) => Operation): Promise<Operation | null> {
    return this.#records.change(id, ({ operation }) =>
      this.#isOwn(operation) ? decide(operation) : undefined,
    );
  }
}

function progressed(operation: Operation, bite: Bite, now: number): Operation {
  const counted = {
    ...operation,
    after: bite.after,
    scanned: operation.scanned + bite.scanned,
    applied: operation.applied + bite.applied,
    skipped: operation.skipped + bite.skipped,
    error: bite.error ?? operation.error,
  };
  if (bite.after !== null) return counted;
  return { ...counted, state: "done", endedAt: now, worker: null };
}

/** Half of the time belongs to others, also where nothing matches; with a pace, a bite takes as long as its jobs may take. */
function waitAfter({ pace, jobs }: { pace: number | null; jobs: number }, tookMs: number): number {
  return pace === null ? tookMs : Math.max(tookMs, (jobs * 1_000) / pace - tookMs);
}
