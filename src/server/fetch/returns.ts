import type { Claim, Storage } from "../../storage/index.ts";

export interface ReturnsOptions {
  readonly storage: Storage;
  readonly incarnation: () => string;
  /** Whether a claim is in somebody's hands here: only what nobody knows of is given back unasked. */
  readonly knows: (claim: Claim) => boolean;
}

/**
 * Claims on their way back into the storage: jobs that were fetched and not started, and claims that the storage holds
 * for this server although nobody here knows of them. Each is kept until the storage has taken it; a call that fails
 * leaves the rest to the next one.
 */
export class Returns {
  readonly #options: ReturnsOptions;
  readonly #claims = new Set<Claim>();
  #mayHoldUnknown = false;
  #writing: Promise<void> | undefined;

  constructor(options: ReturnsOptions) {
    this.#options = options;
  }

  /** Whether this server holds nothing that it has no use for, as far as anybody here can tell. */
  get isEmpty(): boolean {
    return this.#claims.size === 0 && !this.#mayHoldUnknown;
  }

  /** Never started here from now on, and written by the next `giveBack` or `settle`. */
  add(claims: Iterable<Claim>): void {
    for (const claim of claims) this.#claims.add(claim);
  }

  /** The storage may hold a claim for this server that nobody here knows of: the next `settle` asks for it. */
  suspectUnknown(): void {
    this.#mayHoldUnknown = true;
  }

  /** Writes these claims and those that are left of earlier calls. Calls share one write at a time. */
  async giveBack(claims: Iterable<Claim> = []): Promise<void> {
    this.add(claims);
    while (this.#claims.size > 0) {
      this.#writing ??= this.#write().finally(() => {
        this.#writing = undefined;
      });
      await this.#writing;
    }
  }

  /**
   * Gives back until nothing is left, unknown claims included. Not beside a claim: its jobs are held before anybody here
   * knows of them.
   */
  async settle(): Promise<void> {
    await this.giveBack();
    if (!this.#mayHoldUnknown) return;
    const { storage, incarnation, knows } = this.#options;
    // Before the question: a suspicion that comes up while it is answered needs a question of its own.
    this.#mayHoldUnknown = false;
    try {
      const held = await storage.held(incarnation());
      this.add(held.filter((claim) => !knows(claim)));
    } catch (error) {
      this.#mayHoldUnknown = true;
      throw error;
    }
    await this.giveBack();
  }

  /** Forgets everything: the lease is lost, and others take the jobs. */
  drop(): void {
    this.#claims.clear();
    this.#mayHoldUnknown = false;
  }

  async #write(): Promise<void> {
    const { storage } = this.#options;
    const chunk = [...this.#claims].slice(0, storage.manifest.maxRows);
    await storage.giveBack(chunk);
    for (const claim of chunk) this.#claims.delete(claim);
  }
}
