import type { Storage } from "firelater";

/** What has gone over the contract: how large the batches really are, and when the last completion is stored. */
export class Traffic {
  claims = 0;
  claimed = 0;
  commits = 0;
  committed = 0;
  #awaited = Number.POSITIVE_INFINITY;
  #reached: () => void = () => {};

  /** Listens at the storage object itself, once for each batch, so jobs pay nothing. */
  constructor(storage: Storage) {
    const { claim, commit } = storage;
    storage.claim = async (request) => {
      const jobs = await claim.call(storage, request);
      this.claims += jobs.length > 0 ? 1 : 0;
      this.claimed += jobs.length;
      return jobs;
    };
    storage.commit = async (changes) => {
      const outcomes = await commit.call(storage, changes);
      this.commits++;
      this.committed += outcomes.filter((outcome) => outcome === "applied").length;
      if (this.committed >= this.#awaited) this.#reached();
      return outcomes;
    };
  }

  /** Resolves in the moment in which the commit of the n-th completion is answered. */
  untilCommitted(count: number): Promise<void> {
    return new Promise((resolve) => {
      this.#awaited = count;
      this.#reached = resolve;
    });
  }
}
