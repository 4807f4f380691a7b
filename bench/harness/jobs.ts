import { BackgroundJobClient, defineJobs, type Logger, type Storage } from "firelater";

/** Warnings (a weak durability is one at every start) would stand between the lines of the report; errors may. */
export const quiet: Logger = { debug() {}, info() {}, warn() {}, error: console.error };

/** Only what is asked for runs: nothing is cleaned away while it is measured. */
export const KEEP_ALL = { succeeded: "forever", failed: "forever", deleted: "forever" } as const;

/** A job that does nothing, and tells when the n-th run begins. */
export class Noop {
  #started = 0;
  readonly #tellAt: number;
  readonly #tell: () => void;
  readonly jobs = defineJobs({ noop: () => this.#run() });

  constructor(tellAt: number, tell: () => void) {
    this.#tellAt = tellAt;
    this.#tell = tell;
  }

  #run(): void {
    if (++this.#started === this.#tellAt) this.#tell();
  }
}

/** The job set of processes that only enqueue. */
export const noopJobs = defineJobs({ noop() {} });

export async function enqueueNoops(storage: Storage, count: number): Promise<void> {
  await using client = new BackgroundJobClient({ storage, jobs: noopJobs });
  await client.enqueueMany(function* (j) {
    for (let i = 0; i < count; i++) yield j.noop();
  });
}

/**
 * A result counts only if the work was done: the newest jobs that have succeeded have all three states in their past.
 * What an earlier run has left is older and is not looked at.
 */
export async function requireWholeHistory(storage: Storage, newest: number): Promise<void> {
  let seen = 0;
  let whole = 0;
  let after: string | undefined;
  while (seen < newest) {
    const limit = Math.min(1_000, newest - seen);
    const page = await storage.list({ state: "Succeeded", limit, ...(after === undefined ? {} : { after }) });
    whole += page.rows.filter(({ history, state }) => statesOf(history, state) === WHOLE_LIFE).length;
    seen += page.rows.length;
    if (page.next === null) break;
    after = page.next;
  }
  if (whole !== newest) throw new Error(`${whole} of ${newest} jobs have succeeded with their whole history`);
}

const WHOLE_LIFE = "Enqueued,Processing,Succeeded";

function statesOf(history: string, state: string): string {
  return [...[...history.matchAll(/"state":"(\w+)"/g)].map(([, name]) => name), state].join();
}
