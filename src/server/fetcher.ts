import { Loop } from "../base/loop.ts";
import type { Claim, ClaimedJob, Storage } from "../storage/index.ts";
import { StartRate } from "./start-rate.ts";

/** A buffer covers the jobs that will start within this time, as the last second shows. */
const BUFFERED_MS = 50;
/** Claims of about 100 are what speed asks for; more only make the transactions longer that the event loop waits for. */
const LARGEST_BUFFER = 125;
/** A job that was fetched and not started for this long is given back: another server may be free. */
const GIVE_BACK_MS = 200;

export interface FetcherOptions {
  readonly storage: Storage;
  readonly queues: readonly string[];
  /** Every name that can be run here: parked jobs of these names are adopted. */
  readonly names: readonly string[];
  readonly pollingMs: number;
  /** The incarnation whose lease guards the claims, and the tail they get. */
  readonly lease: () => { readonly incarnation: string; readonly entry: string };
  /** Slots in which a job could start now. */
  readonly freeSlots: () => number;
  readonly fetched: () => void;
  /** Whether a claim of this server is in the worker's hands. */
  readonly knows: (claim: Claim) => boolean;
  readonly failed: (error: unknown, failures: number) => void;
}

interface Buffered {
  readonly job: ClaimedJob;
  readonly since: number;
}

/**
 * Takes jobs from the storage ahead of the slots. The buffer is measured in time: with short jobs it holds what 50 ms
 * will use, so that one claim serves many; with long jobs it is empty, and nothing waits here that could run elsewhere.
 */
export class Fetcher {
  readonly #options: FetcherOptions;
  readonly #rate = new StartRate();
  readonly #loop: Loop;
  #buffer: Buffered[] = [];
  /** On their way back: never started here again, and kept until the storage has taken them. */
  #returning: Claim[] = [];
  #mayHaveParked = true;
  #mayHaveMore = true;
  #polledAt = 0;
  #quiet = false;
  #answerLost = false;

  constructor(options: FetcherOptions) {
    this.#options = options;
    this.#loop = new Loop({ round: () => this.#round(), failed: options.failed });
  }

  start(): void {
    this.#loop.start();
  }

  get buffered(): number {
    return this.#buffer.length;
  }

  /** The next job to start. Taking jobs is what keeps the buffer filled. */
  take(): ClaimedJob | undefined {
    const next = this.#buffer.shift();
    if (next !== undefined) this.#rate.started(performance.now());
    if (this.#buffer.length * 2 <= this.#target() && this.#mayHaveMore) this.#loop.wake();
    return next?.job;
  }

  /** Jobs became ready: look now. */
  wake(): void {
    this.#mayHaveMore = true;
    if (this.#wanted() > 0) this.#loop.wake();
  }

  /** Jobs of some name were parked: perhaps they can be run here. */
  wakeForParked(): void {
    this.#mayHaveParked = true;
    this.wake();
  }

  /** A slot has become free. */
  slotFreed(): void {
    if (this.#mayHaveMore && this.#wanted() > 0) this.#loop.wake();
  }

  /** Fetches nothing more and gives back what was not started. */
  async stop(): Promise<void> {
    this.#quiet = true;
    await this.#loop.stop();
    await this.giveBack(this.#buffer.splice(0).map(({ job }) => job));
  }

  /** Empties the buffer, without giving anything back: the lease is lost, and others take the jobs. */
  drop(): void {
    this.#buffer = [];
    this.#returning = [];
  }

  /** What a job that runs alone must not have beside it. */
  async giveBackAll(): Promise<void> {
    await this.giveBack(this.#buffer.splice(0).map(({ job }) => job));
  }

  /** Returns jobs that were not started. What the storage does not take now is tried again in the next round. */
  async giveBack(jobs: readonly Claim[]): Promise<void> {
    this.#returning.push(...jobs);
    while (this.#returning.length > 0) {
      const chunk = new Set(this.#returning.slice(0, this.#options.storage.manifest.maxRows));
      await this.#options.storage.giveBack([...chunk]);
      this.#returning = this.#returning.filter((job) => !chunk.has(job));
    }
  }

  #target(): number {
    return Math.min(
      LARGEST_BUFFER,
      Math.floor((this.#rate.perSecond(performance.now()) * BUFFERED_MS) / 1_000),
    );
  }

  #wanted(): number {
    return this.#quiet ? 0 : Math.max(this.#options.freeSlots(), this.#target()) - this.#buffer.length;
  }

  async #round(): Promise<number> {
    await this.#giveBackStale();
    if (this.#answerLost) await this.#giveBackUnknown();
    this.#poll();
    const free = this.#options.freeSlots();
    const wanted = Math.min(this.#wanted(), this.#options.storage.manifest.maxRows);
    if (wanted <= 0) return this.#nextRound();
    const slots = Math.min(wanted, Math.max(free - this.#buffer.length, 0));
    // Until the answer is here it may be lost, and its jobs with it: the next round asks what is held.
    this.#answerLost = true;
    const { incarnation } = this.#options.lease();
    const jobs = (await this.#adopt(slots)) ?? (await this.#claim(slots, wanted - slots));
    this.#answerLost = false;
    // The lease was lost meanwhile: others take what was claimed under it.
    if (incarnation !== this.#options.lease().incarnation) return 0;
    const since = performance.now();
    for (const job of jobs) this.#insert({ job, since });
    if (jobs.length > 0) this.#options.fetched();
    return this.#nextRound();
  }

  async #adopt(slots: number): Promise<ClaimedJob[] | undefined> {
    if (!this.#mayHaveParked || slots === 0) return undefined;
    const { storage, queues, names } = this.#options;
    const adopted = await storage.adopt({ ...this.#options.lease(), queues, names, slots });
    this.#mayHaveParked = adopted.length > 0;
    return adopted.length > 0 ? adopted : undefined;
  }

  async #claim(slots: number, buffer: number): Promise<ClaimedJob[]> {
    this.#mayHaveMore = false;
    const { storage, queues } = this.#options;
    const jobs = await storage.claim({ ...this.#options.lease(), queues, slots, buffer });
    // Only an empty answer says that there is no more; a signal during the claim has said so already.
    if (jobs.length > 0) this.#mayHaveMore = true;
    return jobs;
  }

  /** Jobs that are to blame for a crash start before those that only wait. */
  #insert(one: Buffered): void {
    if (!one.job.blamed) this.#buffer.push(one);
    else {
      const at = this.#buffer.findIndex(({ job }) => !job.blamed);
      if (at === -1) this.#buffer.push(one);
      else this.#buffer.splice(at, 0, one);
    }
  }

  /** Claims whose answer never came would stay with this server, alive, for ever. */
  async #giveBackUnknown(): Promise<void> {
    const { storage, lease, knows } = this.#options;
    const buffered = new Set(this.#buffer.map(({ job }) => job.id));
    const held = await storage.held(lease().incarnation);
    await this.giveBack(held.filter((claim) => !buffered.has(claim.id) && !knows(claim)));
    this.#answerLost = false;
  }

  async #giveBackStale(): Promise<void> {
    const before = performance.now() - GIVE_BACK_MS;
    const stale = this.#buffer.filter(({ since }) => since < before);
    if (stale.length > 0) this.#buffer = this.#buffer.filter(({ since }) => since >= before);
    await this.giveBack(stale.map(({ job }) => job));
  }

  #nextRound(): number {
    if (this.#mayHaveMore && this.#wanted() > 0) return 0;
    return this.#buffer.length > 0 ? GIVE_BACK_MS / 2 : this.#options.pollingMs;
  }

  /** Once in a polling interval everything is looked for, whatever the signals have said. */
  #poll(): void {
    const now = performance.now();
    if (now - this.#polledAt < this.#options.pollingMs) return;
    this.#polledAt = now;
    this.#mayHaveParked = true;
    this.#mayHaveMore = true;
  }
}
