import type { Serial } from "../../base/serial.ts";
import type { InsertOutcome, NewJob } from "../../storage/index.ts";
import { insertDecided } from "./insert-decided.ts";
import { insertNewRows, insertRows, plainState, type RowsInsert, rowsInsert } from "./insert-row.ts";
import { insertWithin } from "./insert-within.ts";
import type { Runner, Session } from "./statements.ts";

/** Puts the rows together before it waits for its turn: by then the insert before is mostly done. */
export function insertInTurn(
  session: Session,
  inserts: Serial,
  jobs: readonly NewJob[],
): Promise<InsertOutcome[]> {
  const writing = toWrite(session, jobs);
  return inserts.run(() => session.attempt("store jobs", writing));
}

export function insert(session: Session, jobs: readonly NewJob[]): Promise<InsertOutcome[]> {
  return session.attempt("store jobs", toWrite(session, jobs));
}

function toWrite(session: Session, jobs: readonly NewJob[]): () => Promise<InsertOutcome[]> {
  if (jobs.length === 0) return () => Promise.resolve([]);
  if (jobs.some(isDecided)) {
    return () => session.transaction((tx) => (tx.putsOff ? insertWithin : insertDecided)(tx, jobs));
  }
  const made = plainInsert(session, jobs);
  const areNew = session.putsOff === undefined && jobs.every(({ isNew }) => isNew === true);
  return async () => {
    if (areNew && (await insertNewRows(session, made))) return jobs.map(() => ({ outcome: "inserted" }));
    return outcomesOf(jobs, await insertRows(session, made));
  };
}

/** Where another job decides how this one begins: those behind its gate, or those of its key. */
export function isDecided({ gate, limit, due }: NewJob): boolean {
  return gate !== undefined || (limit !== undefined && due === undefined);
}

export async function insertPlain(runner: Runner, jobs: readonly NewJob[]): Promise<InsertOutcome[]> {
  return outcomesOf(jobs, await insertRows(runner, plainInsert(runner, jobs)));
}

function plainInsert(runner: Runner, jobs: readonly NewJob[]): RowsInsert {
  return rowsInsert(
    runner,
    jobs.map((job) => ({ job, first: plainState(job) })),
  );
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
