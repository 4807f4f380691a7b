import { createHash } from "node:crypto";
import { threadId } from "node:worker_threads";
import { currentJob } from "firelater";

/** What the heavy job gives. */
export interface ChainEnd {
  readonly hash: string;
  /** Where it was computed: 0 is the main thread. */
  readonly thread: number;
}

const ROUNDS_A_STEP = 20_000;

/** Keeps a CPU busy for a while: on the event loop it would hold up everything else. */
export function chain(seed: string, rounds: number): ChainEnd {
  const { progress, signal } = currentJob();
  let hash = seed;
  for (let done = 0; done < rounds; done += ROUNDS_A_STEP) {
    signal.throwIfAborted();
    hash = chainDirectly(hash, Math.min(ROUNDS_A_STEP, rounds - done));
    progress((100 * done) / rounds);
  }
  return { hash, thread: threadId };
}

export function chainDirectly(seed: string, rounds: number): string {
  let hash = seed;
  for (let round = 0; round < rounds; round++) hash = createHash("sha256").update(hash).digest("hex");
  return hash;
}
