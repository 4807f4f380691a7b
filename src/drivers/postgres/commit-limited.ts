import type { Change } from "../../storage/index.ts";
import { HOLD, STATE } from "../shared/state-codes.ts";
import { plainArray, textArray } from "./arrays.ts";
import { type Move, moveOf } from "./commit-moves.ts";
import { LOCK_LIMITED, LOCK_LIMITED_DONE } from "./commit-statements.ts";
import { type KeyLimit, Permits, tryLockKeys } from "./permits.ts";
import type { Runner } from "./statements.ts";

/** A limited job that is about to change, as it stands before. */
export interface Limited {
  readonly limit: KeyLimit;
  readonly rank: number;
  readonly seq: number;
  /** It would become ready and is not on its way: it needs a permit. */
  readonly enters: boolean;
}

type Row = [
  nth: number,
  state: number,
  hold: number,
  rank: number,
  seq: number,
  key: string,
  max: number,
  skip: boolean,
];

/** Locks the limited jobs among those that change; the others are left out. */
export async function lockLimited(
  tx: Runner,
  places: ReadonlyMap<Change, "from-job" | "from-job-done">,
): Promise<ReadonlyMap<Change, Limited>> {
  const found = new Map<Change, Limited>();
  for (const [place, statement] of [
    ["from-job", LOCK_LIMITED],
    ["from-job-done", LOCK_LIMITED_DONE],
  ] as const) {
    const changes = [...places].filter(([, at]) => at === place).map(([change]) => change);
    if (changes.length === 0) continue;
    const rows = await tx.run<Row>(statement, [
      textArray(changes.map(({ id }) => id)),
      plainArray(changes.map(({ fence }) => fence)),
    ]);
    for (const row of rows) {
      const change = changes[row[0] - 1];
      if (change !== undefined) found.set(change, toLimited(change, row));
    }
  }
  return found;
}

function toLimited(change: Change, [, state, hold, rank, seq, key, max, skip]: Row): Limited {
  // A job that is on its way already keeps its permit.
  const isOnItsWay = state === STATE.Processing || (state === STATE.Enqueued && hold !== HOLD.limit);
  const limit = { key, max, whenFull: skip ? "skip" : "wait" } as const;
  return { limit, rank, seq, enters: change.state === "Enqueued" && !isOnItsWay };
}

/** How those that need a permit are written. A key whose lock a neighbour has makes them busy: they are left out. */
export async function enterLimited(tx: Runner, limited: ReadonlyMap<Change, Limited>): Promise<Move[]> {
  const entering = [...limited].filter(([, { enters }]) => enters);
  const keys = entering.map(([, { limit }]) => limit.key);
  const locked = await tryLockKeys(tx, keys);
  const permits = await Permits.load(tx, [...locked], entering.length + 1);
  return entering.flatMap(([change, { limit, rank, seq }]): Move[] => {
    if (!locked.has(limit.key)) return [];
    const place = { id: change.id, rank, seq: change.keepSeq === true ? seq : null, limit };
    return [{ ...moveOf(change), ...permits.enter(place) }];
  });
}
