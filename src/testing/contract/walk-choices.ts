import {
  type Change,
  type CommitState,
  entryTail,
  GATE_CONDITIONS,
  type JobRecord,
  type NewJob,
} from "../../storage/index.ts";
import { behindWhen, changeOf, LONG_MS, limited, newJob } from "./builders.ts";
import type { Random } from "./random.ts";

export const QUEUES: readonly string[] = ["a", "b"];
const STATES: readonly CommitState[] = [
  "Succeeded",
  "Succeeded",
  "Failed",
  "Scheduled",
  "Enqueued",
  "Enqueued",
  "Deleted",
];

/** A job of any kind, among jobs of these ids: with an id that is there, behind parents, at a time, of a key. */
export function anyJob(random: Random, ids: readonly string[]): NewJob {
  const id = () => random.pick(ids) ?? "";
  const condition = random.pick(GATE_CONDITIONS) ?? "ended";
  const gated = behindWhen(condition, id(), id());
  const kinds = [{}, {}, { due: { at: 1_000 } }, { due: { in: LONG_MS } }, { id: id() }, gated, gated, gated];
  const kind = ids.length === 0 ? {} : (random.pick(kinds) ?? {});
  const placed = { queue: random.pick(QUEUES) ?? "", rank: random.below(3) - 1 };
  return newJob({ ...kind, ...placed, ...anyLimit(random), ...anyAttachment(random) });
}

/** Few keys of few permits, so that jobs are in each other's way; `max` differs, as between two deploys. */
function anyLimit(random: Random): Partial<NewJob> {
  if (random.below(3) === 0) return {};
  const key = random.pick(["x", "y"]) ?? "";
  return limited(key, 1 + random.below(3), random.below(3) === 0 ? "skip" : "wait");
}

function anyAttachment(random: Random): Partial<NewJob> {
  return (
    random.pick([{}, { parameters: `{"a":${random.below(9)}}` }, { tags: ["t", `${random.below(9)}`] }]) ?? {}
  );
}

/** A change to any state, with an entry that no other change has. */
export function anyChange(random: Random, job: JobRecord, nth: number): Change {
  const state = random.pick(STATES) ?? "Failed";
  const scheduled = { due: random.below(2) === 0 ? { at: 2_000 } : { in: LONG_MS } };
  const enqueued = { keepSeq: random.below(2) === 0 };
  return changeOf(job, state, {
    entry: entryTail(state, `step ${nth}`),
    failed: random.below(2) === 0,
    ...(state === "Scheduled" ? scheduled : state === "Enqueued" ? enqueued : {}),
    ...(random.below(3) === 0 ? { parameters: `{"step":${nth}}` } : {}),
    ...(random.below(4) === 0 ? { queue: random.pick(QUEUES) ?? "" } : {}),
  });
}
