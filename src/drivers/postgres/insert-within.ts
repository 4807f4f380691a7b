import type { InsertOutcome, NewJob } from "../../storage/index.ts";
import { HOLD } from "../shared/state-codes.ts";
import { textArray } from "./arrays.ts";
import { RaceError } from "./errors.ts";
import { idsOf, planInserts, write } from "./insert-decided.ts";
import { toStored } from "./opaque.ts";
import { WAITING } from "./permits.ts";
import { putOff } from "./release-records.ts";
import type { Runner, Statement } from "./statements.ts";

const STATES: Statement = {
  name: "states",
  text: (t) => `
  SELECT p.id, r.state FROM unnest($1::uuid[]) AS p(id)
  CROSS JOIN LATERAL (
    SELECT j.state FROM ${t.job} j WHERE j.id = p.id
    UNION ALL
    SELECT d.state FROM ${t.jobDone} d WHERE d.id = p.id
  ) r`,
};

/** A permit is given by who holds the lock of its key, and a caller would hold it until it commits. */
const NO_PERMITS = { enter: () => WAITING };

/**
 * Jobs of a caller's transaction of which at least one has parents or a limit. Nothing that is there is locked: a parent
 * may end before the caller commits, and `release` looks at it once more when the children are there to be seen.
 */
export async function insertWithin(tx: Runner, jobs: readonly NewJob[]): Promise<InsertOutcome[]> {
  const existing = new Set(
    await idsOf(
      tx,
      jobs.map(({ id }) => id),
    ),
  );
  const parents = new Set(jobs.flatMap(({ gate }) => gate?.parents ?? []));
  const states = await tx.run<[id: string, state: number]>(STATES, [textArray([...parents])]);
  const plan = planInserts(jobs, existing, new Map(states), NO_PERMITS);
  await write(tx, plan);
  await putOff(
    tx,
    plan.rows.flatMap(({ job: { id, limit }, first }) =>
      limit === undefined || first.hold !== HOLD.limit
        ? []
        : [{ id, limit: { ...limit, key: toStored(limit.key) } }],
    ),
  );
  return plan.outcomes;
}

/**
 * For transactions that keep one snapshot. They see neither that a job of the same id has come, run and finished since,
 * and would store it a second time, nor a parent that is younger than they are.
 */
export async function refuseOutdated(
  own: Runner,
  jobs: readonly NewJob[],
  outcomes: readonly InsertOutcome[],
): Promise<void> {
  const unseen = jobs.flatMap(({ id }, nth) => {
    const outcome = outcomes[nth];
    if (outcome?.outcome === "parent-not-found") return [outcome.parent];
    return outcome?.outcome === "inserted" ? [id] : [];
  });
  if ((await idsOf(own, unseen)).length > 0) throw new RaceError();
}
