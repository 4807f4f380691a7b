import { Worker as Thread } from "node:worker_threads";
import type { LeaseThread, LeaseThreadMessage } from "../../storage/index.ts";

export interface RenewalThreadOptions {
  /** What the storage offers to run; undefined where it has no such thread. */
  readonly offered: () => LeaseThread | undefined;
  readonly intervalMs: number;
  readonly heard: (message: LeaseThreadMessage) => void;
  /** The thread has ended, or could not be made: from now on somebody else must renew. */
  readonly ended: (error: unknown) => void;
}

/**
 * The thread that renews a lease, where the storage offers one and the process allows it. One that fails is not tried
 * again: what keeps it from running (a bundler that has moved its file, a process without permission for threads) stays.
 */
export class RenewalThread {
  readonly #options: RenewalThreadOptions;
  #thread: Thread | undefined;
  #failed = false;

  constructor(options: RenewalThreadOptions) {
    this.#options = options;
  }

  get isRunning(): boolean {
    return this.#thread !== undefined;
  }

  start(incarnation: string): void {
    const offered = this.#failed ? undefined : this.#options.offered();
    if (offered === undefined) return;
    try {
      this.#thread = this.#make(offered, incarnation);
    } catch (error) {
      this.#fail(error);
    }
  }

  async stop(): Promise<void> {
    const thread = this.#thread;
    this.#thread = undefined;
    await thread?.terminate();
  }

  #make({ url, workerData }: LeaseThread, incarnation: string): Thread {
    const { intervalMs, heard } = this.#options;
    const thread = new Thread(url, {
      workerData: { ...workerData, incarnation, intervalMs },
      name: "firelater lease",
    });
    // The thread is no reason for the process to stay: the server's own timers are.
    thread.unref();
    const ended = (error: unknown) => thread === this.#thread && this.#fail(error);
    thread.on("message", heard);
    thread.on("error", ended);
    thread.on("exit", (code) => ended(new Error(`It ended by itself, with exit code ${code}.`)));
    return thread;
  }

  #fail(error: unknown): void {
    this.#thread = undefined;
    this.#failed = true;
    this.#options.ended(error);
  }
}
