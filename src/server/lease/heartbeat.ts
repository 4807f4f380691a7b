import { newId } from "../../base/ids.ts";
import type { Logger } from "../../base/logger.ts";
import { Loop } from "../../base/loop.ts";
import { processingEntry } from "../../states/processing.ts";
import type { LeaseThreadMessage, ServerAnnouncement, Storage } from "../../storage/index.ts";
import { RenewalThread } from "./renewal-thread.ts";

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

/** Held as far as is known; perhaps judged, which only the storage can say; judged, so that a new one is needed. */
type LeaseState = "held" | "doubted" | "judged";

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
  readonly #thread: RenewalThread;
  #state: LeaseState = "held";

  constructor(options: HeartbeatOptions) {
    this.#options = options;
    this.#loop = new Loop({ round: () => this.#round(), failed: (error) => this.#warn(error) });
    this.#thread = new RenewalThread({
      offered: () => options.storage.leaseThread?.(),
      intervalMs: options.heartbeatMs,
      heard: (message) => this.#heard(message),
      ended: (error) => this.#fallBack(error),
    });
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
    if (this.#state === "held") this.#state = "doubted";
    this.#loop.wake();
  }

  /** Ends the lease, after everything that was claimed under it is settled or given back. */
  async stop(): Promise<void> {
    // The thread first: whatever keeps a round waiting, a server that has stopped must not go on renewing.
    await this.#thread.stop();
    await this.#loop.stop();
    // The last round may have begun anew.
    await this.#thread.stop();
    await this.#options.storage.retire(this.#incarnation);
  }

  async #round(): Promise<number> {
    const isRenewedHere = !this.#thread.isRunning;
    if (this.#state === "doubted" || (this.#state === "held" && isRenewedHere)) await this.#renew();
    if (this.#state === "judged") await this.#beginAnew();
    return this.#options.heartbeatMs;
  }

  async #renew(): Promise<void> {
    // Until the answer is here; a doubt that comes up meanwhile is cleared by it, for it is the later word.
    this.#state = "doubted";
    const renewed = await this.#options.storage.heartbeat(this.#incarnation);
    this.#state = renewed ? "held" : "judged";
  }

  async #beginAnew(): Promise<void> {
    this.#options.lost();
    await this.#thread.stop();
    await this.#announce();
  }

  async #announce(): Promise<void> {
    const { storage, server, announced } = this.#options;
    // Readable for people in every history entry: name, process and a random part.
    const incarnation = `${server.name.replaceAll(/[^A-Za-z0-9._-]/g, "-").slice(0, 80)}:${server.pid}:${newId().slice(-12)}`;
    await storage.announce({ ...server, incarnation });
    this.#incarnation = incarnation;
    this.#entry = processingEntry(server.name, incarnation);
    this.#state = "held";
    this.#thread.start(incarnation);
    announced();
  }

  #heard(message: LeaseThreadMessage): void {
    if (message.kind === "judged") this.doubt();
    if (message.kind === "failed") this.#warn(message.message);
  }

  #fallBack(error: unknown): void {
    this.#options.logger.warn(
      "the lease is renewed on the event loop, since its thread cannot run: " +
        "a job that blocks the event loop for longer than serverTimeout loses its claim",
      error,
    );
    this.#loop.wake();
  }

  #warn(error: unknown): void {
    this.#options.logger.warn("renewing the lease failed, trying again", error);
  }
}
