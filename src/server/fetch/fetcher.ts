import { Loop } from "../../base/loop.ts";
import type { Claim, ClaimedJob, Storage } from "../../storage/index.ts";
import { Returns } from "./returns.ts";
import { StartRate } from "./start-rate.ts";

/** A buffer covers the jobs that will start within this time, as the last second shows. */
const BUFFERED_MS = 50;
/**
 * Where the storage says nothing else. Claims of about 100 are what speed asks for; more only make the transactions
 * longer that the event loop waits for.
 */
const LARGEST_BUFFER = 125;
/** A job that was fetched and not started for this long is given back: another server may be free. */
const GIVE_BACK_MS = 200;

export interface FetcherOptions {
  readonly storage: Storage;
  readonly queues: readonly string[];
  /** Every name that can be run here: parked jobs of these names are adopted. */
  readonly names: () => readonly string[];
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

/** A job that waits here for its start, and since when (`performance.now()`). */
export interface Fetched {
  readonly job: ClaimedJob;
  readonly since: number;
}

/** What the last answer says about the ready set. A claim for the buffer alone passes over jobs that need a slot. */
type Supply = "more" | "for slots at most" | "none";

/**
 * Takes jobs from the storage ahead of the slots. The buffer is measured in time: with short jobs it holds what 50 ms
 * will use, so that one claim serves many; with long jobs it is empty, and nothing waits here that could run elsewhere.
 */
export class Fetcher {
  readonly #options: FetcherOptions;
  /** Jobs that go back, by whoever holds them. Its failures are mended by the next round. */
  readonly returns: Returns;
  readonly #rate = new StartRate();
  readonly #loop: Loop;
  #allBack = Promise.withResolvers<void>();
  #buffer: Fetched[] = [];
  #mayHaveParked = true;
  #supply: Supply = "more";
  #polledAt = 0;
  #quiet = false;

  constructor(options: FetcherOptions) {
    this.#options = options;
    this.#loop = new Loop({ round: () => this.#round(), failed: options.failed });
    this.returns = new Returns({
      storage: options.storage,
      incarnation: () => options.lease().incarnation,
      knows: (claim) => this.#buffer.some(({ job }) => job.id === claim.id) || options.knows(claim),
    });
  }

  /** Fetches, from now on or again after `quiet`. */
  start(): void {
    if (this.#quiet) {
      this.#quiet = false;
      this.#allBack = Promise.withResolvers();
    }
    this.#loop.start();
    this.wake();
  }

  /** The next job to start. Taking jobs is what keeps the buffer filled. */
  take(): Fetched | undefined {
    const next = this.#buffer.shift();
    if (next !== undefined) this.#rate.started(performance.now());
    // Who got nothing has a free slot for it.
    const mayHaveMore = next === undefined ? this.#supply !== "none" : this.#supply === "more";
    if (mayHaveMore && this.#buffer.length * 2 <= this.#target()) this.#loop.wake();
    return next;
  }

  /** Jobs became ready: look now. */
  wake(): void {
    this.#supply = "more";
    if (this.#wanted() > 0) this.#loop.wake();
  }

  /** Jobs of some name were parked: perhaps they can be run here. */
  wakeForParked(): void {
    this.#mayHaveParked = true;
    this.wake();
  }

  /** A slot has become free. */
  slotFreed(): void {
    if (this.#isWorthAsking()) this.#loop.wake();
  }

  /**
   * Fetches nothing more. Resolves when what was not started is back in the storage: the rounds go on until it is, and
   * after that, too, since claims may have to go back for as long as jobs run.
   */
  async quiet(): Promise<void> {
    this.#quiet = true;
    this.returns.add(this.#clear());
    if (!this.#loop.isRunning) return;
    this.#loop.wake();
    await this.#allBack.promise;
  }

  /** Like `quiet`, and ends the rounds: what cannot be given back now is recovered by others with this lease. */
  async stop(): Promise<void> {
    this.#quiet = true;
    this.returns.add(this.#clear());
    await this.#loop.stop();
    // Whoever waits for `quiet` is told so, too: the lease ends now.
    await this.returns.settle().finally(() => this.#allBack.resolve());
  }

  /** Empties the buffer, without giving anything back: the lease is lost, and others take the jobs. */
  drop(): void {
    this.#clear();
    this.returns.drop();
  }

  /** Gives back what waits here: beside a job that runs alone nothing else may start. */
  giveBackBuffer(): Promise<void> {
    return this.returns.giveBack(this.#clear());
  }

  #clear(): ClaimedJob[] {
    return this.#buffer.splice(0).map(({ job }) => job);
  }

  #target(): number {
    return Math.min(
      this.#options.storage.manifest.largestBuffer ?? LARGEST_BUFFER,
      Math.floor((this.#rate.perSecond(performance.now()) * BUFFERED_MS) / 1_000),
    );
  }

  #wanted(): number {
    return this.#quiet ? 0 : Math.max(this.#options.freeSlots(), this.#target()) - this.#buffer.length;
  }

  /** Whether a claim now could give anything. */
  #isWorthAsking(): boolean {
    if (this.#supply === "none") return false;
    return this.#supply === "more" ? this.#wanted() > 0 : this.#forSlots() > 0;
  }

  /** Jobs that would start at once. */
  #forSlots(): number {
    return this.#quiet ? 0 : Math.max(this.#options.freeSlots() - this.#buffer.length, 0);
  }

  async #round(): Promise<number> {
    this.returns.add(this.#stale());
    await this.returns.settle();
    if (this.#quiet && this.returns.isEmpty) this.#allBack.resolve();
    this.#poll();
    const wanted = Math.min(this.#wanted(), this.#options.storage.manifest.maxRows);
    if (wanted <= 0) return this.#nextRound();
    const slots = Math.min(wanted, this.#forSlots());
    const { incarnation } = this.#options.lease();
    const jobs = await this.#fetch(slots, wanted - slots);
    // The lease was lost meanwhile: others take what was claimed under it.
    if (incarnation !== this.#options.lease().incarnation) return 0;
    this.#keep(jobs);
    return this.#nextRound();
  }

  async #fetch(slots: number, buffer: number): Promise<ClaimedJob[]> {
    try {
      return (await this.#adopt(slots)) ?? (await this.#claim(slots, buffer));
    } catch (error) {
      // The answer may be lost, and its jobs with it: they would stay with this server, alive, for ever.
      this.returns.suspectUnknown();
      throw error;
    }
  }

  #keep(jobs: readonly ClaimedJob[]): void {
    // Asked to be quiet while the claim was under way.
    if (this.#quiet) {
      this.returns.add(jobs);
      return;
    }
    const since = performance.now();
    for (const job of jobs) this.#insert({ job, since });
    if (jobs.length > 0) this.#options.fetched();
  }

  async #adopt(slots: number): Promise<ClaimedJob[] | undefined> {
    if (!this.#mayHaveParked || slots === 0) return undefined;
    const { storage, queues, names } = this.#options;
    const adopted = await storage.adopt({ ...this.#options.lease(), queues, names: names(), slots });
    this.#mayHaveParked = adopted.length > 0;
    return adopted.length > 0 ? adopted : undefined;
  }

  async #claim(slots: number, buffer: number): Promise<ClaimedJob[]> {
    this.#supply = "none";
    const { storage, queues } = this.#options;
    const jobs = await storage.claim({ ...this.#options.lease(), queues, slots, buffer });
    // Only an empty answer says that there is no more; a signal during the claim has said so already.
    if (jobs.length > 0) this.#supply = "more";
    else if (slots === 0 && this.#supply === "none") this.#supply = "for slots at most";
    return jobs;
  }

  /** Jobs that are to blame for a crash start before those that only wait. */
  #insert(one: Fetched): void {
    if (!one.job.blamed) this.#buffer.push(one);
    else {
      const at = this.#buffer.findIndex(({ job }) => !job.blamed);
      if (at === -1) this.#buffer.push(one);
      else this.#buffer.splice(at, 0, one);
    }
  }

  /** Takes out of the buffer what has waited too long. */
  #stale(): ClaimedJob[] {
    const before = performance.now() - GIVE_BACK_MS;
    const stale = this.#buffer.filter(({ since }) => since < before);
    if (stale.length > 0) this.#buffer = this.#buffer.filter(({ since }) => since >= before);
    return stale.map(({ job }) => job);
  }

  #nextRound(): number {
    if (this.#quiet && !this.returns.isEmpty) return 0;
    if (this.#isWorthAsking()) return 0;
    return this.#buffer.length > 0 ? GIVE_BACK_MS / 2 : this.#options.pollingMs;
  }

  /** Once in a polling interval everything is looked for, whatever the signals have said. */
  #poll(): void {
    const now = performance.now();
    if (now - this.#polledAt < this.#options.pollingMs) return;
    this.#polledAt = now;
    this.#mayHaveParked = true;
    this.#supply = "more";
  }
}
