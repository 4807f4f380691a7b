/**
 * What writes have left over: because it was too much for one, because a neighbour held it, or because it was a caller's
 * transaction. Like the writes themselves it waits for no lock; what cannot be had now is written down once more.
 */
import { FLAG, isFinal, type ReleaseResult, TAIL } from "../../storage/index.ts";
import { STATE, toState } from "../shared/state-codes.ts";
import { textArray } from "./arrays.ts";
import { freePermits, settle, spansOf } from "./gates.ts";
import { idsOf } from "./insert-decided.ts";
import { MARK_PARENTS } from "./insert-decided-statements.ts";
import {
  type Ending,
  hasRecords,
  type ReleaseRecord,
  takeRecords,
  type Work,
  workOf,
  writeDownSkips,
  writeDownWork,
} from "./release-records.ts";
import { SKIP_WAITING, STILL_WAITING, TAKE_PARENTS, TAKE_PARENTS_DONE } from "./release-statements.ts";
import type { Runner, Session } from "./statements.ts";

export function release(session: Session, limit: number): Promise<ReleaseResult> {
  return session.attempt("release jobs", async () => {
    if (!(await hasRecords(session))) return { released: 0, more: false };
    return await session.transaction(async (tx) => {
      const records = await takeRecords(tx, limit);
      return { released: await workOff(tx, records, limit), more: await hasRecords(tx) };
    });
  });
}

async function workOff(tx: Runner, records: readonly ReleaseRecord[], limit: number): Promise<number> {
  const work = records.flatMap(workOf);
  const isLoose = ({ kind, outcome }: Work) => kind === "edge" && outcome === 0;
  const tied = await tie(tx, work.filter(isLoose));
  let released = await settle(tx, [...work.filter((one) => !isLoose(one)), ...tied], limit);
  const keys = records.flatMap(([, , , , , key]) => key ?? []);
  const admitted = await freePermits(tx, keys, limit - released);
  released += admitted.count;
  const skips = records.flatMap(([kind, id, , , , key]): Skip[] =>
    kind === "skip" && key !== null ? [{ id, key }] : [],
  );
  if (skips.length === 0) return released;
  const skipped = await skipFull(tx, skips, new Set(admitted.later), limit - released);
  released += skipped.keys.length;
  released += await settle(tx, await spansOf(tx, skipped.ended), limit - released);
  // One with a small `max` may have stood before others that are content with less.
  return released + (await freePermits(tx, skipped.keys, limit - released)).count;
}

/**
 * Edges from callers' transactions are tied now that they can be seen: a parent that goes on learns that it has
 * children, one that has ended resolves its edges. Of a parent that is gone nobody knows how it ended: a gate that wants
 * to know breaks.
 */
async function tie(tx: Runner, loose: readonly Work[]): Promise<Work[]> {
  if (loose.length === 0) return [];
  const ids = [...new Set(loose.map(({ id }) => id))].sort();
  const states = new Map<string, number>();
  for (const take of [TAKE_PARENTS, TAKE_PARENTS_DONE]) {
    const rows = await tx.run<[id: string, state: number]>(take, [textArray(ids)]);
    for (const [id, state] of rows) states.set(id, state);
  }
  const held = new Set(
    await idsOf(
      tx,
      ids.filter((id) => !states.has(id)),
    ),
  );
  await writeDownWork(
    tx,
    loose.filter(({ id }) => held.has(id)),
  );
  await tx.run(MARK_PARENTS, [textArray([...states.keys()])]);
  return loose.flatMap((work): Work[] => {
    const outcome = states.get(work.id) ?? STATE.Failed;
    const isEnded = !states.has(work.id) || isFinal(toState(outcome));
    return isEnded && !held.has(work.id) ? [{ ...work, outcome }] : [];
  });
}

interface Skip {
  readonly id: string;
  readonly key: string;
}

interface Skipped {
  readonly keys: readonly string[];
  readonly ended: readonly Ending[];
}

/**
 * Those that got no permit although all were given out. The locks of the keys are ours since then, but for those that
 * are to be looked at once more (`open`): there nothing is decided.
 */
async function skipFull(
  tx: Runner,
  skips: readonly Skip[],
  open: ReadonlySet<string>,
  most: number,
): Promise<Skipped> {
  const decided = skips.filter(({ key }) => !open.has(key)).slice(0, most);
  const rows = await tx.run<[id: string, flags: number]>(SKIP_WAITING, [
    textArray(decided.map(({ id }) => id)),
    TAIL.skipped,
  ]);
  if (rows.length > 0) tx.news.happened("finished");
  const flags = new Map(rows);
  // One that a neighbour holds, or is too much for this bite; one that waits no longer is left alone.
  const left = skips.filter(({ id }) => !flags.has(id));
  const waiting = await tx.run<[id: string]>(STILL_WAITING, [textArray(left.map(({ id }) => id))]);
  const still = new Set(waiting.map(([id]) => id));
  await writeDownSkips(
    tx,
    left
      .filter(({ id }) => still.has(id))
      .map(({ id, key }) => ({ id, limit: { key, max: 1, whenFull: "skip" } })),
  );
  return {
    keys: decided.filter(({ id }) => flags.has(id)).map(({ key }) => key),
    ended: rows.flatMap(([id, of]) => ((of & FLAG.parent) === 0 ? [] : [{ id, outcome: STATE.Deleted }])),
  };
}
