import { setTimeout as sleep } from "node:timers/promises";
import type { Redis } from "ioredis";
import { backoffDelay } from "../../base/backoff.ts";
import { StorageClosedError } from "../../storage/index.ts";
import {
  ConnectionLostError,
  hasDoneNothing,
  isLost,
  isRefusal,
  movedTo,
  NoAnswerError,
  toStorageError,
} from "./errors.ts";
import { Nodes } from "./nodes.ts";
import type { Source } from "./options.ts";

const PAUSE = { firstMs: 20, longestMs: 500 };
const SWEEP_MS = 50;

interface Call {
  readonly deadline: number;
  readonly reject: (error: Error) => void;
}

/**
 * One connection, on which no call stays without an end: it is answered, or it fails when its time is over or the
 * connection breaks. (ioredis itself forgets calls that it neither repeats nor queues.)
 */
export class Connection {
  readonly client: Redis;
  readonly #name: string;
  readonly #timeoutMs: number;
  readonly #sent: Set<Call> = new Set();
  readonly #waiting: Set<Call & { readonly resolve: () => void }> = new Set();
  readonly #reach: Source["reach"];
  readonly #nodes: Nodes;
  #sweeper: NodeJS.Timeout | undefined;
  #lastError: Error | undefined;
  #isClosed = false;

  constructor({ connect, nodes, reach }: Source, name: string, timeoutMs: number) {
    const client = connect();
    this.client = client;
    this.#nodes = new Nodes(client, nodes);
    this.#reach = reach;
    this.#name = name;
    this.#timeoutMs = timeoutMs;
    client.on("ready", () => this.#connected());
    client.on("close", () => this.#lost());
    // Without a listener the event would end the process.
    client.on("error", (error: Error) => this.#failed(error));
  }

  /** Whether the server answers just now. */
  get isReady(): boolean {
    return this.client.status === "ready";
  }

  /**
   * Asks until there is an answer or the time is over. What has certainly not been done is asked again; what may have
   * been done only when it is `repeatable`, as reads are.
   */
  async run<T>(doing: string, repeatable: boolean, ask: (redis: Redis) => Promise<T>): Promise<T> {
    const startedAt = performance.now();
    const deadline = startedAt + this.#timeoutMs;
    for (let failures = 1; ; failures++) {
      try {
        if (!this.isReady) await this.#untilReady(deadline);
        return await this.#settled(ask(this.client), deadline);
      } catch (error) {
        this.#follow(error);
        const pause = backoffDelay(PAUSE, failures);
        const again = hasDoneNothing(error) || (repeatable && isLost(error));
        const waited = Math.round(performance.now() - startedAt);
        if (!again || this.#isClosed || waited + pause > this.#timeoutMs)
          throw toStorageError(this.#name, doing, error, waited);
        await sleep(pause);
      }
    }
  }

  close(): void {
    this.#isClosed = true;
    this.client.disconnect();
    this.#rejectAll(
      () => true,
      () => new StorageClosedError(this.#name),
    );
  }

  #untilReady(deadline: number): Promise<void> {
    if (this.#isClosed) throw new StorageClosedError(this.#name);
    if (this.#lastError !== undefined && isRefusal(this.#lastError)) throw this.#lastError;
    return new Promise((resolve, reject) => this.#wait(this.#waiting, { deadline, resolve, reject }));
  }

  #settled<T>(answer: Promise<T>, deadline: number): Promise<T> {
    return new Promise((resolve, reject) => {
      const call = { deadline, reject };
      this.#wait(this.#sent, call);
      answer.then(resolve, reject).finally(() => this.#sent.delete(call));
    });
  }

  #wait<C extends Call>(calls: Set<C>, call: C): void {
    calls.add(call);
    // One timer for all calls: a call is too cheap for one of its own.
    this.#sweeper ??= setInterval(() => this.#sweep(), SWEEP_MS);
  }

  #sweep(): void {
    const now = performance.now();
    const isLate = [...this.#sent].some(({ deadline }) => deadline <= now);
    this.#rejectAll(
      ({ deadline }) => deadline <= now,
      () => this.#whyNot(),
    );
    // A server that does not answer on this connection may do so on a new one; what else was sent on it is lost.
    if (isLate && !this.#isClosed) this.client.disconnect(true);
    if (this.#sent.size + this.#waiting.size > 0) return;
    clearInterval(this.#sweeper);
    this.#sweeper = undefined;
  }

  #whyNot(): Error {
    return (this.isReady ? undefined : this.#lastError) ?? new NoAnswerError(this.#timeoutMs);
  }

  #rejectAll(which: (call: Call) => boolean, why: () => Error): void {
    for (const calls of [this.#sent, this.#waiting]) {
      for (const call of [...calls].filter(which)) {
        calls.delete(call);
        call.reject(why());
      }
    }
  }

  #connected(): void {
    this.#lastError = undefined;
    for (const call of this.#waiting) call.resolve();
    this.#waiting.clear();
  }

  #lost(): void {
    for (const call of this.#sent) call.reject(new ConnectionLostError());
    this.#sent.clear();
  }

  #failed(error: Error): void {
    this.#lastError = error;
    if (!isRefusal(error)) return;
    for (const call of this.#waiting) call.reject(error);
    this.#waiting.clear();
  }

  /** All keys of a storage are in one slot: when a cluster has it elsewhere, this connection goes there. */
  #follow(error: unknown): void {
    const place = movedTo(error);
    if (place === undefined || this.#isClosed) return;
    this.#nodes.lead(this.#reach(place));
    this.client.disconnect(true);
  }
}
