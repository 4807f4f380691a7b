import type { InsertOutcome, NewJob } from "../../storage/index.ts";
import { insert, plainState } from "./insert.ts";
import { insertReady } from "./insert-ready.ts";
import { INSERTED, insertRows } from "./insert-row.ts";
import type { Transaction } from "./transaction.ts";

/** What decides how the jobs of a call begin: nothing, the clock, or other jobs too. */
type Deciding = "nothing" | "clock" | "others";

/**
 * Stores the jobs of one call. Nearly always their ids are new, so that is not asked: where one is not, its key is there
 * already, the whole attempt is undone, and the next one looks first.
 */
export class Insertion {
  readonly #jobs: readonly NewJob[];
  #deciding: Deciding;

  constructor(jobs: readonly NewJob[]) {
    this.#jobs = jobs;
    this.#deciding = decidingFor(jobs);
  }

  async begin(tx: Transaction): Promise<void> {
    if (this.#deciding !== "nothing") await tx.readClock();
  }

  async run(tx: Transaction): Promise<InsertOutcome[]> {
    const deciding = this.#deciding;
    this.#deciding = "others";
    if (deciding === "others") return await insert(tx, this.#jobs);
    if (deciding === "nothing") await insertReady(tx, this.#jobs);
    else await insertPlain(tx, this.#jobs);
    return this.#jobs.map(() => INSERTED);
  }
}

function decidingFor(jobs: readonly NewJob[]): Deciding {
  if (jobs.some(({ gate, limit }) => gate !== undefined || limit !== undefined)) return "others";
  return jobs.some(({ due }) => due !== undefined) ? "clock" : "nothing";
}

async function insertPlain(tx: Transaction, jobs: readonly NewJob[]): Promise<void> {
  const firstSeq = await tx.nextSeqs(jobs.length);
  await insertRows(
    tx,
    jobs.map((job, nth) => ({ job, first: plainState(tx, job, firstSeq + nth) })),
  );
}
