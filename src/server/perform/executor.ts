import type { JobRun } from "./job-context.ts";
import type { NotBegun, Verdict } from "./verdict.ts";

/** Where the code of claimed jobs runs: on this event loop, or in threads of its own. */
export interface Executor {
  /** Gets ready to run jobs. Rejects with a coded error when it cannot. */
  start(): Promise<void>;
  /** Every name that can be run, former ones included; known once it has started. */
  names(): readonly string[];
  knows(name: string): boolean;
  /** What a job ends by its death is its own and no other's: who is to blame is known without trying it alone. */
  readonly deathsAreOwn: boolean;
  /** Runs that can go on at the same time here, now. */
  readonly slots: number;
  /** Whether one more run can be taken, given how many are here. */
  hasRoom(runs: number): boolean;
  /** Begins a run, now or soon. `ended` is called once, and at once for a job that gave no promise. */
  execute(run: JobRun, ended: (verdict: Verdict | NotBegun) => void): void;
  /** What a run that goes on would come to if it returned this now. Left out: its code has no way to the storage. */
  conclude?(run: JobRun, result: unknown): Verdict | Promise<Verdict>;
  /** Ends what still runs, however it takes it; nobody waits for an outcome any more. */
  stop(): Promise<void>;
}
