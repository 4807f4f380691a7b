import { FLAG, TAIL } from "../../storage/index.ts";
import { HOLD, STATE } from "../shared/state-codes.ts";
import { plainArray, textArray } from "./arrays.ts";
import { type KeyLimit, Permits, READY } from "./permits.ts";
import { attached, SHARED, shared } from "./row.ts";
import { CLOCK, left, type Runner, type Statement, sought, stamped } from "./statements.ts";
import { tallied } from "./tally.ts";

/** A job that a due time or a gate has held; its row is locked, and so is its key. */
export interface HeldJob {
  readonly id: string;
  readonly rank: number;
  readonly limit: KeyLimit | null;
  /** What is stamped into its history. */
  readonly tail: string;
}

/** New seqs are drawn in the order in which the jobs are given. $4: the state that they leave. */
const ENTER: Statement = {
  name: "enter",
  text: (t) => `
  WITH ${CLOCK},
  numbered AS MATERIALIZED (
    SELECT i.*, nextval('${t.jobSeq}') AS seq
    FROM unnest($1::uuid[], $2::smallint[], $3::text[]) AS i(id, hold, tail)
  ),
  entered AS (
    UPDATE ${t.job} j SET state = ${STATE.Enqueued}, hold = n.hold, state_at = c.now, entry = '', seq = n.seq,
      fence = j.fence + 1, history = j.history || ${left("j")} || ${stamped("c.now", "n.tail")}
    FROM numbered n, clock c WHERE ${sought("j.id", "n.id")}
    RETURNING j.hold, j.queue
  ),
  counted AS (${tallied(t, "entered", { from: "$4::smallint", to: STATE.Enqueued })})
  SELECT hold, queue FROM entered`,
};

const SKIP: Statement = {
  name: "skip",
  text: (t) => `
  WITH ${CLOCK},
  m AS (
    DELETE FROM ${t.job} j USING unnest($1::uuid[], $2::text[]) AS i(id, tail) WHERE ${sought("j.id", "i.id")}
    RETURNING ${shared("j")}, i.tail
  ),
  counted AS (${tallied(t, "m", { from: "$4::smallint", to: STATE.Deleted })})
  INSERT INTO ${t.jobDone} (${SHARED.join(", ")})
  SELECT m.id, nextval('${t.jobSeq}'), c.now, m.created_at, m.due_at, m.fence + 1, m.failures, m.crashes, m.rank,
    ${STATE.Deleted}, m.flags, m.queue, m.name, m.args, m.display_name, $3,
    m.history || ${left("m")} || ${stamped("c.now", "m.tail")}, m.planned_at, m.parameters, ${attached("m")}
  FROM m, clock c
  RETURNING id, flags`,
};

/** Takes jobs to where they go now that nothing else holds them. Those that were skipped and have children. */
export async function letIn(tx: Runner, jobs: readonly HeldJob[], from: number): Promise<string[]> {
  const keys = jobs.flatMap(({ limit }) => limit?.key ?? []);
  const permits = await Permits.load(tx, keys, jobs.length + 1);
  const entrances = jobs.map(({ id, rank, limit }) =>
    limit === null ? READY : permits.enter({ id, rank, seq: null, limit }),
  );
  const isSkipped = (nth: number) => entrances[nth]?.state === STATE.Deleted;
  const entering = jobs.flatMap((job, nth) =>
    isSkipped(nth) ? [] : [{ job, hold: entrances[nth]?.hold ?? 0 }],
  );
  const skipped = jobs.filter((_, nth) => isSkipped(nth));
  if (entering.length > 0) {
    const rows = await tx.run<[hold: number, queue: string]>(ENTER, [
      textArray(entering.map(({ job }) => job.id)),
      plainArray(entering.map(({ hold }) => hold)),
      textArray(entering.map(({ job }) => job.tail)),
      from,
    ]);
    for (const [hold, queue] of rows) if (hold === HOLD.none) tx.news.readied(queue);
  }
  if (skipped.length === 0) return [];
  tx.news.happened("finished");
  const rows = await tx.run<[id: string, flags: number]>(SKIP, [
    textArray(skipped.map(({ id }) => id)),
    textArray(skipped.map(({ tail }) => tail)),
    TAIL.skipped,
    from,
  ]);
  return rows.flatMap(([id, flags]) => ((flags & FLAG.parent) === 0 ? [] : [id]));
}
