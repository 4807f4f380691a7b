import { type Backoff, backoffDelay } from "../../base/backoff.ts";

/** The module does not load, or ends its threads: with each death without a job it is less likely to mend by itself. */
const REPLACE: Backoff = { firstMs: 1_000, longestMs: 30_000 };

/** How long a thread that died is not replaced, after so many deaths in a row in which no job ran. */
export function replacementDelay(failures: number, random: () => number = Math.random): number {
  return failures === 0 ? 0 : backoffDelay(REPLACE, failures, random);
}
