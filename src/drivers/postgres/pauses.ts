import type { QueuePause } from "../../storage/index.ts";
import { fromStored, toStored } from "./opaque.ts";
import type { Tables } from "./schema.ts";
import { CLOCK, type Session, type Statement } from "./statements.ts";

/** A look by index into a table that is nearly always empty, once for each stretch. OFFSET 0 keeps it from being a join. */
export function isOpen(t: Tables, queue: string): string {
  return `NOT EXISTS (SELECT FROM ${t.pause} x WHERE x.queue = ${queue} OFFSET 0)`;
}

/**
 * Finds no row, as no queue has an empty name. What it is for is the lock of the table that FOR KEY SHARE means: it ends
 * with the claim, and `pauseQueue` waits for it. Without it a claim that had begun before the pause could take a job
 * after it. Nobody else waits for anybody: a dump of the database, for one, takes a weaker lock.
 */
export const HOLDS_PAUSES_OFF = (t: Tables): string =>
  `NOT EXISTS (SELECT FROM ${t.pause} x WHERE x.queue = '' FOR KEY SHARE)`;

/** Waits for the claims that are under way, and lets those that come wait for the end of this transaction. */
const HOLD_CLAIMS: Statement = {
  name: "hold-claims-off",
  text: (t) => `LOCK TABLE ${t.pause} IN EXCLUSIVE MODE`,
};

const PAUSE: Statement = {
  name: "pause-queue",
  text: (t) => `
  WITH ${CLOCK}
  INSERT INTO ${t.pause} (queue, at, note) SELECT $1, c.now, $2 FROM clock c
  ON CONFLICT (queue) DO UPDATE SET at = excluded.at, note = excluded.note`,
};

/** A number is drawn for those who cannot listen: they look whether a sequence has moved. */
const RESUME: Statement = {
  name: "resume-queue",
  text: (t) => `DELETE FROM ${t.pause} WHERE queue = $1 RETURNING nextval('${t.jobSeq}')`,
};

const PAUSES: Statement = {
  name: "pauses",
  text: (t) => `SELECT x.queue, x.at, x.note FROM ${t.pause} x ORDER BY x.queue LIMIT $1`,
};

export async function pauseQueue(session: Session, queue: string, note: string): Promise<void> {
  await session.attempt("pause a queue", () =>
    session.transaction(async (tx) => {
      await tx.run(HOLD_CLAIMS, []);
      await tx.run(PAUSE, [queue, toStored(note)]);
    }),
  );
}

export async function resumeQueue(session: Session, queue: string): Promise<boolean> {
  const rows = await session.attempt("resume a queue", () => session.run(RESUME, [queue]));
  if (rows.length > 0) session.news.readied(queue);
  return rows.length > 0;
}

/** The first so many by the bytes of their names. */
export async function pauses(session: Session, limit: number): Promise<Map<string, QueuePause>> {
  const rows = await session.run<[queue: string, at: number, note: string]>(PAUSES, [limit]);
  return new Map(rows.map(([queue, at, note]) => [queue, { at, note: fromStored(note) }]));
}
