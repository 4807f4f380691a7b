import type { InsertOutcome, NewJob } from "../../storage/index.ts";
import type { Connection } from "./connection.ts";
import { insertGated } from "./insert-gated.ts";
import { insertRows, plainState } from "./insert-row.ts";

export function insert(connection: Connection, jobs: readonly NewJob[]): Promise<InsertOutcome[]> {
  if (jobs.length === 0) return Promise.resolve([]);
  return connection.attempt("store jobs", async () => {
    if (jobs.some((job) => job.gate !== undefined)) {
      return await connection.transaction((tx) => insertGated(tx, jobs));
    }
    const stored = await insertRows(
      connection,
      jobs.map((job) => ({ job, first: plainState(job) })),
    );
    return outcomesOf(jobs, stored);
  });
}

function outcomesOf(jobs: readonly NewJob[], stored: ReadonlySet<string>): InsertOutcome[] {
  const answered = new Set<string>();
  return jobs.map(({ id }) => {
    // Of one id twice in a call the first is the one that was stored.
    const first = stored.has(id) && !answered.has(id);
    answered.add(id);
    return { outcome: first ? "inserted" : "exists" };
  });
}
