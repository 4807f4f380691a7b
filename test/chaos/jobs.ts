import { setTimeout as delay } from "node:timers/promises";
import { defineJobs } from "firelater";

/** What the jobs need of the process that runs them. */
export interface Surroundings {
  readonly noted: <T>(run: () => Promise<T>) => Promise<T>;
  /** Resolves when the parent says so. */
  readonly released: Promise<void>;
  readonly name: string;
}

/** The jobs of the chaos tests; a client needs their names alone. */
export function jobsOf({ noted, released, name }: Surroundings) {
  return defineJobs({
    work: (ms: number) =>
      noted(async () => {
        await delay(ms);
        return name;
      }),
    hold: () =>
      noted(async () => {
        await released;
        return name;
      }),
    exit: (afterMs: number) =>
      noted(async () => {
        await delay(afterMs);
        process.exit(1);
      }),
    hog: (afterMs: number) =>
      noted(async () => {
        await delay(afterMs);
        const kept: number[][] = [];
        for (;;) kept.push(Array.from({ length: 100_000 }, (_, n) => n + kept.length));
      }),
  });
}

/** The jobs as a client sees them. */
export const jobs = jobsOf({ noted: (run) => run(), released: Promise.resolve(), name: "client" });
