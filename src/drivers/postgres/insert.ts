import type { InsertOutcome, NewJob } from "../../storage/index.ts";
import { insertDecided } from "./insert-decided.ts";
import { insertRows, plainState } from "./insert-row.ts";
import { insertWithin } from "./insert-within.ts";
import type { Runner, Session } from "./statements.ts";

export function insert(session: Session, jobs: readonly NewJob[]): Promise<InsertOutcome[]> {
  if (jobs.length === 0) return Promise.resolve([]);
  return session.attempt("store jobs", async () => {
    if (jobs.some(isDecided)) {
      return await session.transaction((tx) => (tx.putsOff ? insertWithin : insertDecided)(tx, jobs));
    }
    return await insertPlain(session, jobs);
  });
}

/** Where another job decides how this one begins: those behind its gate, or those of its key. */
export function isDecided({ gate, limit, due }: NewJob): boolean {
  return gate !== undefined || (limit !== undefined && due === undefined);
}

export async function insertPlain(runner: Runner, jobs: readonly NewJob[]): Promise<InsertOutcome[]> {
  const stored = await insertRows(
    runner,
    jobs.map((job) => ({ job, first: plainState(job) })),
  );
  return outcomesOf(jobs, stored);
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
