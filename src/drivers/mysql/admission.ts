import { type NewJob, TAIL } from "../../storage/index.ts";
import { HOLD } from "../shared/state-codes.ts";
import type { FirstState } from "./insert-row.ts";
import { lockKeys } from "./keys.ts";
import { isBefore } from "./mark.ts";
import { firstWaiters, inUse } from "./permits.ts";
import type { Transaction } from "./transaction.ts";

interface Key {
  inUse: number;
  first: { readonly rank: number; readonly seq: number } | undefined;
}

/** What jobs of one call find where their limits are: what stands in the store, and those of the call before them. */
export interface Admission {
  /** The job as it begins: ready, or waiting for a permit, or skipped. */
  enter(job: NewJob, first: FirstState): FirstState;
}

/** Locks, and makes, the keys of all jobs; an insert may wait, and nobody who has a key waits for what it holds. */
export async function admitting(tx: Transaction, jobs: readonly NewJob[]): Promise<Admission> {
  const names = jobs.flatMap(({ limit }) => limit?.key ?? []);
  await lockKeys(tx, names);
  const keys = new Map<string, Key>();
  for (const name of new Set(names)) {
    const [first] = await firstWaiters(tx.sql, name, 1);
    keys.set(name, { inUse: await inUse(tx.sql, name), first });
  }
  return { enter: (job, first) => enter(keys, job, first) };
}

function enter(keys: ReadonlyMap<string, Key>, { rank, limit }: NewJob, first: FirstState): FirstState {
  if (limit === undefined || first.state !== "Enqueued") return first;
  const key = keys.get(limit.key);
  if (key === undefined) throw new Error("a key that was not locked");
  const place = { rank, seq: first.seq };
  const goesFirst = key.first === undefined || isBefore(place, key.first);
  if (goesFirst && key.inUse < limit.max) {
    key.inUse++;
    return first;
  }
  if (limit.whenFull === "skip") return { ...first, state: "Deleted", entry: TAIL.skipped };
  if (goesFirst) key.first = place;
  return { ...first, hold: HOLD.limit };
}
