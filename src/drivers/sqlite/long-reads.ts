import { Worker } from "node:worker_threads";
import { moduleBeside } from "../../base/module-beside.ts";
import {
  type FailureGroup,
  type FailureQuery,
  type ListQuery,
  type Page,
  StorageClosedError,
  StorageFailedError,
} from "../../storage/index.ts";

/** Nobody has asked for this long: the thread and its connection are given up. */
const IDLE_MS = 60_000;

export type Ask =
  | { readonly kind: "list"; readonly query: ListQuery }
  | { readonly kind: "failures"; readonly query: FailureQuery };
type Answered = Page | FailureGroup[];

export interface ReadQuestion {
  readonly nth: number;
  readonly ask: Ask;
}

export type ReadAnswer =
  | { readonly nth: number; readonly value: Answered }
  | { readonly nth: number; readonly failed: string };

interface Waiting {
  readonly resolve: (value: Answered) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Reads that look at thousands of rows, in a thread that is there while somebody asks for them. A thread that dies
 * fails what it was asked, and the next question has a new one.
 */
export class LongReads {
  readonly #file: string;
  readonly #name: string;
  readonly #waiting = new Map<number, Waiting>();
  #worker: Worker | undefined;
  #idle: NodeJS.Timeout | undefined;
  #asked = 0;
  #isClosed = false;

  constructor(file: string, name: string) {
    this.#file = file;
    this.#name = name;
  }

  async list(query: ListQuery): Promise<Page> {
    const value = await this.#ask({ kind: "list", query });
    if ("rows" in value) return value;
    throw new TypeError("the thread has answered something else");
  }

  async failures(query: FailureQuery): Promise<FailureGroup[]> {
    const value = await this.#ask({ kind: "failures", query });
    if (Array.isArray(value)) return value;
    throw new TypeError("the thread has answered something else");
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#end(new StorageClosedError(this.#name));
  }

  #ask(ask: Ask): Promise<Answered> {
    if (this.#isClosed) return Promise.reject(new StorageClosedError(this.#name));
    this.#worker ??= this.#start();
    const worker = this.#worker;
    clearTimeout(this.#idle);
    return new Promise((resolve, reject) => {
      const nth = ++this.#asked;
      this.#waiting.set(nth, { resolve, reject });
      // Only while somebody waits does the thread keep the process.
      worker.ref();
      worker.postMessage({ nth, ask } satisfies ReadQuestion);
    });
  }

  #start(): Worker {
    const url = moduleBeside(import.meta.url, "read-thread");
    const worker = new Worker(url, { workerData: { file: this.#file } });
    worker.on("message", (answer: ReadAnswer) => this.#heard(answer));
    worker.on(
      "error",
      (error) => void this.#end(new StorageFailedError(this.#name, "read in its thread", error)),
    );
    worker.on("exit", () => {
      if (this.#worker === worker)
        void this.#end(new StorageFailedError(this.#name, "read: its thread has ended", null));
    });
    return worker;
  }

  #heard(answer: ReadAnswer): void {
    const waiting = this.#waiting.get(answer.nth);
    this.#waiting.delete(answer.nth);
    if ("value" in answer) waiting?.resolve(answer.value);
    else waiting?.reject(new StorageFailedError(this.#name, "read", new Error(answer.failed)));
    if (this.#waiting.size > 0) return;
    this.#worker?.unref();
    this.#idle = setTimeout(() => void this.#end(new StorageClosedError(this.#name)), IDLE_MS).unref();
  }

  async #end(error: Error): Promise<void> {
    clearTimeout(this.#idle);
    const worker = this.#worker;
    this.#worker = undefined;
    for (const { reject } of this.#waiting.values()) reject(error);
    this.#waiting.clear();
    await worker?.terminate();
  }
}
