import { Worker as Thread } from "node:worker_threads";
import { newId } from "../base/ids.ts";
import type { Logger } from "../base/logger.ts";
import { Loop } from "../base/loop.ts";
import { processingEntry } from "../states/processing.ts";
import type { LeaseThreadMessage, ServerAnnouncement, Storage } from "../storage/index.ts";

export interface HeartbeatOptions {
  readonly storage: Storage;
  readonly server: Omit<ServerAnnouncement, "incarnation">;
  readonly heartbeatMs: number;
  readonly logger: Logger;
  /** The lease was judged: what was claimed under it belongs to others. Called before a new one is announced. */
  readonly lost: () => void;
  /** A new incarnation has its lease. */
  readonly announced: () => void;
}

/**
 * Keeps the lease of this server: a row that says it lives. It is renewed from a thread with its own connection where
 * the storage has one, so that a job that blocks the event loop for longer than serverTimeout does not lose it; else on
 * the event loop.
 */
export class Heartbeat {
  readonly #options: HeartbeatOptions;
  readonly #loop: Loop;
  #incarnation = "";
  #entry = "";
  #thread: Thread | undefined;
  #threadFailed = false;
  #judged = false;
  #doubted = false;

  constructor(options: HeartbeatOptions) {
    this.#options = options;
    this.#loop = new Loop({ round: () => this.#round(), failed: (error) => this.#warn(error) });
  }

  get lease(): { readonly incarnation: string; readonly entry: string } {
    return { incarnation: this.#incarnation, entry: this.#entry };
  }

  async start(): Promise<void> {
    await this.#announce();
    this.#loop.start();
  }

  /**
   * The storage has refused the lease. That it has run out is no loss yet: after a pause in which nobody judged it, it
   * is renewed and every claim under it still holds. So the next round asks.
   */
  doubt(): void {
    this.#doubted = true;
    this.#loop.wake();
  }

  /** Ends the lease, after everything that was claimed under it is settled or given back. */
  async stop(): Promise<void> {
    await this.#loop.stop();
    await this.#stopThread();
    await this.#options.storage.retire(this.#incarnation);
  }

  async #round(): Promise<number> {
    const { storage, heartbeatMs, lost } = this.#options;
    if (!this.#judged && (this.#thread === undefined || this.#doubted)) {
      this.#judged = !(await storage.heartbeat(this.#incarnation));
      this.#doubted = false;
    }
    if (this.#judged) {
      lost();
      await this.#stopThread();
      await this.#announce();
    }
    return heartbeatMs;
  }

  async #announce(): Promise<void> {
    const { storage, server, announced } = this.#options;
    // Readable for people in every history entry: name, process and a random part.
    const incarnation = `${server.name.replaceAll(/[^A-Za-z0-9._-]/g, "-").slice(0, 80)}:${server.pid}:${newId().slice(-12)}`;
    await storage.announce({ ...server, incarnation });
    this.#incarnation = incarnation;
    this.#entry = processingEntry(server.name, incarnation);
    this.#judged = false;
    this.#startThread();
    announced();
  }

  #startThread(): void {
    const thread = this.#threadFailed ? undefined : this.#options.storage.leaseThread?.();
    if (thread === undefined) return;
    const workerData = {
      ...thread.workerData,
      incarnation: this.#incarnation,
      intervalMs: this.#options.heartbeatMs,
    };
    this.#thread = new Thread(thread.url, { workerData, name: "firelater lease" });
    // The thread is no reason for the process to stay: the server's own timers are.
    this.#thread.unref();
    this.#thread.on("message", (message: LeaseThreadMessage) => this.#heard(message));
    this.#thread.on("error", (error) => this.#fallBack(error));
  }

  #heard(message: LeaseThreadMessage): void {
    if (message.kind === "judged") this.doubt();
    if (message.kind === "failed") this.#warn(message.message);
  }

  /** Where a thread cannot run (a bundler has moved its file), the event loop renews. */
  #fallBack(error: unknown): void {
    this.#thread = undefined;
    this.#threadFailed = true;
    this.#options.logger.warn(
      "the lease is renewed on the event loop, since its thread failed: " +
        "a job that blocks the event loop for longer than serverTimeout loses its claim",
      error,
    );
    this.#loop.wake();
  }

  async #stopThread(): Promise<void> {
    const thread = this.#thread;
    this.#thread = undefined;
    await thread?.terminate();
  }

  #warn(error: unknown): void {
    this.#options.logger.warn("renewing the lease failed, trying again", error);
  }
}
